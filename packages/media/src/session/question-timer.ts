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

/** A class: most calls wait for the answer to a question most of the time. */
class AnswerTimer implements QuestionTimer {
  readonly #clock: Clock;
  readonly #onUsedUp: () => void;
  #leftMs: number;
  #startedMs: number | undefined;
  #timer: ClockTimer | undefined;

  constructor(clock: Clock, timeoutMs: number | undefined, onUsedUp: () => void) {
    this.#clock = clock;
    this.#onUsedUp = onUsedUp;
    this.#leftMs = timeoutMs ?? Number.POSITIVE_INFINITY;
  }

  /** Gives how long was waited. */
  #stand(): number {
    this.#timer?.cancel();
    this.#timer = undefined;
    const waitedMs = this.#startedMs === undefined ? 0 : Math.max(0, this.#clock.now() - this.#startedMs);
    this.#startedMs = undefined;
    this.#leftMs = Math.max(0, this.#leftMs - waitedMs);
    return waitedMs;
  }

  limit(expectation: InputExpectation): InputExpectation {
    const leftMs = this.#leftMs;
    if (leftMs === Number.POSITIVE_INFINITY) return expectation;
    const { noInputMs } = expectation;
    // 0 would be never.
    return { ...expectation, noInputMs: Math.max(1, Math.ceil(Math.min(noInputMs || leftMs, leftMs))) };
  }

  start(fromMs: number): void {
    if (this.#leftMs === Number.POSITIVE_INFINITY) return;
    this.#stand();
    this.#startedMs = fromMs;
    this.#timer = this.#clock.setTimer(
      () => {
        this.#stand();
        this.#leftMs = 0;
        this.#onUsedUp();
      },
      fromMs - this.#clock.now() + this.#leftMs + GRACE_MS,
    );
  }

  stop(): void {
    this.#stand();
  }

  silent(ms: number): void {
    if (this.#leftMs === Number.POSITIVE_INFINITY) return;
    // Its clock decides, not ours: it knows when the prompt ended.
    const waitedMs = this.#stand();
    this.#leftMs = Math.max(0, this.#leftMs - Math.max(0, ms - waitedMs));
  }

  get usedUp(): boolean {
    return this.#leftMs <= 0;
  }
}

/** Makes a timer that stands; without `timeoutMs` it never runs out. */
export function createQuestionTimer(clock: Clock, timeoutMs: number | undefined, onUsedUp: () => void): QuestionTimer {
  return new AnswerTimer(clock, timeoutMs, onUsedUp);
}
