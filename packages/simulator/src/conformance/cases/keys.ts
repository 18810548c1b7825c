// Digits.

import { SAMPLES_PER_MS } from '../../audio/line-rate.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { readReply } from '../expect/reply.ts';
import { mustBeOk, mustBeSilent } from '../expect/status.ts';
import { must } from '../probe/case-failure.ts';
import type { Conversation } from '../probe/conversation.ts';
import type { Probe } from '../probe/probe.ts';
import { stream, voiceOf } from '../probe/voice.ts';

const SILENT_MS = 500;
/** Prompts that are made anew each time differ a little in length. */
const SAME_MS = 300;

async function begin(probe: Probe): Promise<Conversation> {
  const conversation = probe.conversation();
  mustBeOk(await conversation.once({ event: 'session_start' }), 'SESSION_START');
  return conversation;
}

async function spokenMs(probe: Probe, conversation: Conversation, keys: string): Promise<number> {
  const answer = await conversation.once({ digits: [...keys] });
  mustBeOk(answer, `Digits "${keys}"`);
  const { samples } = readReply(probe, answer.received, { purpose: 'dtmf' });
  return samples.length / SAMPLES_PER_MS;
}

export const KEY_CASES: readonly ConformanceCase[] = [
  {
    id: 'C7',
    kind: 'contract',
    source: 'digits',
    title: 'START_OF_DTMF: completion alone',
    sends: 'START_OF_DTMF, half-close',
    expects: 'no message; OK (advice: in less than 500 ms)',
    holdsFor: 'every',
    limitMs: 10_000,
    replies: 1,
    async run(probe) {
      const conversation = await begin(probe);
      const key = await conversation.once({ event: 'start_of_dtmf' });
      mustBeSilent(key, key, 'START_OF_DTMF');
      await probe.advise('START_OF_DTMF_SLOW', () => {
        must(key.atMs < SILENT_MS, `START_OF_DTMF took ${Math.round(key.atMs)} ms; less than ${SILENT_MS} is good.`);
      });
    },
  },
  {
    id: 'C8',
    kind: 'advice',
    title: 'digits, with the terminator split off',
    sends: 'digits 1 2 0 #; digits 1 2 0; digit 1',
    expects: 'one FINAL each; the terminator is no digit: "120#" is answered as "120" is; OK',
    holdsFor: 'demo',
    limitMs: 15_000,
    replies: 4,
    inside: 'that the agent was given "120" and the terminator apart from it, and code 10 as the key 0',
    async run(probe) {
      const conversation = await begin(probe);
      const withTerminator = await spokenMs(probe, conversation, '120#');
      const without = await spokenMs(probe, conversation, '120');
      const same = Math.abs(withTerminator - without) <= SAME_MS;
      must(
        same,
        `"120#" is answered with ${withTerminator} ms of audio and "120" with ${without}: the terminator was read out.`,
      );
      await spokenMs(probe, conversation, '1');
    },
  },
  {
    id: 'C9',
    kind: 'advice',
    title: 'no digits',
    sends: 'a DTMF message with no digits, half-close',
    expects: 'one FINAL (a reprompt, or NO_INPUT) or completion alone; OK, never an error',
    holdsFor: 'every',
    limitMs: 10_000,
    replies: 2,
    async run(probe) {
      const conversation = await begin(probe);
      const answer = await conversation.once({ digits: [] });
      mustBeOk(answer, 'A DTMF message with no digits');
      if (answer.received.length === 0) return;
      readReply(probe, answer.received, { purpose: 'dtmf', audio: false });
    },
  },
  {
    id: 'C10',
    kind: 'contract',
    source: 'bargeIn',
    title: 'silence, then START_OF_DTMF on the same RPC',
    sends: '1 s of silence, START_OF_DTMF, half-close, all on one RPC; then digits on the next',
    expects: 'no message on the first RPC, and OK; OK on the second (advice: with a FINAL)',
    holdsFor: 'every',
    limitMs: 15_000,
    replies: 2,
    async run(probe) {
      const conversation = await begin(probe);
      const { codec, format } = voiceOf(probe);
      const rpc = conversation.open();
      rpc.send({ audio: new Uint8Array(0), format });
      await stream(probe, rpc, codec.silence, 1000);
      rpc.send({ event: 'start_of_dtmf' });
      rpc.halfClose();
      mustBeSilent(rpc, await rpc.finished(probe.settings.replyMs), 'Silence with START_OF_DTMF');
      const digits = await conversation.once({ digits: ['3'] });
      mustBeOk(digits, 'Digits after START_OF_DTMF');
      readReply(probe, digits.received, { purpose: 'dtmf' });
    },
  },
];
