// The frame path that a run of the suites tests: FRAME_PATH=streams|tap|connect, as the projects of vitest.config.ts set it.
import type { MediaServerOptions } from '@byova/media';

type FramePath = NonNullable<MediaServerOptions['framePath']>;

/** Every path, for suites that run on all of them at once. */
export const FRAME_PATHS: readonly FramePath[] = ['streams', 'tap', 'connect'];

function read(name: string | undefined): FramePath {
  if (name === undefined) return 'streams';
  const known = FRAME_PATHS.find((path) => path === name);
  if (known === undefined) throw new Error(`FRAME_PATH is ${name}; give ${FRAME_PATHS.join(', ')}.`);
  return known;
}

/** The option for the server under test. */
export const framePath: FramePath = read(process.env['FRAME_PATH']);
