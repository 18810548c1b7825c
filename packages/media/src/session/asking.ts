// The question that is open: it is put to the caller, what the caller does is judged, and it is put again or answered.
import { abortReason, isAborted, onceAborted } from '../checks/abort-signals.ts';
import { MediaError } from '../errors/media-errors.ts';
import { sameExpectation } from '../turn/expectation.ts';
import type { CallerInput, Gather } from '../turn/gather.ts';
import type { PlayResult } from '../turn/play-result.ts';
import { ABORTED, abortable } from './abortable.ts';
import { assertLive, type CallState, currentExpectation, type Waiter } from './call-state.ts';
import type { CallTurn } from './call-turn.ts';
import { createQuestionTimer, type QuestionTimer } from './question-timer.ts';
import type { Run } from './run.ts';
import type { Speaking } from './speaking.ts';

/** The question of a call that is open. */
export interface Asking {
  /** Opens a question for a run. */
  ask<T>(run: Run, gather: Gather<T>, signal: AbortSignal | undefined): Promise<T>;
  /** Judges what the caller did, on the turn on which it was done. */
  consider(waiter: Waiter, turn: CallTurn, input: CallerInput): void;
  /** From now on, or from the end of what plays, the caller is waited for. */
  awaitAnswer(): void;
  /** The caller has begun to do something. */
  answerBegins(): void;
}

/** What the questions of a call need of it. */
export interface AskingHost {
  readonly call: CallState;
  readonly speaking: Speaking;
  /** Input that the open question cannot use. */
  toHandler(turn: CallTurn, input: CallerInput): void;
}

/** A question that waits; `T` is what its gather makes. */
class OpenQuestion<T> implements Waiter {
  readonly #call: CallState;
  /** Stops listening to the signal of the program that asked. */
  readonly #forgetSignal: (() => void) | undefined;
  readonly #resolve: (value: T) => void;
  readonly #reject: (error: unknown) => void;
  readonly promise: Promise<T>;
  readonly gather: Gather<unknown>;
  readonly run: Run;
  readonly timer: QuestionTimer;
  judging: CallTurn | undefined;

  constructor(call: CallState, run: Run, gather: Gather<T>, signal: AbortSignal | undefined) {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    promise.catch(() => {});
    this.#call = call;
    this.#resolve = resolve;
    this.#reject = reject;
    this.promise = promise;
    this.gather = gather as Gather<unknown>;
    this.run = run;
    this.timer = createQuestionTimer(call.env.clock, gather.timeoutMs, () => {
      if (call.waiter === this && this.judging === undefined) this.resolve(gather.giveUp());
    });
    this.#forgetSignal = signal && onceAborted(signal, () => this.reject(abortReason(signal)));
  }

  #close(): void {
    if (this.#call.waiter === this) this.#call.waiter = undefined;
    this.timer.stop();
    this.#forgetSignal?.();
  }

  resolve(value: unknown): void {
    this.#close();
    // The gather of this waiter made the value, so it is a T.
    this.#resolve(value as T);
  }

  reject(error: unknown): void {
    this.#close();
    this.#reject(error);
  }
}

class CallAsking implements Asking {
  readonly #host: AskingHost;

  constructor(host: AskingHost) {
    this.#host = host;
  }

  awaitAnswer(): void {
    const { call } = this.#host;
    call.waiter?.timer.start(Math.max(call.env.clock.now(), call.playback.playingUntilMs));
  }

  answerBegins(): void {
    this.#host.call.waiter?.timer.stop();
  }

