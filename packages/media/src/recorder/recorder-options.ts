// The options of a recorder: documented here, checked and completed once.
import { z } from 'zod';
import { MediaError } from '../errors/media-errors.ts';
import type { ObservedCall } from '../observability/observation.ts';
import { type Clock, systemClock } from '../session/clock.ts';
import { type Logger, silentLogger } from '../session/logger.ts';
import type { RecordingEnd } from './recording.ts';
import { FRAME_BYTES, FRAMES_PER_MS, HEADER_BYTES } from './stereo-wav.ts';

/** A recording that is complete and on disk. */
export interface CallRecording {
  /** The call. */
  readonly call: ObservedCall;
  /** The file. */
  readonly path: string;
  /** Its size. */
  readonly bytes: number;
  /** How long it is, in ms. */
  readonly durationMs: number;
  /** When it begins. */
  readonly startedAt: Date;
  /**
   * - `call_ended`: all of the call is in it.
   * - `limit`: the call was longer than `maxMs` or `maxBytesPerCall`.
   * - `failed`: the disk took no more.
   * - `closed`: the recorder was closed first.
   */
  readonly endedBy: RecordingEnd;
}

/** What a recorder is made from. Only `directory` is needed. */
export interface RecorderOptions {
  /**
   * The folder: made when it is missing, for its owner alone. On a local disk; for one recorder at a time, but for the
   * overlap of a restart.
   */
  readonly directory: string;
  /**
   * What all recordings may take on disk, in bytes. At the bound the oldest are deleted; when the calls in progress alone
   * reach it, their recordings stop. Default 1 GiB: some 18 hours.
   */
  readonly maxBytesTotal?: number;
  /** What one recording may take, in bytes: 16 000 a second. At the bound it ends. Default 64 MiB: some 70 minutes. */
  readonly maxBytesPerCall?: number;
  /** The longest recording, in ms. At the bound it ends. Default 3 600 000: an hour. */
  readonly maxMs?: number;
  /**
   * What all recordings may hold in memory, in bytes: audio that was sent and not heard yet, and what waits for the disk.
   * Three quarters are for the first, which is left out at the bound; at the bound of the rest recordings stop. Default
   * 256 MiB.
   */
  readonly maxMemoryBytes?: number;
  /**
   * Names the file of a call, between the date and the end of the name. What is not a letter, a digit, `-` or `_` becomes
   * `_`; 64 characters count. Default: the conversation id.
   */
  readonly fileName?: (call: ObservedCall) => string;
  /** Told of each recording that is on disk. What it does is waited for by `close`. */
  readonly onRecorded?: (recording: CallRecording) => void | Promise<void>;
  /** Which calls are recorded. Asked once, when the call begins. Default: all. */
  readonly when?: (call: ObservedCall) => boolean;
  /** Told of recordings that stopped, and of files that a crash left. Default: silent. Give it the server's. */
  readonly logger?: Logger;
  /** The server's clock, where the server was given one. Default: the process's. */
  readonly clock?: Clock;
  /** The date: ms since 1970. Default `Date.now`. */
  readonly now?: () => number;
}

/** The options, complete. */
export interface ResolvedRecorderOptions {
  readonly directory: string;
  readonly maxBytesTotal: number;
  /** The longest recording, by time and by size. */
  readonly maxFrames: number;
  readonly maxMemoryBytes: number;
  readonly fileName: (call: ObservedCall) => string;
  readonly onRecorded: (recording: CallRecording) => void | Promise<void>;
  readonly when: (call: ObservedCall) => boolean;
  readonly logger: Logger;
  readonly clock: Clock;
  readonly now: () => number;
}

const MIB = 1024 * 1024;
const bytes = z.number().int().min(1000);
/** What the sizes in a WAV file can say. */
const MAX_WAV_BYTES = 2 ** 32 - 1;

const schema = z.strictObject({
  directory: z.string().min(1),
  maxBytesTotal: bytes.optional(),
  maxBytesPerCall: bytes.max(MAX_WAV_BYTES).optional(),
  maxMs: z
    .number()
    .min(1)
    .max(24 * 60 * 60 * 1000)
    .optional(),
  maxMemoryBytes: bytes.optional(),
  fileName: z.unknown().optional(),
  onRecorded: z.unknown().optional(),
  when: z.unknown().optional(),
  logger: z.unknown().optional(),
  clock: z.unknown().optional(),
  now: z.unknown().optional(),
});

/** Checks and completes the options of `maker`. */
export function resolveRecorderOptions(
  options: RecorderOptions,
  maker: 'createRecorder' | 'createConversationRecorder' = 'createRecorder',
): ResolvedRecorderOptions {
  const checked = schema.safeParse(options);
  if (!checked.success) {
    throw new MediaError({
      code: 'OPTIONS_INVALID',
      message: `The options of ${maker} are not usable:\n${z.prettifyError(checked.error)}`,
    });
  }
  const maxBytesPerCall = options.maxBytesPerCall ?? 64 * MIB;
  const maxMs = options.maxMs ?? 3_600_000;
  return Object.freeze({
    directory: options.directory,
    maxBytesTotal: options.maxBytesTotal ?? 1024 * MIB,
    maxFrames: Math.floor(Math.min(maxMs * FRAMES_PER_MS, (maxBytesPerCall - HEADER_BYTES) / FRAME_BYTES)),
    maxMemoryBytes: options.maxMemoryBytes ?? 256 * MIB,
    fileName: options.fileName ?? (({ id }: ObservedCall) => id),
    onRecorded: options.onRecorded ?? (() => {}),
    when: options.when ?? (() => true),
    logger: options.logger ?? silentLogger,
    clock: options.clock ?? systemClock,
    now: options.now ?? Date.now,
  });
}
