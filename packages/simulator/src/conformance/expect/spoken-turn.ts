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

/** How late START_OF_INPUT may be. */
const START_MS = 300;
/** How late END_OF_INPUT may be, beyond the silence after which an utterance is complete. */
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

/** Speaks one utterance in a conversation and returns the reply. Ends the case at the first thing that is wrong. */
export async function spokenTurn(
  probe: Probe,
  conversation: Conversation,
  { format, speaking }: TurnOptions = {},
): Promise<Reply> {
  const { endSilenceMs, replyMs, mode } = probe.settings;
  const rpc = conversation.open();
  const { speechAtMs, silenceAtMs, busyMs } = await speak(probe, rpc, voiceOf(probe, format), speaking);
  mustBeOk(await rpc.finished(replyMs + COMPLETION_MS), 'A spoken turn');
  const got = summary(rpc.received, undefined);
  const [start, end] = rpc.received;
  must(start?.kind === 'START_OF_INPUT', `START_OF_INPUT must come first; ${got}.`);
  must(
    start.atMs >= speechAtMs,
    `START_OF_INPUT came ${Math.round(speechAtMs - start.atMs)} ms before the caller spoke.`,
  );
  must(
    start.atMs <= speechAtMs + START_MS + busyMs.inSpeech,
    `START_OF_INPUT came ${Math.round(start.atMs - speechAtMs)} ms after speech began; at most ${START_MS}${andBusy(busyMs.inSpeech)} are allowed.`,
  );
  must(end?.kind === 'END_OF_INPUT', `END_OF_INPUT must follow START_OF_INPUT; ${got}.`);
  must(end.atMs >= silenceAtMs, 'END_OF_INPUT came while the caller still spoke.');
  must(
    end.atMs <= silenceAtMs + endSilenceMs + END_MS + busyMs.inSilence,
    `END_OF_INPUT came ${Math.round(end.atMs - silenceAtMs)} ms after speech ended; at most ${endSilenceMs} + ${END_MS}${andBusy(busyMs.inSilence)} are allowed.`,
  );
  const boundaries = rpc.received.filter(({ response }) => isBoundary(response)).length;
  must(boundaries === 2, `There are ${boundaries} boundaries instead of two; ${got}.`);
  const reply = readReply(rpc.received, probe.settings, { purpose: 'audio' });
  if (mode === 'wav') {
    must(rpc.received.length === 3, `Exactly three messages are due: START_OF_INPUT, END_OF_INPUT, FINAL; ${got}.`);
  }
  return reply;
}
