// Which way the frames of calls go in a run of the suites: FRAME_PATH=connect, as the project media-connect has it, sends them
// through Connect, else they go by the lane, as they do by default.
import type { MediaServerOptions } from '@byova/media';

/** The option that a server under test is given. */
export const framePath: NonNullable<MediaServerOptions['framePath']> =
  process.env['FRAME_PATH'] === 'connect' ? 'connect' : 'lane';

/** Every value of the option, for suites that run all of them themselves. */
export const FRAME_PATHS = ['lane', 'connect'] as const satisfies readonly NonNullable<
  MediaServerOptions['framePath']
>[];
