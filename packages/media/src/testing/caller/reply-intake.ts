// What a response of the server does to the call: a start or end of speech stops prompts and half-closes, prompts queue up
// to be heard, a FINAL says how the next input is taken, a terminal event finishes the call.
import type { JsonObject } from '../../wire/json.ts';
import type { AgentResponse } from '../../wire/response.ts';
import type { CallRecord } from './call-record.ts';
import { type ContractCheck, isBoundary, isTerminal } from './contract-check.ts';
import type { Earpiece } from './earpiece.ts';
import type { Microphone } from './microphone.ts';
import type { NextInput } from './next-input.ts';
import type { Rpc } from './rpc-line.ts';

/** The event that finished the call. */
export interface Terminal {
  readonly event: 'transfer' | 'end';
  readonly name: string;
  readonly metadata: JsonObject;
  /** The RPC that brought it. */
  readonly rpc: number;
}

/** Takes in the responses of one call. */
export interface ReplyIntake {
  readonly terminal: Terminal | undefined;
  /** The last that was sent. */
  readonly transcript: string | undefined;
  readonly summary: string | undefined;
  take(rpc: Rpc, response: AgentResponse): void;
}

/** What an intake works on. */
export interface ReplyIntakeParts {
  readonly check: ContractCheck;
  readonly record: CallRecord;
  readonly input: NextInput;
  readonly earpiece: Earpiece;
  readonly microphone: Microphone;
  /** Stops what plays and mutes the RPCs before the one named. */
  readonly interrupt: (by: 'speech', beforeRpc: number) => void;
  /** The caller's silence counts from now on. */
  readonly arm: (noInputMs: number) => void;
  readonly disarm: () => void;
  readonly isOver: () => boolean;
  readonly onTerminal: () => void;
  /** Called with the name of the event that finishes the call. */
  readonly onEnding: (name: string) => void;
}

function words(response: AgentResponse): string {
  const { event } = response;
  if (event === undefined) return '';
  const name = event.name === undefined || event.name === '' ? '' : ` ${event.name}`;
  const metadata = Object.keys(event.metadata ?? {}).length === 0 ? '' : ` ${JSON.stringify(event.metadata)}`;
  return `${event.type.toUpperCase()}${name}${metadata}`;
}

/** Makes the intake of one call. */
export function createReplyIntake(parts: ReplyIntakeParts): ReplyIntake {
  const { check, record, input, earpiece, microphone } = parts;
  let terminal: Terminal | undefined;
  let transcript: string | undefined;
  let summary: string | undefined;

  const speechStarted = (rpc: Rpc): void => {
    rpc.speechMarked = true;
    parts.disarm();
    if (terminal !== undefined || rpc.keysAnnounced || !input.counts(rpc)) return;
    input.heardOn(rpc);
    parts.interrupt('speech', rpc.number);
  };

  const speechEnded = (rpc: Rpc): void => {
    rpc.speechMarked = true;
    if (rpc !== microphone.rpc) return;
    microphone.release();
    parts.disarm();
    input.close(rpc, rpc.number);
  };

  const noteEvent = (rpc: Rpc, response: AgentResponse): void => {
    const { event } = response;
    if (event === undefined) return;
    record.add('agent', words(response));
    if (event.type === 'start_of_input') speechStarted(rpc);
    if (event.type === 'end_of_input') speechEnded(rpc);
    const { name = '', metadata = {} } = event;
    if (event.type === 'custom_event') record.happened({ kind: 'custom_event', name, metadata });
    if (!isTerminal(response) || terminal !== undefined) return;
    const kind = event.type === 'transfer_to_agent' ? 'transfer' : 'end';
    terminal = { event: kind, name, metadata, rpc: rpc.number };
    record.happened({ kind, name, metadata });
    parts.onEnding(name);
  };

  /** Queues what can be heard; gives whether any of it may be interrupted. */
  const queue = (rpc: Rpc, response: AgentResponse, audios: readonly Uint8Array[]): boolean => {
    let interruptible = false;
    for (const [index, audio] of audios.entries()) {
      // What comes after the call was finished is not played, nor is what was interrupted.
      const late = terminal !== undefined && terminal.rpc !== rpc.number;
      if (audio.length === 0 || rpc.muted || late) continue;
      if (response.type !== 'partial') earpiece.replace(rpc.number);
      const bargeIn = response.prompts[index]?.bargeIn ?? false;
      const replaceable = response.type === 'partial' && response.uninterruptible !== true;
      earpiece.add({ rpc: rpc.number, streamed: response.type === 'chunk', bargeIn, replaceable, audio });
      interruptible ||= bargeIn;
    }
    return interruptible;
  };

  const finishReply = (rpc: Rpc, response: AgentResponse): void => {
    rpc.replied = true;
    if (rpc === microphone.rpc) microphone.release();
    const mode = response.expectation?.mode;
    const next = mode === undefined ? '' : `, next input: ${mode.replace('_', ' or ')}`;
    record.add('agent', `reply on RPC ${rpc.number}${next}`);
    if (isTerminal(response)) parts.onTerminal();
    else if (terminal === undefined && input.counts(rpc)) {
      input.allow(rpc, response);
      if (input.mode === 'dtmf') microphone.release();
      parts.arm(response.expectation?.noInputMs ?? 0);
    }
    earpiece.endStream(rpc.number);
  };

  return {
    get terminal() {
      return terminal;
    },
    get transcript() {
      return transcript;
    },
    get summary() {
      return summary;
    },
    take(rpc, response) {
      const audios = check.take(rpc, response, !input.counts(rpc));
      if (parts.isOver()) return;
      ({ transcript = transcript, summary = summary } = response);
      noteEvent(rpc, response);
      if (isBoundary(response)) return;
      // Where only completion is due an answer has no effect, unless it finishes the call.
      const silent = rpc.keysAnnounced || rpc.purpose === 'session_end';
      if (silent && !isTerminal(response)) return;
      const interruptible = queue(rpc, response, audios);
      if (response.type === 'final' || isTerminal(response)) finishReply(rpc, response);
      else if (interruptible && terminal === undefined && input.counts(rpc)) input.allowEarly();
    },
  };
}
