// A call whose client breaks off, babbles or never lets go: the RPC at fault ends, its call goes on, and nothing of it
// stays open on the server.
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from 'vitest';
import { type AgentProcess, startAgent } from './harness/agent-process.ts';
import { MULAW } from './harness/audio.ts';
import { type Client, connect, digits, event, method } from './harness/client.ts';
import { connectRaw, frame, type RawConnection } from './harness/raw-http2.ts';

const VOICE = 'com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent';
const TURN = `/${VOICE}/ProcessCallerInput`;
const OK = 0;
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;
const INTERNAL = 13;
/** What gRPC's libraries answer to a message that cannot be read; they do not agree on one. */
const UNREADABLE = [INVALID_ARGUMENT, INTERNAL];

let agent: AgentProcess;
let client: Client;
let raw: RawConnection;
let inspections = 0;

const encode = (conversation: string, content: object): Buffer =>
  method(VOICE, 'ProcessCallerInput').requestSerialize({
    conversation_id: conversation,
    customer_org_id: 'org-1',
    ...content,
  });
const silence = (conversation: string): Buffer =>
  frame(encode(conversation, { audio_input: { caller_audio: MULAW.silence } }));

beforeAll(async () => {
  agent = await startAgent('wav');
  client = connect(agent.port);
});
beforeEach(() => {
  raw = connectRaw(agent.port);
});
afterEach(async () => {
  inspections += 1;
  try {
    expect(raw.usable).toBe(true);
    const next = await raw.send({
      path: TURN,
      body: frame(encode(`next-${inspections}`, event('SESSION_START'))),
    });
    expect(next).toMatchObject({ http: 200, grpcStatus: OK, resetCode: 0 });
    await client.conversation(`stats-${inspections}`).once(event('CUSTOM_EVENT', { name: 'stats' }));
    const told = await agent.fact((fact) => fact['askedBy'] === `stats-${inspections}`);
    // The RPC that asks is the only one.
    expect(told['stats']).toMatchObject({ rpcs: 1, turns: 1 });
    expect(agent.facts.filter((fact) => 'unhandledRejection' in fact)).toEqual([]);
  } finally {
    raw.close();
  }
});
afterAll(async () => {
  client.close();
  await agent.stop();
});

it('a message that cannot be read ends its RPC and not the call', async () => {
  const call = client.conversation('garbage');
  await call.once(event('SESSION_START'));
  const body = Buffer.concat([silence('garbage'), frame(Buffer.from('0a7f61', 'hex'))]);
  const answer = await raw.send({ path: TURN, body });
  expect(UNREADABLE).toContain(answer.grpcStatus);
  expect(answer.grpcMessage).not.toMatch(/\bat \S+:\d+|node_modules/);
  expect(await call.once(digits(3))).toMatchObject({ code: OK, kinds: ['FINAL'] });
});

it('a message that says gzip and is not', async () => {
  const headers = { 'grpc-encoding': 'gzip' };
  const answer = await raw.send({ path: TURN, headers, body: frame(Buffer.from('not gzip'), true) });
  expect(UNREADABLE).toContain(answer.grpcStatus);
});

it('a reset in the middle of a frame, in the middle of speech', async () => {
  const call = client.conversation('reset');
  await call.once(event('SESSION_START'));
  const speech = Array.from({ length: 20 }, (_, index) =>
    frame(encode('reset', { audio_input: { caller_audio: MULAW.speech.subarray(index * 160, (index + 1) * 160) } })),
  );
  const body = Buffer.concat([silence('reset'), ...speech, silence('reset').subarray(0, 20)]);
  const answer = await raw.send({ path: TURN, body, reset: true });
  expect(answer.grpcStatus).not.toBe(OK);
  expect(await call.once(digits(3))).toMatchObject({ code: OK, kinds: ['FINAL'] });
  expect(agent.facts.filter((fact) => fact['sessionEnd'] === 'reset')).toEqual([]);
});

it('a message that is too large is refused while it is still being written', async () => {
  const call = client.conversation('huge');
  await call.once(event('SESSION_START'));
  const huge = frame(encode('huge', { audio_input: { caller_audio: Buffer.alloc(10 * 1024 * 1024, 0xff) } }));
  expect(await raw.send({ path: TURN, body: huge })).toMatchObject({ http: 200, grpcStatus: RESOURCE_EXHAUSTED });
  expect(await call.once(digits(3))).toMatchObject({ code: OK, kinds: ['FINAL'] });
});

it('a client that never half-closes is answered, and its stream is closed for it', async () => {
  const body = frame(encode('clinging', event('SESSION_START')));
  const answer = await raw.send({ path: TURN, body, halfClose: false });
  expect(answer).toMatchObject({ http: 200, grpcStatus: OK, resetCode: 0 });
  expect(answer.body.length).toBeGreaterThan(1000);
});
