// How a prompt that was given to `play`, or that went with a question, went.
import type { AbortReason } from '../errors/media-errors.ts';

/**
 * How a play went.
 *
 * - `completed`: heard to its end, or, for a prompt that cannot be interrupted, sent to its end.
 * - `interrupted`: the caller heard `heardMs` of it; `reason` is `barge_in` when the caller cut it, or why else it
 *   stopped.
 *
 * `heardText` is what was heard of its text, where the source told the text.
 */
export type PlayResult =
  | { readonly status: 'completed'; readonly durationMs: number; readonly heardText: string | undefined }
  | {
      readonly status: 'interrupted';
      readonly heardMs: number;
      readonly heardText: string | undefined;
      readonly reason: AbortReason;
    };
