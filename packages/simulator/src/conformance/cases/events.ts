// Events, and how calls end.
import { isDeepStrictEqual } from 'node:util';
import { eventOf } from '../../contract/reading.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { readReply } from '../expect/reply.ts';
import { mustBeOk, mustBeSilent } from '../expect/status.ts';
import { must } from '../probe/case-failure.ts';
import type { Probe } from '../probe/probe.ts';
import { summary } from '../probe/probe-rpc.ts';
import { stream, voiceOf } from '../probe/voice.ts';

const PARAMETERS = { a: '1', n: 2, b: true, l: [1], o: { k: null } };
const COMPLETION_MS = 2000;
const LATE_AUDIO_MS = 300;

/** The key, the event that it brings, and its name on the wire. */
const TERMINAL = [
  ['5', 'transfer', 'TRANSFER_TO_AGENT'],
  ['6', 'end', 'SESSION_END'],
] as const;

async function terminal(probe: Probe, [key, event, name]: (typeof TERMINAL)[number]): Promise<void> {
  const { codec, format, speech } = voiceOf(probe);
  const loud = speech[0] ?? codec.silence;
  const conversation = probe.conversation();
  mustBeOk(await conversation.once({ event: 'session_start' }), 'SESSION_START');
  const early = conversation.open();
  early.send({ audio: codec.silence, format });
  const rpc = conversation.open();
  rpc.send({ digits: [key] });
  const what = `Digit ${key} without half-close`;
  mustBeOk(await rpc.finished(probe.settings.replyMs, what), what);
  const got = summary(rpc.received, undefined);
  must(rpc.received.length === 1, `Digit ${key} must have one response, ${name}; ${got}.`, 'DEMO_DIALOGUE');
  const { final } = readReply(probe, rpc.received, { purpose: 'dtmf', audio: false });
  must(eventOf(final)?.event === event, `Digit ${key} must bring ${name}; ${got}.`, 'DEMO_DIALOGUE');
  // What is still on its way is swallowed: on the RPC that was open, and on one that opens afterwards.
  await probe.advise('LATE_AUDIO', async () => {
    await stream(probe, early, loud, LATE_AUDIO_MS);
    early.halfClose();
    mustBeSilent(early, await early.finished(COMPLETION_MS), `Audio that arrives after ${name}`);
    const late = conversation.open();
    late.send({ audio: new Uint8Array(0), format });
    await stream(probe, late, codec.silence, LATE_AUDIO_MS);
    late.halfClose();
    mustBeSilent(late, await late.finished(COMPLETION_MS), `An audio RPC that opens after ${name}`);
  });
}

export const EVENT_CASES: readonly ConformanceCase[] = [
  {
    id: 'C15',
    kind: 'contract',
    source: 'events',
    title: 'NO_INPUT',
    sends: 'NO_INPUT, half-close',
    expects: 'OK (advice: with a FINAL that says how the next input is taken)',
    holdsFor: 'every',
    limitMs: 10_000,
    replies: 2,
    async run(probe) {
      const conversation = probe.conversation();
      mustBeOk(await conversation.once({ event: 'session_start' }), 'SESSION_START');
      const answer = await conversation.once({ event: 'no_input' });
      mustBeOk(answer, 'NO_INPUT');
      readReply(probe, answer.received, { purpose: 'no_input' });
    },
  },
  {
    id: 'C16',
    kind: 'contract',
    source: 'metadata',
    title: 'a custom event, both ways',
    sends: `CUSTOM_EVENT x with parameters ${JSON.stringify(PARAMETERS)}`,
    expects: 'FINAL with CUSTOM_EVENT ack:x, whose metadata are the parameters unchanged; OK',
    holdsFor: 'demo',
    limitMs: 10_000,
    replies: 2,
    async run(probe) {
      const conversation = probe.conversation();
      mustBeOk(await conversation.once({ event: 'session_start' }), 'SESSION_START');
      const answer = await conversation.once({ event: 'custom_event', name: 'x', parameters: PARAMETERS });
      mustBeOk(answer, 'CUSTOM_EVENT');
      const { final } = readReply(probe, answer.received, { purpose: 'custom_event', audio: false });
      const event = eventOf(final);
      const answered = event?.event === 'custom_event' && event.name === 'ack:x';
      const reason = `The answer must be CUSTOM_EVENT "ack:x"; ${summary(answer.received, undefined)}.`;
      must(answered, reason, 'DEMO_DIALOGUE');
      const found = JSON.stringify(event.metadata);
      must(
        isDeepStrictEqual(event.metadata, PARAMETERS),
        `The metadata must be ${JSON.stringify(PARAMETERS)}; they are ${found}.`,
      );
    },
  },
  {
    id: 'C17',
    kind: 'contract',
    source: 'end',
    title: 'the caller hangs up',
    sends: 'SESSION_START; SESSION_END, half-close; then audio and digits of the same conversation',
    expects:
      'no prompt answers SESSION_END (advice: no message at all), and OK (advice: what comes later begins a new session)',
    holdsFor: 'every',
    limitMs: 15_000,
    replies: 3,
    inside: 'that the session is removed, and that its end handler runs once, with the reason that the caller hung up',
    async run(probe) {
      const conversation = probe.conversation();
      mustBeOk(await conversation.once({ event: 'session_start' }), 'SESSION_START');
      const hangUp = await conversation.once({ event: 'session_end' });
      mustBeOk(hangUp, 'SESSION_END');
      const got = summary(hangUp.received, undefined);
      const prompts = hangUp.received.some(({ response }) => response.prompts.length > 0);
      must(!prompts, `SESSION_END must have no answer with a prompt; ${got}.`, 'PROMPT_AFTER_SESSION_END');
      await probe.advise('ANSWER_TO_SESSION_END', () => {
        must(hangUp.received.length === 0, `SESSION_END is best completed without a message; ${got}.`);
      });
      await probe.advise('CALL_AFTER_END', async () => {
        const { codec, format } = voiceOf(probe);
        const rpc = conversation.open();
        rpc.send({ audio: new Uint8Array(0), format });
        await stream(probe, rpc, codec.silence, LATE_AUDIO_MS);
        rpc.halfClose();
        mustBeOk(await rpc.finished(COMPLETION_MS), 'Audio after SESSION_END');
        const digits = await conversation.once({ digits: ['3'] });
        mustBeOk(digits, 'Digits after SESSION_END');
        readReply(probe, digits.received, { purpose: 'dtmf' });
      });
    },
  },
  {
    id: 'C18',
    kind: 'contract',
    source: 'end',
    title: 'transfer and end, without half-close',
    sends: 'digit 5; in another call digit 6; the client never half-closes, and audio follows',
    expects:
      'one response, with TRANSFER_TO_AGENT or SESSION_END; OK at once (advice: without input mode and config; audio after it causes no error and no output)',
    holdsFor: 'demo',
    limitMs: 20_000,
    replies: 4,
    async run(probe) {
      for (const one of TERMINAL) await terminal(probe, one);
    },
  },
];
