// What a broken or hostile client sends: each request is answered with the status that gRPC has for it, and neither the
// connection nor the call suffers. The next request on the same connection is served.
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { type AgentProcess, startAgent } from './harness/agent-process.ts';
import { type Client, connect, digits, event, method } from './harness/client.ts';
import { connectRaw, frame, type RawConnection } from './harness/raw-http2.ts';

const VOICE = 'com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent';
const TURN = `/${VOICE}/ProcessCallerInput`;

const OK = 0;
const INVALID_ARGUMENT = 3;
const RESOURCE_EXHAUSTED = 8;
const UNIMPLEMENTED = 12;
const INTERNAL = 13;

let agent: AgentProcess;
let client: Client;
let raw: RawConnection;
let calls = 0;

const encode = (request: object): Buffer => method(VOICE, 'ProcessCallerInput').requestSerialize(request);
const start = (conversation: string): Buffer =>
  encode({ conversation_id: conversation, customer_org_id: 'org-1', ...event('SESSION_START') });

beforeAll(async () => {
  agent = await startAgent('wav');
  client = connect(agent.port);
  raw = connectRaw(agent.port);
});

afterAll(async () => {
  raw.close();
  client.close();
  await agent.stop();
});

// What every case must leave behind: a connection that serves, a call that goes on, and no RPC that is still open.
afterEach(async () => {
  calls += 1;
  const id = `after-${calls}`;
  expect(raw.usable).toBe(true);
  const answer = await raw.send({ path: TURN, body: frame(start(id)) });
  expect(answer).toMatchObject({ http: 200, grpcStatus: OK, resetCode: 0 });
  expect(answer.body.length).toBeGreaterThan(1000);
  expect(await client.conversation(id).once(digits(3))).toMatchObject({ code: OK });
  await sleep(50);
  const seen = agent.facts.length;
  await client.conversation(id).once(event('CUSTOM_EVENT', { name: 'stats' }));
  const told = await agent.fact((fact) => 'stats' in fact && agent.facts.indexOf(fact) >= seen);
  // The RPC that asks.
  expect(told['stats']).toMatchObject({ rpcs: 1, turns: 1 });
  expect(agent.facts.filter((fact) => 'unhandledRejection' in fact)).toEqual([]);
});

it('a body that is no protobuf', async () => {
  // Field 1, length 127, one byte; and a tag of the wire type 7, which does not exist.
  for (const garbage of [Buffer.from([0x0a, 0x7f, 0x61]), Buffer.from([0x0f, 0xff, 0xff])]) {
    const { http, grpcStatus, grpcMessage } = await raw.send({ path: TURN, body: frame(garbage) });
    expect(http).toBe(200);
    expect([INVALID_ARGUMENT, INTERNAL]).toContain(grpcStatus);
    expect(grpcMessage).not.toMatch(/\bat \S+:\d+|\.ts\b|node_modules/);
  }
});

it('a body that is no protobuf, after a good message on the same RPC', async () => {
  const id = 'garbage-later';
  const silence = encode({
    conversation_id: id,
    customer_org_id: 'org-1',
    audio_input: { caller_audio: Buffer.alloc(160, 0xff) },
  });
  const body = Buffer.concat([frame(silence), frame(Buffer.from([0x0a, 0x7f, 0x61]))]);
  expect([INVALID_ARGUMENT, INTERNAL]).toContain((await raw.send({ path: TURN, body })).grpcStatus);
  // The call that it belongs to goes on.
  expect(await client.conversation(id).once(digits(3))).toMatchObject({ code: OK, kinds: ['FINAL'] });
});

it('a message of 10 MB', async () => {
  const huge = encode({
    conversation_id: 'huge',
    customer_org_id: 'org-1',
    audio_input: { caller_audio: Buffer.alloc(10 * 1024 * 1024, 0xff) },
  });
  expect(await raw.send({ path: TURN, body: frame(huge) })).toMatchObject({
    http: 200,
    grpcStatus: RESOURCE_EXHAUSTED,
  });
});

it('a length of 4 GB that is announced and never sent', async () => {
  const body = Buffer.from([0, 0xff, 0xff, 0xff, 0xff, 0x0a]);
  expect(await raw.send({ path: TURN, body })).toMatchObject({ http: 200, grpcStatus: RESOURCE_EXHAUSTED });
});

it('a foreign content type is refused in HTTP, since its client may not know gRPC', async () => {
  const headers = { 'content-type': 'text/plain' };
  const answer = await raw.send({ path: TURN, headers, body: frame(start('text')) });
  expect(answer).toMatchObject({ http: 415, grpcStatus: undefined });
  expect(answer.body.toString()).not.toContain('RIFF');
});

it('a method and a service that do not exist', async () => {
  for (const path of [`/${VOICE}/Nope`, '/com.example.Nope/Nope', '/nope']) {
    const answer = await raw.send({ path, body: frame(start('nope')) });
    expect(answer).toMatchObject({ http: 200, grpcStatus: UNIMPLEMENTED });
    expect(answer.headers['content-type']).toMatch(/^application\/grpc/);
  }
});

it('a message compressed in a way that the server does not know', async () => {
  const headers = { 'grpc-encoding': 'x-unknown' };
  const answer = await raw.send({ path: TURN, headers, body: frame(start('packed'), true) });
  expect(answer).toMatchObject({ http: 200, grpcStatus: UNIMPLEMENTED });
  // Tells the client what would have been understood.
  expect(answer.grpcMessage).toMatch(/gzip/);
});

it('a message marked as compressed when no compression was agreed', async () => {
  const { http, grpcStatus } = await raw.send({ path: TURN, body: frame(start('unpacked'), true) });
  expect([http, grpcStatus]).toEqual([200, INTERNAL]);
});

it('a message that says gzip and is not', async () => {
  const headers = { 'grpc-encoding': 'gzip' };
  const { http, grpcStatus } = await raw.send({ path: TURN, headers, body: frame(Buffer.from('not gzip'), true) });
  expect(http).toBe(200);
  expect([INVALID_ARGUMENT, INTERNAL]).toContain(grpcStatus);
});

it('a half-close in the middle of a frame', async () => {
  const cut = frame(start('cut')).subarray(0, 9);
  const { http, grpcStatus } = await raw.send({ path: TURN, body: cut });
  expect(http).toBe(200);
  expect([INVALID_ARGUMENT, INTERNAL]).toContain(grpcStatus);
});

it('a reset in the middle of a frame, fresh and on a call that is under way', async () => {
  const id = 'reset';
  await client.conversation(id).once(event('SESSION_START'));
  const silence = encode({
    conversation_id: id,
    customer_org_id: 'org-1',
    audio_input: { caller_audio: Buffer.alloc(160, 0xff) },
  });
  for (const body of [
    frame(start('reset-fresh')).subarray(0, 7),
    Buffer.concat([frame(silence), frame(silence).subarray(0, 20)]),
  ]) {
    const answer = await raw.send({ path: TURN, body, reset: true });
    expect(answer.grpcStatus).toBeUndefined();
    expect(answer.body).toHaveLength(0);
  }
  expect(await client.conversation(id).once(digits(3))).toMatchObject({ code: OK, kinds: ['FINAL'] });
});

it('an RPC without a message', async () => {
  expect(await raw.send({ path: TURN, body: Buffer.alloc(0) })).toMatchObject({
    http: 200,
    grpcStatus: INVALID_ARGUMENT,
  });
});
