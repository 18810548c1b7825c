// The outgoing side of a call: gives each handler a reply to speak through, finds replies an RPC to travel on, and sees to
// it that the call is ended once.

import type { CallEndReason } from '../errors/media-errors.ts';
import { MediaError, SessionEndedError } from '../errors/media-errors.ts';
import { isReplayable, type PlaySource } from '../prompt/prompt.ts';
import type { PlayResult } from '../turn/play-result.ts';
import type { ReplyEnding } from '../turn/reply-writer.ts';
import type { OutputEvent } from '../wire/response.ts';
import { assertLive, type CallState, currentExpectation } from './call-state.ts';
import type { CallTurn } from './call-turn.ts';
import type { QueuedPlay, ReplyPlayOptions } from './queued-play.ts';
import { createReply, type Reply } from './reply.ts';
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
  /** The RPC that carried the end of the call went away before it was told: the next RPC is told. */
  redeliver(turn: CallTurn): void;
  /** The call is over: who waits for its end to be told need not wait any more. */
  stop(reason: CallEndReason): void;
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

/** A prompt of up to four minutes can go on after an interruption that was none. */
const RESUMABLE_BYTES = 1_920_000;

interface Terminal {
  resolve(): void;
  reject(error: SessionEndedError): void;
  readonly how: CallEndReason;
}

/** Makes the outgoing side of a call. `finish` ends the session. */
export function createSpeaking(call: CallState, finish: (reason: CallEndReason) => void): Speaking {
  const { env } = call;
  let terminal: Terminal | undefined;
  let lastPrompts: readonly PlaySource[] = [];
  const sources = new WeakMap<Reply, PlaySource[]>();
  const owners = new WeakMap<Reply, Run>();

  /** Replies of which something may still be heard. */
  const live = new Set<Reply>();

  const newReply = (): Reply => {
    for (const reply of live) if (reply.settled) live.delete(reply);
    const reply = createReply({
      mode: env.audioMode,
      clock: env.clock,
      playback: call.playback,
      finalHoldMs: env.finalHoldMs,
      terminalWaitMs: env.terminalWaitMs,
      maxReplyBytes: env.limits.maxReplyBytes,
      keepBytes: env.interruption.falseStartMs > 0 ? RESUMABLE_BYTES : 0,
      onPlayFailed: (error) => call.log.warn({ err: error }, 'a prompt could not be played'),
      defaultEnding: ending,
      beforeFinal: call.persistence?.save,
    });
    live.add(reply);
    return reply;
  };

  const ending = (): ReplyEnding => ({ expectation: currentExpectation(call), event: call.emits.shift() });

  const carry = (turn: CallTurn, reply: Reply): boolean => {
    if (!turn.take()) return false;
    turn.carry(reply);
    return true;
  };

  const place = (reply: Reply): void => {
    const turn = call.audioTurn;
    if (turn?.phase === 'listening' && turn.hasAudio && carry(turn, reply)) return;
    call.waitingReplies.push(reply);
  };

  const replyOf = (run: Run): Reply => {
    if (run.reply?.open === true) return run.reply;
    const reply = newReply();
    owners.set(reply, run);
    run.reply = reply;
    place(reply);
    return reply;
  };

  const addPlay = (reply: Reply, source: PlaySource, options: ReplyPlayOptions): Promise<PlayResult> => {
    if (isReplayable(source)) {
      const known = sources.get(reply) ?? [];
      known.push(source);
      sources.set(reply, known);
      lastPrompts = known;
    }
    return reply.play(source, options);
  };

  const speaking: Speaking = {
    ending,
    answer(turn, run) {
      const reply = newReply();
      if (run !== undefined) {
        owners.set(reply, run);
        run.turn = turn;
        run.reply = reply;
      }
      turn.run = run;
      turn.carry(reply);
      return reply;
    },
    letGo(run, reply) {
      if (run.reply === reply && !run.settled) return;
      // What goes on after such a question has a moment to say something.
      env.clock.setTimer(() => reply.finish(ending()), env.finalHoldMs);
    },
    play(run, source, options) {
      assertLive(call);
      if (run.interrupted !== undefined) {
        const nothing = { heardMs: 0, heardText: undefined };
        return Promise.resolve({ status: 'interrupted', ...nothing, reason: run.interrupted });
      }
      return addPlay(replyOf(run), source, { ...options, bargeIn: options.bargeIn ?? env.bargeIn });
    },
    pose(run, { prompt, bargeIn, signal }, changed) {
      const speaks = prompt !== undefined || changed;
      if (run.reply?.open !== true && !speaks) return undefined;
      const reply = replyOf(run);
      const played = prompt === undefined ? undefined : addPlay(reply, prompt, { bargeIn, signal });
      reply.finish(ending());
      return played;
    },
    suspend() {
      const items: QueuedPlay[] = [];
      let openReply: Reply | undefined;
      for (const reply of live) {
        if (!reply.attached || reply.settled) continue;
        if (reply.open) openReply = reply;
        items.push(...reply.suspend(ending()));
      }
      if (items.length === 0) return undefined;
      const run = openReply === undefined ? undefined : owners.get(openReply);
      return { items, run: run?.settled === true ? undefined : run };
    },
    resume({ items, run }, turn) {
      const reply = speaking.answer(turn, run);
      reply.resume(items);
      if (run === undefined || run.settled) reply.finish(ending());
    },
    terminate(run, how, event, options) {
      assertLive(call);
      // Read before anything is decided: an option may be a getter that throws.
      const { prompt, summary, transcript } = options;
      call.terminating = how;
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      terminal = { resolve, reject, how };
      call.waiter?.reject(new SessionEndedError(how));
      call.waiter = undefined;
      // What other handlers have waiting is overtaken by the end of the call.
      for (const reply of call.waitingReplies.splice(0)) {
        if (reply !== run.reply || !reply.open) reply.abandon('superseded');
      }
      if (run.reply?.open === true && !run.reply.attached) place(run.reply);
      const reply = replyOf(run);
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
    },
    serveWaiting(turn) {
      const reply = call.waitingReplies.shift();
      if (reply === undefined) return false;
      if (carry(turn, reply)) return true;
      call.waitingReplies.unshift(reply);
      return false;
    },
    overtakeWaiting(turn) {
      for (const reply of call.waitingReplies.splice(0)) {
        if (reply.ending !== undefined && reply.ending.expectation === undefined) {
          turn.carry(reply);
          return true;
        }
        reply.supersede('superseded', {});
      }
      return false;
    },
    dropWaiting() {
      for (const reply of call.waitingReplies.splice(0)) {
        if (reply.ending !== undefined && reply.ending.expectation === undefined) call.waitingReplies.push(reply);
        else reply.abandon('moved');
      }
    },
    get lastPrompts() {
      return lastPrompts;
    },
    onReplied(sent) {
      call.answered = true;
      if (sent.expectation !== undefined) {
        call.announced = sent.expectation;
        call.callerAudio.setDetection(sent.expectation.mode !== 'dtmf');
        if (sent.event?.type === 'custom_event') call.leftByEvent = true;
        return;
      }
      const told = terminal;
      terminal = undefined;
      finish(told?.how ?? 'ended');
      told?.resolve();
    },
    redeliver(turn) {
      const lost = turn.reply?.ending;
      if (terminal === undefined || lost === undefined || lost.expectation !== undefined) return;
      const reply = newReply();
      reply.finish(lost);
      place(reply);
    },
    stop(reason) {
      terminal?.reject(new SessionEndedError(reason));
      terminal = undefined;
    },
  };
  return speaking;
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
