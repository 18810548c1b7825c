// What a response of the agent does to the call: boundary events stop prompts and half-close, prompts queue up to be
// heard, a FINAL reply says how the next input is taken, a terminal event finishes the call.

import { decodePromptAudio } from '../contract/prompt-audio.ts';
import { eventOf, isBoundary, isReply, isTerminal } from '../contract/reading.ts';
import type { PlaybackQueue } from '../playback/playback-queue.ts';
import type { AgentEvent, AgentResponse } from '../wire/messages.ts';
import type { CallFacts } from './call-facts.ts';
import type { CallLog } from './call-log.ts';
import type { ExpectedInput } from './expected-input.ts';
import type { Microphone } from './microphone.ts';
import type { NoInputTimer } from './no-input-timer.ts';
import type { RpcRecord } from './rpc-book.ts';

/** What the intake works on. */
export interface IntakeParts {
  readonly input: ExpectedInput;
  readonly playback: PlaybackQueue;
  readonly microphone: Microphone;
  readonly noInput: NoInputTimer;
  readonly log: CallLog;
  readonly facts: CallFacts;
  /** Stops what plays and mutes the RPCs before the one named. */
  readonly interrupt: (by: 'speech', beforeRpc: number) => void;
  /** The call is over; a response is still checked, but does nothing. */
  readonly isOver: () => boolean;
  /** The agent finished the call. */
  readonly onTerminal: () => void;
  /** Called with an event of the agent once it is noted; may end the call. */
  readonly onEvent: (event: AgentEvent) => void;
}

/** Takes one response in, at a moment of the call. */
export type ResponseIntake = (rpc: RpcRecord, response: AgentResponse, nowMs: number) => void;

/** Makes the intake of one call. */
export function createResponseIntake(parts: IntakeParts): ResponseIntake {
  const { input, playback, microphone, noInput, log, facts } = parts;

  const startOfInput = (rpc: RpcRecord, nowMs: number): void => {
    rpc.speechMarked = true;
    noInput.disarm();
    if (facts.terminal !== undefined || rpc.keysAnnounced || !input.counts(rpc)) return;
    input.heardOn(rpc);
    if (playback.state !== 'interruptible') return;
    parts.interrupt('speech', rpc.number);
    if (microphone.speechStartedAtMs !== undefined) facts.bargeInMs.push(nowMs - microphone.speechStartedAtMs);
  };

  const endOfInput = (rpc: RpcRecord): void => {
    rpc.speechMarked = true;
    if (rpc !== microphone.rpc) return;
    microphone.release();
    noInput.disarm();
    input.close(rpc, rpc.number);
  };

  const noteEvent = (rpc: RpcRecord, { event, name, metadata }: AgentEvent, nowMs: number): void => {
    log.add({ kind: 'event_received', rpc: rpc.number, event, name, metadata });
    if (event === 'start_of_input') startOfInput(rpc, nowMs);
    if (event === 'end_of_input') endOfInput(rpc);
    if (event === 'custom_event') {
      facts.customEvents.push({ name, metadata, atMs: nowMs });
      facts.happenings.push({ kind: 'custom_event', name, metadata });
    }
    if ((event === 'transfer' || event === 'end') && facts.terminal === undefined) {
      facts.terminal = { event, name, metadata, atMs: nowMs };
      facts.terminalRpc = rpc.number;
      facts.happenings.push({ kind: event, name, metadata });
    }
  };

  const noteFirstAudio = (rpc: RpcRecord, nowMs: number): void => {
    if (rpc.purpose !== 'audio') return;
    const endedAtMs = microphone.takeUtteranceEnd();
    if (endedAtMs !== undefined) facts.replyMs.push(nowMs - endedAtMs);
  };

  /** Queues what can be heard of a response; returns whether there is any of it that may be interrupted. */
  const queuePrompts = (rpc: RpcRecord, response: AgentResponse, nowMs: number): boolean => {
    const style = response.type === 'chunk' ? 'chunk' : 'wav';
    let interruptible = false;
    for (const prompt of response.prompts) {
      const { samples, findings } = decodePromptAudio(style, prompt.audio);
      for (const finding of findings) log.find(finding, rpc.number);
      // What arrives after the agent has finished the call is not played, and neither is what was interrupted.
      const late = facts.terminalRpc !== undefined && facts.terminalRpc !== rpc.number;
      if (samples.length === 0 || rpc.muted || late) continue;
      if (response.type !== 'partial') playback.replace(rpc.number, nowMs);
      if (!playback.holds(rpc.number)) noteFirstAudio(rpc, nowMs);
      const replaceable = response.type === 'partial' && !response.keepsPlaying;
      const { text } = prompt;
      playback.add({ rpc: rpc.number, style, interruptible: prompt.interruptible, text, samples, replaceable }, nowMs);
      interruptible ||= prompt.interruptible;
    }
    return interruptible;
  };

  const finishReply = (rpc: RpcRecord, response: AgentResponse, nowMs: number): void => {
    rpc.replied = true;
    playback.endStream(rpc.number);
    if (rpc === microphone.rpc) microphone.release();
    const mode = isTerminal(response) ? {} : { inputMode: response.mode ?? 'voice_dtmf' };
    log.add({ kind: 'reply_received', rpc: rpc.number, ...mode });
    if (isTerminal(response)) {
      parts.onTerminal();
    } else if (facts.terminal === undefined && input.counts(rpc)) {
      input.allow(rpc, response);
      if (input.mode === 'dtmf') microphone.release();
      noInput.arm(input.config.noInputMs, nowMs);
    }
  };

  return (rpc, response, nowMs) => {
    const situation = { purpose: rpc.purpose, keysAnnounced: rpc.keysAnnounced, superseded: !input.counts(rpc) };
    for (const finding of rpc.checker.check(response, situation)) log.find(finding, rpc.number);
    if (parts.isOver()) return;
    facts.firstResponseAtMs ??= nowMs;
    facts.transcript = response.transcript ?? facts.transcript;
    facts.summary = response.summary ?? facts.summary;
    const event = eventOf(response);
    if (event !== undefined) {
      noteEvent(rpc, event, nowMs);
      parts.onEvent(event);
      if (parts.isOver()) return;
    }
    if (isBoundary(response) && !isReply(response)) return;
    // Where only completion is due an answer has no effect, unless it finishes the call.
    if ((rpc.keysAnnounced || rpc.purpose === 'session_end') && !isTerminal(response)) return;
    const interruptible = queuePrompts(rpc, response, nowMs);
    if (response.type === 'final' || isTerminal(response)) {
      finishReply(rpc, response, nowMs);
    } else if (interruptible && facts.terminal === undefined && input.counts(rpc)) {
      input.allowEarly(response);
    }
    playback.advance(nowMs);
  };
}
