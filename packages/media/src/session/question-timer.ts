// How long the caller is waited for in one question, over all its attempts. Only silence counts: the timer stands still
// while a prompt plays, from the first key or word on, and while an answer is judged.
import type { InputExpectation } from '../wire/response.ts';
import type { Clock, ClockTimer } from './clock.ts';

/**
 * The platform's NO_INPUT is to come before our own timer: it brings the RPC on which the agent can speak. The timer is
 * there for a platform that sends none.
 */
const GRACE_MS = 1000;

/** The overall timer of one question. */
export interface QuestionTimer {
  /** The platform's no-input timer must not outlast what is left. */
  limit(expectation: InputExpectation): InputExpectation;
  /** The caller is waited for from `fromMs` of the clock on. */
  start(fromMs: number): void;
  /** The caller has begun to do something. */
  stop(): void;
  /** The platform has found the caller silent for so long. */
  silent(ms: number): void;
  /** Nothing is left. */
  readonly usedUp: boolean;
}

/** Makes a timer that stands; without `timeoutMs` it never runs out. */
export function createQuestionTimer(clock: Clock, timeoutMs: number | undefined, onUsedUp: () => void): QuestionTimer {
  let leftMs = timeoutMs ?? Number.POSITIVE_INFINITY;
  let startedMs: number | undefined;
  let timer: ClockTimer | undefined;

  const stop = (): number => {
    timer?.cancel();
    timer = undefined;
    const waitedMs = startedMs === undefined ? 0 : Math.max(0, clock.now() - startedMs);
    startedMs = undefined;
    leftMs = Math.max(0, leftMs - waitedMs);
    return waitedMs;
  };
  return {
    limit(expectation) {
      if (leftMs === Number.POSITIVE_INFINITY) return expectation;
      const { noInputMs } = expectation;
      // 0 would be never.
      return { ...expectation, noInputMs: Math.max(1, Math.ceil(Math.min(noInputMs || leftMs, leftMs))) };
    },
    start(fromMs) {
      if (leftMs === Number.POSITIVE_INFINITY) return;
      stop();
      startedMs = fromMs;
      timer = clock.setTimer(
        () => {
          stop();
          leftMs = 0;
          onUsedUp();
        },
        fromMs - clock.now() + leftMs + GRACE_MS,
      );
    },
    stop() {
      stop();
    },
    silent(ms) {
      if (leftMs === Number.POSITIVE_INFINITY) return;
      // Its clock decides, not ours: it knows when the prompt ended.
      const waitedMs = stop();
      leftMs = Math.max(0, leftMs - Math.max(0, ms - waitedMs));
    },
    get usedUp() {
      return leftMs <= 0;
    },
  };
}
