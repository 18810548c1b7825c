// Pulls the pieces of one prompt from its source, and leaves the source in order whatever happens: when the caller
// interrupts, its `return()` is called and waited for at most a second.
import { MediaError } from '../errors/media-errors.ts';
import { FairTurns } from '../prompt/fair-turns.ts';
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

/** The engine checks it for a `for await`, which this is not: it could not be left while it waits. */
function checkResult(result: unknown): void {
  if (typeof result === 'object' && result !== null) return;
  throw new MediaError({
    code: 'PROMPT_FAILED',
    message: 'next() of an iterator of audio gave no object; it must give { value, done }.',
  });
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
  const turns = new FairTurns();
  try {
    while (!signal.aborted) {
      const others = turns.next();
      if (others !== undefined) await others;
      running = false;
      const result = await waiting.until(iterator.next());
      if (result !== ABORTED) checkResult(result);
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
