// How a call begins.

import type { AgentResponse } from '../../wire/messages.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { readReply } from '../expect/reply.ts';
import { mustBeOk } from '../expect/status.ts';
import { must } from '../probe/case-failure.ts';
import type { Probe } from '../probe/probe.ts';
import type { FinishedRpc, ProbeRpc } from '../probe/probe-rpc.ts';

const WELCOME_MS = 2000;

function checkWelcome(probe: Probe, { received }: Pick<ProbeRpc<never, AgentResponse>, 'received'>): void {
  const reply = readReply(probe, received, { purpose: 'session_start' });
  if (probe.settings.profile === 'generic') return;
  const { mode, config } = reply.final;
  const wrong = (message: string): void => probe.find({ rule: 'DEMO_DIALOGUE', message });
  if (mode !== 'voice_dtmf') wrong(`The input mode must be voice and DTMF (3); it is ${mode ?? 'unset'}.`);
  const dtmf = [config?.digits, config?.interDigitMs, config?.terminator ?? 'none'];
  const asked = dtmf.join(' ') === '4 3000 #';
  if (!asked) wrong(`The DTMF config must be 4 digits, 3000 ms and "#"; it is ${dtmf.join(', ')}.`);
  const interruptible = received.some(({ response }) => response.prompts.some((prompt) => prompt.interruptible));
  if (!interruptible) wrong('The welcome of the demo agent may be interrupted; no prompt says so.');
}

function kinds({ received }: Pick<FinishedRpc<AgentResponse>, 'received'>): string {
  return [...new Set(received.map(({ kind }) => kind))].join(', ');
}

export const WELCOME_CASES: readonly ConformanceCase[] = [
  {
    id: 'C1',
    kind: 'contract',
    source: 'events',
    title: 'SESSION_START, half-close: a welcome, then OK',
    sends: 'SESSION_START, half-close',
    expects: 'a welcome that ends with one FINAL, with an input config; OK (advice: within 2 s)',
    holdsFor: 'every',
    limitMs: 10_000,
    replies: 1,
    async run(probe) {
      const welcome = await probe.conversation().once({ event: 'session_start' });
      mustBeOk(welcome, 'SESSION_START');
      checkWelcome(probe, welcome);
      await probe.advise('WELCOME_LATE', () => {
        const tookMs = Math.round(welcome.atMs);
        must(tookMs <= WELCOME_MS, `SESSION_START took ${tookMs} ms to be completed; at most ${WELCOME_MS} is good.`);
      });
    },
  },
  {
    id: 'C2',
    kind: 'contract',
    source: 'client',
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
      mustBeOk(await rpc.finished(replyMs), 'SESSION_START');
      checkWelcome(probe, rpc);
      if (probe.settings.profile === 'generic') return;
      const halfClosed = await probe.conversation().once({ event: 'session_start' });
      const same = kinds(rpc) === kinds(halfClosed);
      must(same, `Without half-close the welcome is ${kinds(rpc)}, and with it ${kinds(halfClosed)}.`);
    },
  },
];
