// The outgoing side of a call: gives each handler a reply to speak through, finds replies an RPC to travel on, and sees to
// it that the call is ended once.
import type { CallEndReason } from '../errors/media-errors.ts';
import { MediaError, SessionEndedError } from '../errors/media-errors.ts';
import { isReplayable, type PlaySource } from '../prompt/prompt.ts';
import type { ReplyEnding } from '../turn/reply-writer.ts';
import type { OutputEvent } from '../wire/response.ts';
import { assertLive, type CallState, currentExpectation } from './call-state.ts';
import type { CallTurn } from './call-turn.ts';
import type { PlayResult } from './playback.ts';
import { createReply, type Reply, type ReplyPlayOptions } from './reply.ts';
import type { Run } from './run.ts';
import type { EndOptions, PlayOptions, TransferOptions } from './session.ts';

/** The outgoing side of a call. */
export interface Speaking {
  /** How a reply ends that nobody ended otherwise: with what is expected next, and an event that waits. */
  ending(): ReplyEnding;
  /** Gives a turn a new reply, spoken through by `run`. */
  answer(turn: CallTurn, run: Run | undefined): Reply;
  play(run: Run, source: PlaySource, options: PlayOptions): Promise<PlayResult>;
  /** What goes out with a question: its prompt, and how the answer is taken. */
  pose(run: Run, prompt: PlaySource | undefined, bargeIn: boolean, changed: boolean): Promise<PlayResult> | undefined;
  terminate(run: Run, how: CallEndReason, event: OutputEvent, options: EndOptions | TransferOptions): Promise<void>;
  /** Puts a waiting reply on a turn that is free, if there is one. */
  serveWaiting(turn: CallTurn): boolean;
  /** Newer input makes waiting replies out of date; a terminal one is still delivered, on `turn`. True if it was. */
  overtakeWaiting(turn: CallTurn): boolean;
  /** The last prompts that can be played again, and their reply was answered by nothing useful. */
  readonly lastPrompts: readonly PlaySource[];
  onReplied(ending: ReplyEnding): void;
  /** The RPC that carried the end of the call went away before it was told: the next RPC is told. */
  redeliver(turn: CallTurn): void;
}

interface Terminal {
  resolve(): void;
  readonly how: CallEndReason;
}

/** Makes the outgoing side of a call. `finish` ends the session. */
export function createSpeaking(call: CallState, finish: (reason: CallEndReason) => void): Speaking {
  const { env } = call;
  let terminal: Terminal | undefined;
  let lastPrompts: readonly PlaySource[] = [];
  const sources = new WeakMap<Reply, PlaySource[]>();

  const newReply = (): Reply =>
    createReply({
      mode: env.audioMode,
      clock: env.clock,
      playback: call.playback,
      finalHoldMs: env.finalHoldMs,
      terminalWaitMs: env.terminalWaitMs,
      maxReplyBytes: env.limits.maxReplyBytes,
      onPlayFailed: (error) => call.log.warn({ err: error }, 'a prompt could not be played'),
      defaultEnding: ending,
    });

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
        run.turn = turn;
        run.reply = reply;
      }
      turn.run = run;
      turn.carry(reply);
      return reply;
    },
    play(run, source, options) {
      assertLive(call);
      if (run.interrupted !== undefined) {
        return Promise.resolve({ status: 'interrupted', heardMs: 0, reason: run.interrupted });
      }
      return addPlay(replyOf(run), source, { ...options, bargeIn: options.bargeIn ?? env.bargeIn });
    },
    pose(run, prompt, bargeIn, changed) {
      const speaks = prompt !== undefined || changed;
      if (run.reply?.open !== true && !speaks) return undefined;
      const reply = replyOf(run);
      const played = prompt === undefined ? undefined : addPlay(reply, prompt, { bargeIn });
      reply.finish(ending());
      return played;
    },
    terminate(run, how, event, options) {
      assertLive(call);
      call.terminating = how;
      const { promise, resolve } = Promise.withResolvers<void>();
      terminal = { resolve, how };
      call.waiter?.reject(new SessionEndedError(how));
      call.waiter = undefined;
      // What other handlers have waiting is overtaken by the end of the call.
      for (const reply of call.waitingReplies.splice(0)) {
        if (reply !== run.reply || !reply.open) reply.abandon('superseded');
      }
      if (run.reply?.open === true && !run.reply.attached) place(run.reply);
      const reply = replyOf(run);
      if (options.prompt !== undefined) {
        // A prompt that cannot be played was logged; the call ends without it.
        reply.play(options.prompt, { bargeIn: false }).catch(() => {});
      }
      const { summary, transcript } = options;
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
