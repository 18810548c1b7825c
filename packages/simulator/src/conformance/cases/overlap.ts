// RPCs that overlap, break off or race.
import type { ConformanceCase } from '../conformance-case.ts';
import { mustEcho } from '../expect/echo.ts';
import { readReply } from '../expect/reply.ts';
import { CANCELLED, mustBeOk, mustEndWith, OK } from '../expect/status.ts';
import { must } from '../probe/case-failure.ts';
import { speak, speakingMs, voiceOf } from '../probe/voice.ts';

const STOP_MS = 1000;
const COMPLETION_MS = 2000;
const WELCOME_SAMPLES = 8 * 8000;
const ROUNDS = 10;

export const OVERLAP_CASES: readonly ConformanceCase[] = [
  {
    id: 'C11',
    kind: 'contract',
    source: 'bargeIn',
    title: 'two RPCs overlap, and the caller interrupts',
    sends:
      'SESSION_START to an agent with a welcome of 8 s; while it is delivered, a second RPC with silence, then speech',
    expects:
      'the second RPC is accepted; START_OF_INPUT comes on it; the first one ends with one FINAL without audio, and OK (advice: it stops within 1 s); the second one is answered as in C4',
    holdsFor: 'demo',
    speaks: true,
    modes: ['chunk'],
    agents: ['long-welcome'],
    limitMs: 20_000,
    replies: 2,
    async run(probe) {
      const { replyMs } = probe.settings;
      const conversation = probe.conversation({ agentId: 'long-welcome' });
      const first = conversation.open();
      first.send({ event: 'session_start' });
      first.halfClose();
      await first.until('CHUNK', ({ kind }) => kind === 'CHUNK', replyMs);
      const second = conversation.open();
      const voice = voiceOf(probe);
      const speaking = speak(probe, second, voice);
      // The case may end before the caller has finished speaking.
      speaking.catch(() => undefined);
      await second.until('START_OF_INPUT', ({ kind }) => kind === 'START_OF_INPUT', speakingMs(voice));
      const delivered = first.ended !== undefined;
      const interrupted = 'The RPC that was interrupted';
      await probe.advise('INTERRUPTED_REPLY', async () => {
        await first.finished(STOP_MS, interrupted);
      });
      mustBeOk(await first.finished(replyMs, interrupted), interrupted);
      const { samples } = readReply(probe, first.received, { purpose: 'session_start' });
      if (delivered) probe.note('the welcome was delivered before the caller spoke, so nothing was left to stop');
      await probe.advise('INTERRUPTED_REPLY', () => {
        const cut = delivered || samples.length < WELCOME_SAMPLES;
        must(cut, 'All 8 s of the welcome were sent although the caller interrupted it.');
      });
      await speaking;
      mustBeOk(await second.finished(replyMs + COMPLETION_MS), 'The RPC that interrupts');
      mustEcho(readReply(probe, second.received, { purpose: 'audio' }).samples, probe.settings);
    },
  },
  {
    id: 'C19',
    kind: 'advice',
    title: 'the client cancels in the middle of a reply',
    sends: 'a spoken turn, cancelled while it is answered; then digits of the same conversation',
    expects: 'the client sees CANCELLED and nothing else; the next RPC works',
    holdsFor: 'every',
    speaks: true,
    modes: ['chunk'],
    limitMs: 20_000,
    replies: 2,
    inside: "that the agent's signal is aborted within 100 ms, and that no rejection is left unhandled",
    async run(probe) {
      const { replyMs, endSilenceMs, agents } = probe.settings;
      const slow = agents.some(({ id }) => id === 'slow-stream');
      const conversation = probe.conversation(slow ? { agentId: 'slow-stream' } : {});
      const rpc = conversation.open();
      const voice = voiceOf(probe);
      const speaking = speak(probe, rpc, voice);
      speaking.catch(() => undefined);
      const moment = slow ? 'CHUNK' : 'END_OF_INPUT';
      await rpc.until(moment, ({ kind }) => kind === moment, speakingMs(voice) + endSilenceMs + replyMs);
      rpc.cancel();
      // Without an agent that is slow the reply may have been complete already.
      mustEndWith(await rpc.finished(COMPLETION_MS), slow ? [CANCELLED] : [CANCELLED, OK], 'A cancelled RPC');
      await speaking;
      const digits = await conversation.once({ digits: ['3'] });
      mustBeOk(digits, 'Digits after a cancelled RPC');
      readReply(probe, digits.received, { purpose: 'dtmf' });
    },
  },
  {
    id: 'C25',
    kind: 'advice',
    title: 'two ends race',
    sends: `digit 6, which ends the call, while the client hangs up on another RPC or cancels; ${ROUNDS} calls`,
    expects: 'both RPCs finish; the next call works',
    holdsFor: 'demo',
    limitMs: 30_000,
    replies: 2,
    inside: 'that the end handler of each session runs once, and that sessions and RPCs are counted back to 0',
    async run(probe) {
      for (let round = 0; round < ROUNDS; round += 1) {
        const conversation = probe.conversation();
        mustBeOk(await conversation.once({ event: 'session_start' }), 'SESSION_START');
        const end = conversation.open();
        end.send({ digits: ['6'] });
        if (round % 2 === 0) {
          const hangUp = await conversation.once({ event: 'session_end' });
          mustBeOk(hangUp, 'SESSION_END while the agent ends the call');
          mustBeOk(await end.finished(COMPLETION_MS), 'The end that races with SESSION_END');
        } else {
          end.cancel();
          mustEndWith(await end.finished(COMPLETION_MS), [OK, CANCELLED], 'The end that is cancelled');
          mustBeOk(await conversation.once({ event: 'session_end' }), 'SESSION_END after a cancelled end');
        }
      }
      const next = await probe.conversation().once({ event: 'session_start' });
      mustBeOk(next, 'SESSION_START after the races');
      readReply(probe, next.received, { purpose: 'session_start' });
    },
  },
];
