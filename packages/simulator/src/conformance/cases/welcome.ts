// How a call begins.

import type { AgentResponse } from '../../wire/messages.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { type Reply, readReply } from '../expect/reply.ts';
import { mustBeOk } from '../expect/status.ts';
import { must } from '../probe/case-failure.ts';
import type { Probe } from '../probe/probe.ts';
import type { FinishedRpc, ProbeRpc } from '../probe/probe-rpc.ts';

const WELCOME_MS = 2000;

function checkWelcome(probe: Probe, { received }: Pick<ProbeRpc<never, AgentResponse>, 'received'>): Reply {
  const reply = readReply(received, probe.settings, { purpose: 'session_start' });
  if (probe.settings.profile === 'generic') return reply;
  const { mode, config } = reply.final;
  must(mode === 'voice_dtmf', `The input mode must be voice and DTMF (3); it is ${mode ?? 'unset'}.`);
  const dtmf = [config?.digits, config?.interDigitMs, config?.terminator ?? 'none'];
  must(dtmf.join(' ') === '4 3000 #', `The DTMF config must be 4 digits, 3000 ms and "#"; it is ${dtmf.join(', ')}.`);
  const interruptible = received.some(({ response }) => response.prompts.some((prompt) => prompt.interruptible));
  must(interruptible, 'The welcome of the demo agent may be interrupted; no prompt says so.');
  return reply;
}

function kinds({ received }: Pick<FinishedRpc<AgentResponse>, 'received'>): string {
  return [...new Set(received.map(({ kind }) => kind))].join(', ');
}

export const WELCOME_CASES: readonly ConformanceCase[] = [
  {
    id: 'C1',
    title: 'SESSION_START, half-close: a welcome, then OK',
    sends: 'SESSION_START, half-close',
    expects: 'a welcome that ends with one FINAL, with input mode and config; OK within 2 s; nothing after it',
    holdsFor: 'every',
    limitMs: 10_000,
    replies: 1,
    async run(probe) {
      const welcome = await probe.conversation().once({ event: 'session_start' });
      mustBeOk(welcome, 'SESSION_START');
      checkWelcome(probe, welcome);
      const { atMs } = welcome;
      const { profile } = probe.settings;
      const limitMs = profile === 'demo' ? WELCOME_MS : probe.settings.replyMs;
      must(
        atMs <= limitMs,
        `SESSION_START took ${Math.round(atMs)} ms to be completed; at most ${limitMs} are allowed.`,
      );
    },
  },
  {
    id: 'C2',
    title: 'SESSION_START without half-close: the same',
    sends: 'SESSION_START, and no half-close until the welcome is there',
    expects: 'the responses of C1, without waiting for the half-close',
    holdsFor: 'every',
    limitMs: 10_000,
    replies: 2,
    async run(probe) {
      const { replyMs } = probe.settings;
      const rpc = probe.conversation().open();
      rpc.send({ event: 'session_start' });
      await rpc.until('FINAL before the half-close', ({ response }) => response.type === 'final', replyMs);
      if (rpc.ended === undefined) rpc.halfClose();
      mustBeOk(await rpc.finished(WELCOME_MS), 'SESSION_START');
      checkWelcome(probe, rpc);
      if (probe.settings.profile === 'generic') return;
      const halfClosed = await probe.conversation().once({ event: 'session_start' });
      const same = kinds(rpc) === kinds(halfClosed);
      must(same, `Without half-close the welcome is ${kinds(rpc)}, and with it ${kinds(halfClosed)}.`);
    },
  },
];
