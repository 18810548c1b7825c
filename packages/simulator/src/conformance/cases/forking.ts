// Listening in on a call between a caller and a person. Run where the server offers the service.
import { FRAME_MS } from '../../audio/voice-codec.ts';
import { randomUuid } from '../../call/resolve-options.ts';
import { FORK, type ForkRequest, type ForkResponse } from '../../wire/methods.ts';
import type { ConformanceCase } from '../conformance-case.ts';
import { CANCELLED, mustBeOk, mustEndWith, OK, UNIMPLEMENTED } from '../expect/status.ts';
import { CaseSkipped, must } from '../probe/case-failure.ts';
import type { Probe } from '../probe/probe.ts';
import { type Ended, type ProbeRpc, summary } from '../probe/probe-rpc.ts';
import { voiceOf } from '../probe/voice.ts';

type ForkRpc = ProbeRpc<ForkRequest, ForkResponse>;

const CALL_MS = 5000;
const COMPLETION_MS = 2000;
const MULAW = { encoding: 'mulaw', sampleRateHz: 8000 } as const;
const INVALID_AUDIO_FORMAT = 1;

function open(probe: Probe): ForkRpc {
  return probe.open(FORK, {
    sent: ({ leg, audio }) => `${audio.length} bytes of the ${leg}`,
    got: ({ message, errorCode }) => `${JSON.stringify(message)}, error code ${errorCode}`,
    kind: ({ message }) => JSON.stringify(message),
  });
}

async function finish({ settings: { replyMs } }: Probe, rpc: ForkRpc, what: string): Promise<void> {
  rpc.halfClose();
  const ended = await rpc.finished(replyMs, what);
  skipUnlessOffered(ended);
  mustBeOk(ended, what);
  must(rpc.received.length === 1, `${what} must have exactly one response; ${summary(rpc.received, undefined)}.`);
}

function skipUnlessOffered(ended: Ended | undefined): void {
  if (ended?.code === UNIMPLEMENTED) throw new CaseSkipped('the server does not offer audio forking');
}

function mustSucceed({ received }: ForkRpc, what: string): void {
  const answer = received[0]?.response;
  const good = answer?.message === 'SUCCESS' && answer.errorCode === 0;
  const found = answer === undefined ? 'nothing' : `${JSON.stringify(answer.message)}, error code ${answer.errorCode}`;
  must(good, `${what} must be acknowledged with "SUCCESS", error code 0; it is ${found}.`);
}

/** Makes the pieces of both legs of one call. */
function legs(probe: Probe): (leg: ForkRequest['leg'], piece: Pick<ForkRequest, 'audio' | 'format'>) => ForkRequest {
  const { organization, random } = probe.settings;
  const conversationId = probe.conversation().id;
  const roleIds = { caller: randomUuid(random), agent: randomUuid(random) };
  return (leg, piece) => ({ conversationId, organization, leg, roleId: roleIds[leg], ...piece });
}

async function refusedFormat(probe: Probe): Promise<void> {
  const rpc = open(probe);
  const piece = legs(probe);
  rpc.send(piece('caller', { audio: new Uint8Array(321), format: { encoding: 'linear16', sampleRateHz: 8000 } }));
  await finish(probe, rpc, 'LINEAR16 with an odd number of bytes');
  const code = rpc.received[0]?.response.errorCode;
  must(code === INVALID_AUDIO_FORMAT, `LINEAR16 with an odd number of bytes must have error code 1; it has ${code}.`);
}

async function noRate(probe: Probe): Promise<void> {
  const rpc = open(probe);
  const piece = legs(probe);
  const audio = new Uint8Array(160).fill(0xff);
  for (let frame = 0; frame < 10; frame += 1) {
    rpc.send(piece('caller', { audio, format: { encoding: 'mulaw', sampleRateHz: 0 } }));
  }
  await finish(probe, rpc, 'Audio without a rate');
  const code = rpc.received[0]?.response.errorCode;
  must(
    code === 0 || code === INVALID_AUDIO_FORMAT,
    `Audio without a rate must have error code 0 or 1; it has ${code}.`,
  );
}

export const FORKING_CASES: readonly ConformanceCase[] = [
  {
    id: 'C29',
    kind: 'contract',
    source: 'forking',
    title: 'audio forking: both legs of a call',
    sends: 'frames of CALLER and AGENT in turn for 5 s on one RPC, half-close',
    expects: 'no message until the half-close; then one response, "SUCCESS", error code 0; OK',
    holdsFor: 'every',
    limitMs: 20_000,
    replies: 0,
    inside: 'that the agent is given two streams, one for each leg, in order',
    async run(probe) {
      const rpc = open(probe);
      const piece = legs(probe);
      const { codec, speech } = voiceOf(probe);
      const startMs = probe.now();
      for (let sentMs = 0; sentMs < CALL_MS && rpc.ended === undefined; sentMs += FRAME_MS) {
        const audio = speech[(sentMs / FRAME_MS) % speech.length] ?? codec.silence;
        rpc.send(piece('caller', { audio, format: MULAW }));
        rpc.send(piece('agent', { audio: codec.silence, format: MULAW }));
        const dueMs = startMs + sentMs + FRAME_MS;
        if (dueMs > probe.now()) await probe.sleep(dueMs - probe.now());
      }
      skipUnlessOffered(rpc.ended);
      const early = summary(rpc.received, rpc.ended);
      must(rpc.received.length === 0 && rpc.ended === undefined, `Nothing is due before the half-close; ${early}.`);
      await finish(probe, rpc, 'A forked call');
      mustSucceed(rpc, 'A forked call');
    },
  },
  {
    id: 'C30',
    kind: 'advice',
    title: 'audio forking: bad audio, and a client that cancels',
    sends: 'LINEAR16 with an odd number of bytes; mu-law with rate 0; a call that the client cancels; then a good call',
    expects: 'error code 1 and OK; error code 1, or taken as 8000 Hz; no crash; the good call is acknowledged',
    holdsFor: 'every',
    limitMs: 20_000,
    replies: 0,
    inside: 'that the streams of a cancelled call end with a reason',
    async run(probe) {
      await refusedFormat(probe);
      await noRate(probe);
      const audio = new Uint8Array(160).fill(0xff);
      const cancelled = open(probe);
      cancelled.send(legs(probe)('caller', { audio, format: MULAW }));
      await probe.sleep(100);
      cancelled.cancel();
      mustEndWith(await cancelled.finished(COMPLETION_MS), [CANCELLED, OK], 'A forked call that is cancelled');
      const good = open(probe);
      good.send(legs(probe)('agent', { audio, format: MULAW }));
      await finish(probe, good, 'A forked call after a cancelled one');
      mustSucceed(good, 'A forked call after a cancelled one');
    },
  },
];
