// Spoken turns: boundaries, encodings, silence, and how the answer travels.
import type { ConformanceCase } from '../conformance-case.ts';
import { mustEcho } from '../expect/echo.ts';
import { type Reply, readReply } from '../expect/reply.ts';
import { spokenTurn, type TurnOptions } from '../expect/spoken-turn.ts';
import { mustBeOk } from '../expect/status.ts';
import { must } from '../probe/case-failure.ts';
import type { Probe } from '../probe/probe.ts';
import { summary } from '../probe/probe-rpc.ts';
import { speak, stream, voiceOf } from '../probe/voice.ts';

const SILENCE_MS = 1500;
const COMPLETION_MS = 2000;
const TURN_LIMIT_MS = 20_000;

function mustEchoInDemo(probe: Probe, { samples }: Reply): void {
  if (probe.settings.profile === 'demo') mustEcho(samples, probe.settings);
}

async function turnAfterWelcome(probe: Probe, options: TurnOptions = {}): Promise<Reply> {
  const conversation = probe.conversation();
  mustBeOk(await conversation.once({ event: 'session_start' }), 'SESSION_START');
  return spokenTurn(probe, conversation, options);
}

const TURN =
  'a config frame, 3 frames of 3 bytes, 500 ms of silence, 1 s of speech, silence until END_OF_INPUT, half-close';

export const SPEECH_CASES: readonly ConformanceCase[] = [
  {
    id: 'C3',
    kind: 'contract',
    source: 'wav',
    title: 'a spoken turn, answered in WAV',
    sends: `SESSION_START; then ${TURN}`,
    expects:
      'START_OF_INPUT, not before speech (advice: within 300 ms of it); END_OF_INPUT, not before silence (advice: within the end silence + 500 ms); one FINAL with WAV prompts and an input config; OK',
    holdsFor: 'every',
    speaks: true,
    modes: ['wav'],
    limitMs: TURN_LIMIT_MS,
    replies: 2,
    async run(probe) {
      await turnAfterWelcome(probe);
    },
  },
  {
    id: 'C4',
    kind: 'contract',
    source: 'chunk',
    title: 'a spoken turn, answered in chunks',
    sends: `SESSION_START; then ${TURN}`,
    expects:
      'as C3, but CHUNKs of 100 to 65536 bytes without a WAV header, then one FINAL without audio, with an input config; OK',
    holdsFor: 'every',
    speaks: true,
    modes: ['chunk'],
    limitMs: TURN_LIMIT_MS,
    replies: 2,
    async run(probe) {
      const { final } = await turnAfterWelcome(probe);
      if (probe.settings.profile === 'generic') return;
      const reason = `The input mode must be voice and DTMF (3); it is ${final.mode ?? 'unset'}.`;
      must(final.mode === 'voice_dtmf', reason, 'DEMO_DIALOGUE');
    },
  },
  {
    id: 'C5',
    kind: 'contract',
    source: 'client',
    title: 'frames that do not say how they are coded',
    sends: `SESSION_START; then ${TURN}; only the config frame declares mu-law at 8000 Hz`,
    expects: 'the same as with declared frames; the demo agent says back what was said',
    holdsFor: 'every',
    speaks: true,
    limitMs: TURN_LIMIT_MS,
    replies: 2,
    async run(probe) {
      mustEchoInDemo(probe, await turnAfterWelcome(probe, { speaking: { declareAll: false } }));
    },
  },
  {
    id: 'C6',
    kind: 'advice',
    title: 'A-law, and 16-bit PCM at 16 kHz',
    sends: `SESSION_START; then ${TURN}; once in A-law at 8000 Hz, once in LINEAR16 at 16000 Hz`,
    expects: 'the same events; the demo agent says back what was said, in mu-law at 8000 Hz',
    holdsFor: 'every',
    speaks: true,
    limitMs: TURN_LIMIT_MS,
    replies: 4,
    async run(probe) {
      const formats = [
        { encoding: 'alaw', sampleRateHz: 8000 },
        { encoding: 'linear16', sampleRateHz: 16_000 },
      ] as const;
      for (const format of formats) {
        probe.remark(`in ${format.encoding} at ${format.sampleRateHz} Hz`);
        mustEchoInDemo(probe, await turnAfterWelcome(probe, { format }));
      }
    },
  },
  {
    id: 'C12',
    kind: 'contract',
    source: 'client',
    title: 'a call whose start this server did not see',
    sends: `${TURN}, as the first RPC of a conversation; in another one, digits as the first`,
    expects: 'digits are served as in any other call (advice: speech as well)',
    holdsFor: 'every',
    speaks: true,
    limitMs: TURN_LIMIT_MS,
    replies: 2,
    inside: 'that the session is marked as one whose start was not seen',
    async run(probe) {
      await probe.advise('UNSEEN_START', async () => {
        await spokenTurn(probe, probe.conversation());
      });
      const digits = await probe.conversation().once({ digits: ['3'] });
      mustBeOk(digits, 'Digits as the first RPC of a conversation');
      readReply(probe, digits.received, { purpose: 'dtmf' });
    },
  },
  {
    id: 'C13',
    kind: 'contract',
    source: 'bargeIn',
    title: 'silence only',
    sends: 'SESSION_START; 1.5 s of silence, half-close; digits',
    expects: 'no message for the silence, and OK; the session is still there: the digits are answered',
    holdsFor: 'every',
    limitMs: 15_000,
    replies: 2,
    async run(probe) {
      const conversation = probe.conversation();
      mustBeOk(await conversation.once({ event: 'session_start' }), 'SESSION_START');
      const { codec, format } = voiceOf(probe);
      const rpc = conversation.open();
      rpc.send({ audio: new Uint8Array(0), format });
      await stream(probe, rpc, codec.silence, SILENCE_MS);
      rpc.halfClose();
      mustBeOk(await rpc.finished(probe.settings.replyMs), 'An RPC of silence');
      const spoke = rpc.received.some(({ response }) => response.prompts.length > 0);
      must(!spoke, `Silence must have no reply; ${summary(rpc.received, undefined)}.`);
      const digits = await conversation.once({ digits: ['3'] });
      mustBeOk(digits, 'Digits after silence');
      readReply(probe, digits.received, { purpose: 'dtmf' });
    },
  },
  {
    id: 'C14',
    kind: 'advice',
    title: 'speech, then half-close at once',
    sends: 'SESSION_START; silence, 1 s of speech, half-close with no silence after it',
    expects: 'the utterance is taken as complete: START_OF_INPUT, perhaps END_OF_INPUT, one FINAL; OK',
    holdsFor: 'every',
    speaks: true,
    limitMs: 15_000,
    replies: 2,
    async run(probe) {
      const conversation = probe.conversation();
      mustBeOk(await conversation.once({ event: 'session_start' }), 'SESSION_START');
      const rpc = conversation.open();
      await speak(probe, rpc, voiceOf(probe), { halfClose: 'after_speech' });
      mustBeOk(await rpc.finished(probe.settings.replyMs + COMPLETION_MS), 'Speech that is half-closed');
      const [first] = rpc.received;
      must(first?.kind === 'START_OF_INPUT', `START_OF_INPUT must come first; ${summary(rpc.received, undefined)}.`);
      mustEchoInDemo(probe, readReply(probe, rpc.received, { purpose: 'audio' }));
    },
  },
];