  /** A prompt of a question: how it goes is told, and a failure is the question's. */
  #follow(waiter: Waiter, playing: Promise<PlayResult>): void {
    playing.then(
      (result) => waiter.gather.onPlayed?.(result),
      (error: unknown) => waiter.reject(error),
    );
  }

  consider(waiter: Waiter, turn: CallTurn, input: CallerInput): void {
    const { call, speaking } = this.#host;
    const { gather, timer } = waiter;
    const { signal } = turn.node;
    const reply = speaking.answer(turn, waiter.run);
    call.unhandledCount = 0;
    waiter.run.interrupted = undefined;
    if (input.kind === 'no_input') timer.silent(call.announced?.noInputMs ?? 0);
    else timer.stop();
    if (input.kind === 'dtmf') waiter.judging = turn;
    const { usedUp: last } = timer;
    const judge = async () => {
      // How the prompt went that this input has cut is told first.
      await undefined;
      return gather.consider(input, { signal, last });
    };
    abortable(judge(), signal).then(
      (outcome) => {
        if (waiter.judging === turn) waiter.judging = undefined;
        if (outcome === ABORTED || turn.phase !== 'replying') {
          this.#considerHeld();
          return;
        }
        if (call.waiter !== waiter) {
          // Another input has answered it meanwhile.
          speaking.letGo(waiter.run, reply);
          this.#considerHeld();
          return;
        }
        switch (outcome.type) {
          case 'answer':
            call.waiter = undefined;
            // Newer input may have been considered beside this one: the handler goes on where its answer is.
            waiter.run.turn = turn;
            waiter.run.reply = reply;
            waiter.resolve(outcome.value);
            speaking.letGo(waiter.run, reply);
            break;
          case 'again':
            // A caller who has answered again already needs no prompt.
            if (outcome.prompt !== undefined && call.held === undefined) {
              gather.onPlayed?.(undefined);
              this.#follow(waiter, speaking.play(waiter.run, outcome.prompt, { bargeIn: gather.bargeIn }));
            }
            reply.finish(speaking.ending());
            this.#considerHeld();
            break;
          case 'pass':
            reply.abandon('superseded');
            this.#host.toHandler(turn, input);
            break;
        }
      },
      (error: unknown) => {
        if (call.waiter === waiter) call.waiter = undefined;
        waiter.reject(error);
        speaking.letGo(waiter.run, reply);
      },
    );
  }

  /** What the caller did while an answer was judged, if the question is still open. */
  #considerHeld(): void {
    const { call } = this.#host;
    const { held, waiter } = call;
    if (held === undefined || waiter === undefined || waiter.judging !== undefined) return;
    call.held = undefined;
    this.consider(waiter, held.turn, held.input);
  }

  ask<T>(run: Run, gather: Gather<T>, signal: AbortSignal | undefined): Promise<T> {
    const { call, speaking } = this.#host;
    assertLive(call);
    if (call.waiter !== undefined) {
      throw new MediaError({
        code: 'SESSION_BUSY',
        message: 'Another question to this caller is open. Await its answer before asking the next one.',
      });
    }
    run.interrupted = undefined;
    if (signal !== undefined && isAborted(signal)) throw abortReason(signal);
    const waiter = new OpenQuestion(call, run, gather, signal);
    const { promise } = waiter;
    call.waiter = waiter;
    const { held } = call;
    if (held !== undefined) {
      // The caller has answered already: the prompt is not needed any more.
      call.held = undefined;
      if (run.reply?.open === true && run.turn !== held.turn) run.reply.finish(speaking.ending());
      this.consider(waiter, held.turn, held.input);
      return promise;
    }
    // Before anything was announced here the platform takes speech and digits; digits alone must be asked for.
    const changed =
      call.announced === undefined
        ? gather.expectation.mode === 'dtmf'
        : !sameExpectation(call.announced, currentExpectation(call));
    const posed = speaking.pose(run, { prompt: gather.prompt, bargeIn: gather.bargeIn, signal }, changed);
    if (posed === undefined) this.awaitAnswer();
    else this.#follow(waiter, posed);
    return promise;
  }
}

/** Makes what asks the questions of one call. */
export function createAsking(host: AskingHost): Asking {
  return new CallAsking(host);
}
