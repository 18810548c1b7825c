// One caller, who behaves as the platform does: SESSION_START in an RPC of its own; then, turn after turn, an RPC with a
// frame every 20 ms (silence, speech, silence until the agent knows) that is half-closed on END_OF_INPUT or on the reply;
// SESSION_END after a few turns, and the next conversation.
import { clockMicros, writeStamp } from '../soak/stamp.ts';
import { TURNS_PER_CALL, type TurnScript } from '../utterance.ts';
import type { LoadConnection } from './http2/connection.ts';
import type { LoadStream } from './http2/stream.ts';
import { AUDIO_OFFSET, type CallMessages, ID_OFFSET } from './messages.ts';
import type { Recorder } from './recorder.ts';
import { openRpc } from './rpc.ts';

/** Frames that an idle caller sends in its open RPC before it falls silent. */
const IDLE_FRAMES = 5;

/** What a caller needs. */
export interface CallOptions {
  readonly connection: LoadConnection;
  readonly recorder: Recorder;
  readonly script: TurnScript;
  readonly messages: CallMessages;
  /** The id of a conversation that has not been. */
  readonly nextId: () => Buffer;
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
  /** Says at last what an idle caller has to say, ends the conversation, and calls no more. Resolves with its failure. */
  finish(): Promise<string>;
  /** Ends the conversation and resolves when its last RPC is over. */
  hangUp(): Promise<void>;
}

/** Makes a caller who has not called yet. */
export function createCall(options: CallOptions): Call {
  const { connection, recorder, script, messages, decisionFrame } = options;
  const underWay = Promise.withResolvers<void>();
  let { idle } = options;
  let id: Buffer | undefined;
  let turnsLeft = 0;
  let first = true;
  let busy = false;
  let turn: LoadStream | undefined;
  let talking = false;
  let finishing: PromiseWithResolvers<string> | undefined;
  let hangingUp: PromiseWithResolvers<void> | undefined;
  let sent = 0;
  let decidedAt = Number.NaN;

  const address = (bytes: Buffer, at: number): void => {
    id?.copy(bytes, at + ID_OFFSET);
  };
  const addressFrame = (bytes: Buffer, at: number): void => {
    address(bytes, at);
    if (options.stamped === true) writeStamp(bytes, at + AUDIO_OFFSET, clockMicros());
  };

  function fail(failure: string): void {
    recorder.failed(failure);
    finishing?.resolve(failure);
  }

  function over(what: string, failure: string): void {
    busy = false;
    talking = false;
    turn = undefined;
    if (hangingUp !== undefined) leave(hangingUp);
    else if (failure !== '') fail(`${what}: ${failure}`);
    else if (idle && what === 'turn') fail('turn: the server ended it while the caller was idle');
  }

  function startConversation(): void {
    id = options.nextId();
    turnsLeft = first ? options.firstTurns : TURNS_PER_CALL;
    first = false;
    const openedAt = performance.now();
    const rpc = openRpc(connection, {
      onReply: (at) => recorder.sessionStarted(at - openedAt),
      onClose: (failure) => over('SESSION_START', failure),
    });
    rpc.send(messages.sessionStart, address);
    rpc.halfClose();
  }

  function endConversation(): void {
    const rpc = openRpc(connection, {
      onClose(failure) {
        over('SESSION_END', failure);
        finishing?.resolve('');
      },
    });
    rpc.send(messages.sessionEnd, address);
    rpc.halfClose();
    id = undefined;
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
    const rpc = openRpc(connection, {
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

  function sendFrame(rpc: LoadStream): void {
    if (idle && sent === IDLE_FRAMES) {
      underWay.resolve();
      return;
    }
    if (sent === script.maxFrames) {
      rpc.cancel('no reply to a finished utterance');
      return;
    }
    const spoken = sent - script.leadFrames;
    const frame = spoken >= 0 && spoken < script.speechFrames ? messages.speech[spoken] : messages.silence;
    if (sent === decisionFrame) decidedAt = performance.now();
    sent++;
    recorder.frameSent();
    rpc.send(frame ?? messages.silence, addressFrame);
    if (!idle) underWay.resolve();
  }

  /** Ends what is under way, step by step: the RPC, then the conversation. */
  function leave(done: PromiseWithResolvers<void>): void {
    if (busy) turn?.cancel('hung up');
    else if (id === undefined) done.resolve();
    else {
      busy = true;
      endConversation();
    }
  }

  return {
    underWay: underWay.promise,
    step() {
      if (hangingUp !== undefined) return;
      if (talking && turn !== undefined) return sendFrame(turn);
      if (busy || (finishing !== undefined && id === undefined)) return;
      busy = true;
      if (id === undefined) startConversation();
      else if (turnsLeft > 0) startTurn();
      else endConversation();
    },
    finish() {
      finishing ??= Promise.withResolvers<string>();
      if (idle && (!talking || id === undefined)) finishing.resolve('it was lost while it was idle');
      idle = false;
      turnsLeft = 0;
      return finishing.promise;
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
