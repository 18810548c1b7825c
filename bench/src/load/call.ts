// One caller, who behaves as the platform does: SESSION_START in an RPC of its own; then, turn after turn, an RPC with a
// frame every 20 ms (silence, speech, silence until the agent knows) that is half-closed on END_OF_INPUT or on the reply;
// SESSION_END after a few turns, and the next conversation.
import type { ClientHttp2Session } from 'node:http2';
import { clockMicros, writeStamp } from '../soak/stamp.ts';
import { LEAD_FRAMES, MAX_TURN_FRAMES, SPEECH_FRAMES, TURNS_PER_CALL } from '../utterance.ts';
import { AUDIO_OFFSET, type CallFrames } from './frames.ts';
import type { Recorder } from './recorder.ts';
import { openRpc, type Rpc } from './rpc.ts';

/** Frames that an idle caller sends in its open RPC before it falls silent. */
const IDLE_FRAMES = 5;

/** A copy, since the stream may still hold the frame that was sent before. */
function stampedFrame(frame: Buffer): Buffer {
  const copy = Buffer.from(frame);
  writeStamp(copy, AUDIO_OFFSET, clockMicros());
  return copy;
}

/** What a caller needs. */
export interface CallOptions {
  readonly connection: ClientHttp2Session;
  /** What it says who it is with; where nobody asks, nothing. */
  readonly authorization: string | undefined;
  readonly recorder: Recorder;
  /** The messages of a conversation that has not been. */
  readonly nextConversation: () => CallFrames;
  /** The frame of a turn that lets the server know that the caller has finished, from 0. */
  readonly decisionFrame: number;
  /** Turns of the first conversation, so that callers who begin together do not all end together. */
  readonly firstTurns: number;
  /** Opens an audio RPC and stays in it without a word. */
  readonly idle: boolean;
  /** Writes into each frame when it was sent. */
  readonly stamped?: boolean;
}

/** One caller. */
export interface Call {
  /** To be called every 20 ms: sends the frame that is due, or goes on to the next RPC. */
  step(): void;
  /** Resolves when the first audio RPC is under way; for an idle caller when its frames are sent. */
  readonly underWay: Promise<void>;
  /** Ends the conversation and resolves when its last RPC is over. */
  hangUp(): Promise<void>;
}

/** Makes a caller who has not called yet. */
export function createCall(options: CallOptions): Call {
  const { connection, authorization, recorder, decisionFrame } = options;
  const underWay = Promise.withResolvers<void>();
  let frames: CallFrames | undefined;
  let turnsLeft = 0;
  let first = true;
  let busy = false;
  let turn: Rpc | undefined;
  let talking = false;
  let hangingUp: PromiseWithResolvers<void> | undefined;
  let sent = 0;
  let decidedAt = Number.NaN;

  function over(what: string, failure: string): void {
    busy = false;
    talking = false;
    turn = undefined;
    if (hangingUp === undefined && failure !== '') recorder.failed(`${what}: ${failure}`);
    if (hangingUp !== undefined) leave(hangingUp);
  }

  function startConversation(): void {
    frames = options.nextConversation();
    turnsLeft = first ? options.firstTurns : TURNS_PER_CALL;
    first = false;
    const openedAt = performance.now();
    const rpc = openRpc(connection, authorization, {
      onReply: (at) => recorder.sessionStarted(at - openedAt),
      onClose: (failure) => over('SESSION_START', failure),
    });
    rpc.send(frames.sessionStart);
    rpc.halfClose();
  }

  function endConversation(last: CallFrames): void {
    frames = undefined;
    const rpc = openRpc(connection, authorization, { onClose: (failure) => over('SESSION_END', failure) });
    rpc.send(last.sessionEnd);
    rpc.halfClose();
  }

  function startTurn(): void {
    turnsLeft--;
    sent = 0;
    decidedAt = Number.NaN;
    let noticed = false;
    const notice = () => {
      if (!noticed) recorder.noticed(sent - 1, Number.isNaN(decidedAt));
      noticed = true;
    };
    const fallSilent = () => {
      talking = false;
      rpc.halfClose();
    };
    const rpc = openRpc(connection, authorization, {
      onEndOfInput() {
        notice();
        fallSilent();
      },
      onReply(at) {
        notice();
        if (!Number.isNaN(decidedAt)) recorder.replied(at - decidedAt);
      },
      onFinal: fallSilent,
      onClose: (failure) => over('turn', failure),
    });
    turn = rpc;
    talking = true;
  }

  function sendFrame(rpc: Rpc, { silence, speech }: CallFrames): void {
    if (options.idle && sent === IDLE_FRAMES) {
      underWay.resolve();
      return;
    }
    if (sent === MAX_TURN_FRAMES) {
      talking = false;
      recorder.failed('turn: no reply to a finished utterance');
      rpc.cancel();
      return;
    }
    const spoken = sent - LEAD_FRAMES;
    const frame = spoken >= 0 && spoken < SPEECH_FRAMES ? speech[spoken] : silence;
    if (sent === decisionFrame) decidedAt = performance.now();
    sent++;
    recorder.frameSent();
    rpc.send(options.stamped === true ? stampedFrame(frame ?? silence) : (frame ?? silence));
    if (!options.idle) underWay.resolve();
  }

  /** Ends what is under way, step by step: the RPC, then the conversation. */
  function leave(done: PromiseWithResolvers<void>): void {
    if (busy) turn?.cancel();
    else if (frames === undefined) done.resolve();
    else {
      busy = true;
      endConversation(frames);
    }
  }

  return {
    underWay: underWay.promise,
    step() {
      if (hangingUp !== undefined) return;
      if (talking && turn !== undefined && frames !== undefined) return sendFrame(turn, frames);
      if (busy) return;
      busy = true;
      if (frames === undefined) startConversation();
      else if (turnsLeft > 0 || options.idle) startTurn();
      else endConversation(frames);
    },
    hangUp() {
      if (hangingUp === undefined) {
        hangingUp = Promise.withResolvers<void>();
        leave(hangingUp);
      }
      return hangingUp.promise;
    },
  };
}
