// The outgoing side of a call: gives each handler a reply to speak through, finds replies an RPC to travel on, and sees to
// it that the call is ended once.

import type { ByovaError } from '@byova/auth/errors';
import type { CallEndReason } from '../errors/media-errors.ts';
import { MediaError, SessionEndedError } from '../errors/media-errors.ts';
import { isReplayable, type PlaySource } from '../prompt/prompt.ts';
import type { PlayResult } from '../turn/play-result.ts';
import type { ReplyEnding } from '../turn/reply-writer.ts';
import type { OutputEvent } from '../wire/response.ts';
import type { CallSettings } from './call-environment.ts';
import { assertLive, type CallState, currentExpectation } from './call-state.ts';
import type { CallTurn } from './call-turn.ts';
import { none, withOne, withoutOne } from './few.ts';
import type { Playback } from './playback.ts';
import type { QueuedPlay, ReplyPlayOptions } from './queued-play.ts';
import { createReply, endsCall, type Reply, type ReplyHost } from './reply.ts';
import type { Run } from './run.ts';
import type { EndOptions, PlayOptions, TransferOptions } from './session.ts';

/** The outgoing side of a call. */
export interface Speaking {
  /** How a reply ends that nobody ended otherwise: with what is expected next, and an event that waits. */
  ending(): ReplyEnding;
  /** Gives a turn a new reply, spoken through by `run`. */
  answer(turn: CallTurn, run: Run | undefined): Reply;
  /** Sends a reply that its handler will not send: it speaks through another, or returned without awaiting its question. */
  letGo(run: Run, reply: Reply): void;
  play(run: Run, source: PlaySource, options: PlayOptions): Promise<PlayResult>;
  /** What goes out with a question: its prompt, and how the answer is taken. */
  pose(run: Run, question: PosedQuestion, changed: boolean): Promise<PlayResult> | undefined;
  /** Stops what plays, for now. `undefined` when nothing plays that could go on. */
  suspend(): Suspended | undefined;
  /** Lets it go on, on `turn`. */
  resume(suspended: Suspended, turn: CallTurn): void;
  terminate(run: Run, how: CallEndReason, event: OutputEvent, options: EndOptions | TransferOptions): Promise<void>;
  /** Puts a waiting reply on a turn that is free, if there is one. */
  serveWaiting(turn: CallTurn): boolean;
  /** Newer input makes waiting replies out of date; a terminal one is still delivered, on `turn`. True if it was. */
  overtakeWaiting(turn: CallTurn): boolean;
  /** Another replica has replied since: what waits here to be said, other than the end of the call, is out of date. */
  dropWaiting(): void;
  /** The last prompts that can be played again, and their reply was answered by nothing useful. */
  readonly lastPrompts: readonly PlaySource[];
  onReplied(ending: ReplyEnding): void;
  /** Lets go of replies of which nothing more will be heard. */
  forgetSettled(): void;
  /** The end of the call could not be encoded: nothing of it was sent, and the call goes on. */
  withdrawEnd(error: ByovaError): void;
  /** The RPC that carried the end of the call went away before it was told: the next RPC is told. */
  redeliver(turn: CallTurn): void;
  /** The call is over: who waits for its end to be told need not wait any more. */
  stop(reason: CallEndReason): void;
}

/** What the outgoing side needs of its call. */
export interface SpeakingHost {
  readonly call: CallState;
  /** Ends the session. */
  finish(reason: CallEndReason): void;
}

/** What goes out with a question. */
export interface PosedQuestion {
  readonly prompt: PlaySource | undefined;
  readonly bargeIn: boolean;
  /** Aborted when the question is withdrawn, and its prompt with it. */
  readonly signal: AbortSignal | undefined;
}

/** Prompts that the caller may have interrupted, in their order, and who was still saying more. */
export interface Suspended {
  readonly items: readonly QueuedPlay[];
  /** The run whose reply was open. */
  readonly run: Run | undefined;
}

interface Terminal {
  resolve(): void;
  reject(error: ByovaError): void;
  readonly how: CallEndReason;
}

/** What is known of a reply besides what it says. */
interface Spoken {
  readonly reply: Reply;
  /** Who speaks through it, as long as it is open. */
  run: Run | undefined;
  /** Its prompts that can be played again. */
  sources: readonly PlaySource[];
}

