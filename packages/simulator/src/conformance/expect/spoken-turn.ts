// One spoken turn and what must come of it: where speech begins and ends, alone and in time, then the reply.
import type { VoiceFormat } from '../../call/call-options.ts';
import { isBoundary } from '../../contract/reading.ts';
import { must } from '../probe/case-failure.ts';
import type { Conversation } from '../probe/conversation.ts';
import type { Probe } from '../probe/probe.ts';
import { summary } from '../probe/probe-rpc.ts';
import { type Speaking, speak, voiceOf } from '../probe/voice.ts';
import { type Reply, readReply } from './reply.ts';
import { mustBeOk } from './status.ts';

/** How late START_OF_INPUT is when a caller notices that a prompt plays on. */
const START_MS = 300;
/** How late END_OF_INPUT is when a caller notices it, beyond the silence after which an utterance is complete. */
const END_MS = 500;
const COMPLETION_MS = 2000;

/** How the turn is spoken. */
export interface TurnOptions {
  readonly format?: VoiceFormat;
  readonly speaking?: Speaking;
}

function andBusy(busyMs: number): string {
  return busyMs === 0 ? '' : ` + ${Math.round(busyMs)} for which this machine was busy`;
}

/** Speaks one utterance in a conversation and returns the reply. Ends the case at the first break of the contract. */
export async function spokenTurn(
  probe: Probe,
  conversation: Conversation,
  { format, speaking }: TurnOptions = {},
): Promise<Reply> {
  const { endSilenceMs, replyMs } = probe.settings;
  const rpc = conversation.open();
  const { speechAtMs, silenceAtMs, busyMs } = await speak(probe, rpc, voiceOf(probe, format), speaking);
  mustBeOk(await rpc.finished(replyMs + COMPLETION_MS), 'A spoken turn');
  const got = summary(rpc.received, undefined);
  const [start, end] = rpc.received;
  must(start?.kind === 'START_OF_INPUT', `START_OF_INPUT must come first; ${got}.`, 'SPEECH_NOT_MARKED');
  must(
    start.atMs >= speechAtMs,
    `START_OF_INPUT came ${Math.round(speechAtMs - start.atMs)} ms before the caller spoke.`,
    'START_OF_INPUT_EARLY',
  );
  must(end?.kind === 'END_OF_INPUT', `END_OF_INPUT must follow START_OF_INPUT; ${got}.`, 'SPEECH_NOT_MARKED');
  must(
    end.atMs >= silenceAtMs,
    `END_OF_INPUT came ${Math.round(silenceAtMs - end.atMs)} ms before the caller fell silent.`,
    'END_OF_INPUT_EARLY',
  );
  const boundaries = rpc.received.filter(({ response }) => isBoundary(response)).length;
  must(boundaries === 2, `There are ${boundaries} boundaries instead of two; ${got}.`, 'BOUNDARY_OUT_OF_ORDER');
  if (start.atMs > speechAtMs + START_MS + busyMs.inSpeech) {
    const late = `${Math.round(start.atMs - speechAtMs)} ms after speech began`;
    const allowed = `${START_MS}${andBusy(busyMs.inSpeech)}`;
    probe.find({ rule: 'START_OF_INPUT_LATE', message: `START_OF_INPUT came ${late}; at most ${allowed} is good.` });
  }
  if (end.atMs > silenceAtMs + endSilenceMs + END_MS + busyMs.inSilence) {
    const late = `${Math.round(end.atMs - silenceAtMs)} ms after speech ended`;
    const allowed = `${endSilenceMs} + ${END_MS}${andBusy(busyMs.inSilence)}`;
    probe.find({ rule: 'END_OF_INPUT_LATE', message: `END_OF_INPUT came ${late}; at most ${allowed} is good.` });
  }
  return readReply(probe, rpc.received, { purpose: 'audio' });
}
