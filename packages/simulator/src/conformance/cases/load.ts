// Many calls at once.
import type { ConformanceCase } from '../conformance-case.ts';
import { readReply } from '../expect/reply.ts';
import { mustBeOk } from '../expect/status.ts';
import { CaseFailure, must } from '../probe/case-failure.ts';
import type { Probe } from '../probe/probe.ts';
import { summary } from '../probe/probe-rpc.ts';
import { speak, voiceOf } from '../probe/voice.ts';

const COMPLETION_MS = 2000;
const SHOWN = 3;

/** One call. Times are not checked: with so many calls, this side may be the slow one. */
async function call(probe: Probe): Promise<void> {
  const conversation = probe.conversation();
  const welcome = await conversation.once({ event: 'session_start' });
  mustBeOk(welcome, 'SESSION_START');
  readReply(probe, welcome.received, { purpose: 'session_start' });
  const rpc = conversation.open();
  await speak(probe, rpc, voiceOf(probe));
  mustBeOk(await rpc.finished(probe.settings.replyMs + COMPLETION_MS), 'A spoken turn');
  const [start, end] = rpc.received.map(({ kind }) => kind);
  const bracketed = start === 'START_OF_INPUT' && end === 'END_OF_INPUT';
  must(
    bracketed,
    `START_OF_INPUT and END_OF_INPUT must come first; ${summary(rpc.received, undefined)}.`,
    'SPEECH_NOT_MARKED',
  );
  readReply(probe, rpc.received, { purpose: 'audio' });
  mustBeOk(await conversation.once({ event: 'session_end' }), 'SESSION_END');
}

export const LOAD_CASES: readonly ConformanceCase[] = [
  {
    id: 'C28',
    kind: 'contract',
    source: 'rpcs',
    title: 'many calls at once on one connection',
    sends: 'welcome, spoken turn and SESSION_END, 200 calls in parallel (or as many as were asked for)',
    expects: 'every call passes',
    holdsFor: 'every',
    speaks: true,
    limitMs: 60_000,
    replies: 3,
    inside: 'that memory and the counts of sessions and RPCs come back to where they were',
    async run(probe) {
      const { loadCalls } = probe.settings;
      const results = await Promise.allSettled(Array.from({ length: loadCalls }, () => call(probe)));
      const reasons = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []));
      const unexpected = reasons.find((reason) => !(reason instanceof CaseFailure));
      if (unexpected !== undefined) throw unexpected;
      const texts = [...new Set(reasons.map(({ message }: Error) => message))].slice(0, SHOWN);
      must(reasons.length === 0, `${reasons.length} of ${loadCalls} calls failed: ${texts.join(' ')}`);
    },
  },
];