/** A class: one for each call, of one shape, and no closures of its own. It is the host of its replies. */
class CallSpeaking implements Speaking, ReplyHost {
  readonly #host: SpeakingHost;
  readonly #call: CallState;
  #terminal: Terminal | undefined;
  lastPrompts: readonly PlaySource[] = none();
  /** Replies of which something may still be heard. */
  #live: readonly Spoken[] = none();

  constructor(host: SpeakingHost) {
    this.#host = host;
    this.#call = host.call;
  }

  get env(): CallSettings {
    return this.#call.env;
  }

  get playback(): Playback {
    return this.#call.playback;
  }

  beforeFinal(ending: ReplyEnding): Promise<void> | undefined {
    return this.#call.persistence?.save(ending);
  }

  onPlayFailed(error: unknown): void {
    this.#call.log.warn({ err: error }, 'a prompt could not be played');
  }

  ending(): ReplyEnding {
    const call = this.#call;
    const [event] = call.emits;
    if (event !== undefined) call.emits = withoutOne(call.emits, event);
    return { expectation: currentExpectation(call), event };
  }

  #newReply(run: Run | undefined): Reply {
    this.forgetSettled();
    const reply = createReply(this);
    this.#live = withOne(this.#live, { reply, run, sources: none() });
    return reply;
  }

  forgetSettled(): void {
    for (const spoken of this.#live) {
      if (spoken.reply.settled) this.#live = withoutOne(this.#live, spoken);
      // Behind it are its turn and the stream of that.
      else if (!spoken.reply.open) spoken.run = undefined;
    }
  }

  #carry(turn: CallTurn, reply: Reply): boolean {
    if (!turn.take()) return false;
    turn.carry(reply);
    return true;
  }

  #place(reply: Reply): void {
    const call = this.#call;
    const turn = call.audioTurn;
    if (turn?.phase === 'listening' && turn.hasAudio && this.#carry(turn, reply)) return;
    call.waitingReplies = withOne(call.waitingReplies, reply);
  }

  #replyOf(run: Run): Reply {
    if (run.reply?.open === true) return run.reply;
    const reply = this.#newReply(run);
    run.reply = reply;
    this.#place(reply);
    return reply;
  }

  #addPlay(reply: Reply, source: PlaySource, options: ReplyPlayOptions): Promise<PlayResult> {
    const spoken = this.#live.find((one) => one.reply === reply);
    if (spoken !== undefined && isReplayable(source)) {
      spoken.sources = withOne(spoken.sources, source);
      this.lastPrompts = spoken.sources;
    }
    return reply.play(source, options);
  }

  answer(turn: CallTurn, run: Run | undefined): Reply {
    const reply = this.#newReply(run);
    if (run !== undefined) {
      run.turn = turn;
      run.reply = reply;
    }
    turn.run = run;
    turn.carry(reply);
    return reply;
  }

  letGo(run: Run, reply: Reply): void {
    if (run.reply === reply && !run.settled) return;
    // What goes on after such a question has a moment to say something.
    this.env.clock.setTimer(() => reply.finish(this.ending()), this.env.finalHoldMs);
  }

  play(run: Run, source: PlaySource, options: PlayOptions): Promise<PlayResult> {
    assertLive(this.#call);
    if (run.interrupted !== undefined) {
      const nothing = { heardMs: 0, heardText: undefined };
      return Promise.resolve({ status: 'interrupted', ...nothing, reason: run.interrupted });
    }
    return this.#addPlay(this.#replyOf(run), source, { ...options, bargeIn: options.bargeIn ?? this.env.bargeIn });
  }

  pose(run: Run, { prompt, bargeIn, signal }: PosedQuestion, changed: boolean): Promise<PlayResult> | undefined {
    const speaks = prompt !== undefined || changed;
    if (run.reply?.open !== true && !speaks) return undefined;
    const reply = this.#replyOf(run);
    const played = prompt === undefined ? undefined : this.#addPlay(reply, prompt, { bargeIn, signal });
    reply.finish(this.ending());
    return played;
  }

  suspend(): Suspended | undefined {
    const items: QueuedPlay[] = [];
    let run: Run | undefined;
    for (const { reply, run: speaker } of this.#live) {
      if (!reply.attached || reply.settled) continue;
      if (reply.open) run = speaker;
      items.push(...reply.suspend(this.ending()));
    }
    if (items.length === 0) return undefined;
    return { items, run: run?.settled === true ? undefined : run };
  }

  resume({ items, run }: Suspended, turn: CallTurn): void {
    const reply = this.answer(turn, run);
    reply.resume(items);
    if (run === undefined || run.settled) reply.finish(this.ending());
  }

  terminate(run: Run, how: CallEndReason, event: OutputEvent, options: EndOptions | TransferOptions): Promise<void> {
    const call = this.#call;
    assertLive(call);
    // Read before anything is decided: an option may be a getter that throws.
    const { prompt, summary, transcript } = options;
    call.terminating = how;
    if (call.audioTurn !== undefined) call.audioTurn.ear = undefined;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.#terminal = { resolve, reject, how };
    call.waiter?.reject(new SessionEndedError(how));
    call.waiter = undefined;
    // What other handlers have waiting is overtaken by the end of the call.
    for (const reply of this.#takeWaiting()) {
      if (reply !== run.reply || !reply.open) reply.abandon('superseded');
    }
    if (run.reply?.open === true && !run.reply.attached) this.#place(run.reply);
    const reply = this.#replyOf(run);
    if (prompt !== undefined) {
      // A prompt that cannot be played was logged; the call ends without it.
      reply.play(prompt, { bargeIn: false }).catch(() => {});
    }
    reply.finish({
      event,
      summary,
      // Read when the response is sent: what is added while a last prompt plays belongs to it.
      get transcript() {
        return (transcript ?? call.transcript.text) || undefined;
      },
    });
    return promise;
  }

  serveWaiting(turn: CallTurn): boolean {
    const call = this.#call;
    const [reply] = call.waitingReplies;
    if (reply === undefined || !turn.take()) return false;
    call.waitingReplies = withoutOne(call.waitingReplies, reply);
    turn.carry(reply);
    return true;
  }

  #takeWaiting(): readonly Reply[] {
    const call = this.#call;
    const { waitingReplies } = call;
    call.waitingReplies = none();
    return waitingReplies;
  }

  overtakeWaiting(turn: CallTurn): boolean {
    for (const reply of this.#takeWaiting()) {
      if (endsCall(reply)) {
        turn.carry(reply);
        return true;
      }
      reply.supersede('superseded', {});
    }
    return false;
  }

  dropWaiting(): void {
    const call = this.#call;
    for (const reply of this.#takeWaiting()) {
      if (endsCall(reply)) call.waitingReplies = withOne(call.waitingReplies, reply);
      else reply.abandon('moved');
    }
  }

  onReplied(sent: ReplyEnding): void {
    const call = this.#call;
    call.answered = true;
    // Between two turns a call is to hold as little as it can: of a reply whose prompts were heard, nothing.
    this.forgetSettled();
    if (sent.expectation !== undefined) {
      call.announced = sent.expectation;
      call.callerAudio.setDetection(sent.expectation.mode !== 'dtmf');
      if (sent.event?.type === 'custom_event') call.leftByEvent = true;
      return;
    }
    const told = this.#terminal;
    this.#terminal = undefined;
    this.#host.finish(told?.how ?? 'ended');
    told?.resolve();
  }

  redeliver(turn: CallTurn): void {
    const lost = turn.reply?.ending;
    if (this.#terminal === undefined || lost === undefined || lost.expectation !== undefined) return;
    const reply = this.#newReply(undefined);
    reply.finish(lost);
    this.#place(reply);
  }

  withdrawEnd(error: ByovaError): void {
    this.#terminal?.reject(error);
    this.#terminal = undefined;
    this.#call.terminating = undefined;
  }

  stop(reason: CallEndReason): void {
    this.#terminal?.reject(new SessionEndedError(reason));
    this.#terminal = undefined;
  }
}

/** Makes the outgoing side of a call. */
export function createSpeaking(host: SpeakingHost): Speaking {
  return new CallSpeaking(host);
}

/** What a terminal reply says to the platform. */
export function terminalEvent(type: 'session_end' | 'transfer_to_agent', options: EndOptions): OutputEvent {
  return { type, name: options.name, metadata: options.metadata };
}

/** Thrown by the methods of a turn whose RPC is over. */
export function turnClosed(): MediaError {
  return new MediaError({
    code: 'TURN_CLOSED',
    message: "This turn's RPC is over. Use the session's methods: they find the RPC that is open.",
  });
}
