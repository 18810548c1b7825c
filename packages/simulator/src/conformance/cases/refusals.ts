// What is refused, what is ignored, and what goes wrong inside.

import type { AgentResponse } from '../../wire/messages.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { readReply } from '../expect/reply.ts';
import { INTERNAL, INVALID_ARGUMENT, mustBeOk, mustEndWith, NOT_FOUND, OK } from '../expect/status.ts';
import { must } from '../probe/case-failure.ts';
import type { Probe } from '../probe/probe.ts';
import type { FinishedRpc } from '../probe/probe-rpc.ts';
import { summary } from '../probe/probe-rpc.ts';
import { stream, voiceOf } from '../probe/voice.ts';

const COMPLETION_MS = 2000;
/** The longest that a server may let an agent be silent. */
const TURN_TIMEOUT_MS = 60_000;
const NOBODY = 'byova-sim-no-such-agent';
/** What the `throws` agent's error says; a caller must never see it. */
const SECRET = 'secret detail of the inside';

function mustRefuse(answer: FinishedRpc<AgentResponse>, code: number, what: string): void {
  mustEndWith(answer, [code], what);
  must(answer.received.length === 0, `${what} must have no response; ${summary(answer.received, undefined)}.`);
}

async function stillWorks(probe: Probe, id: string, agentId: string): Promise<void> {
  const digits = await probe.conversation({ id, agentId }).once({ digits: ['3'] });
  mustBeOk(digits, 'Digits after a refusal');
  readReply(probe, digits.received, { purpose: 'dtmf' });
}

async function failingAgent(probe: Probe, agentId: string): Promise<void> {
  const conversation = probe.conversation({ agentId });
  mustBeOk(await conversation.once({ event: 'session_start' }), 'SESSION_START');
  const rpc = conversation.open();
  rpc.send({ digits: ['3'] });
  rpc.halfClose();
  const what = `Digits to the agent "${agentId}"`;
  const ended = await rpc.finished(TURN_TIMEOUT_MS, what);
  mustEndWith(ended, [OK, INTERNAL], what);
  const shown = ended.details + JSON.stringify(rpc.received.map(({ response }) => ({ ...response, prompts: [] })));
  const texts = rpc.received.flatMap(({ response }) => response.prompts.map(({ text }) => text)).join(' ');
  const all = `${shown} ${texts}`;
  must(!all.includes(SECRET), 'The text of the exception went to the caller.', 'ERROR_TEXT');
  must(!/\bat \S+:\d+:\d+|node_modules/.test(all), 'A stack trace went to the caller.', 'ERROR_TEXT');
  if (ended.code === OK) readReply(probe, rpc.received, { purpose: 'dtmf' });
}

export const REFUSAL_CASES: readonly ConformanceCase[] = [
  {
    id: 'C20',
    kind: 'contract',
    source: 'defaultAgent',
    title: 'unknown, empty, changing and missing ids',
    sends:
      'an empty agent id; an unknown one; the id of another agent in a known conversation; a conversation id that changes in an RPC; none at all',
    expects: 'the default agent answers (advice: NOT_FOUND; INVALID_ARGUMENT; INVALID_ARGUMENT; INVALID_ARGUMENT)',
    holdsFor: 'every',
    limitMs: 20_000,
    replies: 6,
    async run(probe) {
      const { agents } = probe.settings;
      const conversation = probe.conversation({ agentId: '' });
      const welcome = await conversation.once({ event: 'session_start' });
      mustBeOk(welcome, 'SESSION_START without an agent id');
      readReply(probe, welcome.received, { purpose: 'session_start' });
      await probe.advise('UNKNOWN_AGENT', async () => {
        const unknown = await probe.conversation({ agentId: NOBODY }).once({ event: 'session_start' });
        mustRefuse(unknown, NOT_FOUND, 'An unknown agent id');
      });
      const { id } = conversation;
      const other = agents.find(({ isDefault }) => !isDefault);
      if (other === undefined) {
        probe.note("another agent's id in a known conversation: needs two agents on the server's list");
      } else {
        await probe.advise('OTHER_AGENT', async () => {
          const changed = await probe.conversation({ id, agentId: other.id }).once({ event: 'no_input' });
          mustRefuse(changed, INVALID_ARGUMENT, `The id of another agent ("${other.id}") in a known conversation`);
        });
      }
      await probe.advise('CONVERSATION_CHANGED', async () => {
        const { codec, format } = voiceOf(probe);
        const rpc = conversation.open();
        rpc.send({ audio: codec.silence, format });
        rpc.sendAs(`${id}-other`, { audio: codec.silence, format });
        const change = 'A conversation id that changes in an RPC';
        try {
          mustEndWith(await rpc.finished(COMPLETION_MS, change), [INVALID_ARGUMENT], change);
        } finally {
          rpc.halfClose();
        }
      });
      await probe.advise('CONVERSATION_MISSING', async () => {
        const missing = await probe.conversation({ id: '' }).once({ event: 'session_start' });
        mustRefuse(missing, INVALID_ARGUMENT, 'A missing conversation id');
      });
      await stillWorks(probe, id, '');
    },
  },
  {
    id: 'C24',
    kind: 'advice',
    title: 'messages without content',
    sends: 'two messages without content, then audio; in another RPC nothing but such messages; then digits',
    expects: 'the two are ignored and the audio is taken; the other RPC ends with INVALID_ARGUMENT; the call goes on',
    holdsFor: 'every',
    limitMs: 15_000,
    replies: 3,
    inside: 'that each message without content is logged as a warning',
    async run(probe) {
      const conversation = probe.conversation();
      mustBeOk(await conversation.once({ event: 'session_start' }), 'SESSION_START');
      const { codec, format } = voiceOf(probe);
      const rpc = conversation.open();
      rpc.send(undefined);
      rpc.send(undefined);
      rpc.send({ audio: new Uint8Array(0), format });
      await stream(probe, rpc, codec.silence, 300);
      rpc.halfClose();
      mustBeOk(await rpc.finished(COMPLETION_MS), 'Audio after two messages without content');
      const empty = conversation.open();
      empty.send(undefined);
      empty.send(undefined);
      empty.halfClose();
      const what = 'An RPC of nothing but messages without content';
      mustEndWith(await empty.finished(COMPLETION_MS, what), [INVALID_ARGUMENT], what);
      await stillWorks(probe, conversation.id, probe.settings.agentId);
    },
  },
  {
    id: 'C27',
    kind: 'contract',
    source: 'rpcs',
    title: 'an agent that throws, and one that never answers',
    sends: `digits to the agent "throws", whose error says "${SECRET}", and to the agent "hangs"`,
    expects:
      'a FINAL with an error prompt and OK, or INTERNAL (advice: with nothing of the error in it); never an RPC that hangs',
    holdsFor: 'demo',
    agents: ['throws', 'hangs'],
    limitMs: 2 * TURN_TIMEOUT_MS + 10_000,
    replies: 2,
    async run(probe) {
      for (const agentId of ['throws', 'hangs']) {
        const listed = probe.settings.agents.some(({ id }) => id === agentId);
        if (listed) await failingAgent(probe, agentId);
        else probe.note(`the server lists no agent "${agentId}"`);
      }
    },
  },
];
