// Pulls the pieces of one prompt from its source, and leaves the source in order whatever happens: when the caller
// interrupts, its `return()` is called and waited for at most a second.
import type { PromptAudio, SpokenText } from '../prompt/prompt.ts';
import { ABORTED, waitWhileWanted } from './abortable.ts';
import type { Clock } from './clock.ts';

const RETURN_WAIT_MS = 1000;

async function leave(iterator: AsyncIterator<unknown>, clock: Clock): Promise<void> {
  if (iterator.return === undefined) return;
  const { promise, resolve } = Promise.withResolvers<void>();
  const timer = clock.setTimer(resolve, RETURN_WAIT_MS);
  // A source that fails while it is being told to stop has nothing to tell anybody.
  iterator.return().then(
    () => resolve(),
    () => resolve(),
  );
  await promise;
  timer.cancel();
}

/** Calls `take` with each piece until the audio ends or `signal` is aborted; waits where `take` gives a promise. */
export async function forEachPiece(
  audio: Exclude<PromptAudio, Uint8Array>,
  signal: AbortSignal,
  clock: Clock,
  take: (piece: Uint8Array | SpokenText) => Promise<void> | undefined,
): Promise<void> {
  const iterator = audio[Symbol.asyncIterator]();
  const waiting = waitWhileWanted(signal);
  // A source that ended or failed needs no telling that it may stop.
  let running = true;
  try {
    while (!signal.aborted) {
      running = false;
      const result = await waiting.until(iterator.next());
      running = result === ABORTED || result.done !== true;
      if (result === ABORTED || result.done === true) return;
      const wait = take(result.value);
      if (wait !== undefined && (await waiting.until(wait)) === ABORTED) return;
    }
  } finally {
    waiting.release();
    if (running) await leave(iterator, clock);
  }
}
