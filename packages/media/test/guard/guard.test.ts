// The guard over real sockets: a local Webex signs tokens, and calls come with them. What attackers write is in case C21 of the
// conformance agent.
import {
  type CallRefusedEvent,
  type Conversation,
  MediaServer,
  type MediaServerOptions,
  type Session,
  verifyFromEnv,
} from '@byova/media';
import { type CallReport, type Platform, placeCall, startPlatform } from '@byova/simulator';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { Guard } from '../../src/guard/guard.ts';
import { Admission } from '../../src/wire/gate.ts';
import { connectForking, SUCCESS, status } from '../support/forked-call.ts';
import { framePath } from '../support/frame-path.ts';
import { connectRaw } from '../support/raw-grpc.ts';

const ORGANIZATION = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';
const URL_OF_SOURCE = 'https://va.example.com:443';
const agents = [{ id: 'demo', name: 'Demo' }];
const silent = { debug() {}, info() {}, warn() {}, error() {} };

let platform: Platform;
beforeEach(async () => {
  platform = await startPlatform();
  return () => platform.close();
});

const token = (claims: Record<string, unknown> = {}): string =>
  platform.signToken({
    claims: { 'com.cisco.datasource.url': URL_OF_SOURCE, 'com.cisco.org.uuid': ORGANIZATION, ...claims },
  });

async function start(verify: MediaServerOptions['verify'], options: Partial<MediaServerOptions<undefined>> = {}) {
  const server = new MediaServer({ agents, framePath, ...options, verify });
  const sessions: Session[] = [];
  const refused: CallRefusedEvent[] = [];
  server.on('session_start', async ({ session }) => {
    sessions.push(session);
    await session.transfer();
  });
  server.on('call_refused', ({ event }) => void refused.push(event));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  onTestFinished(() => server.close({ graceMs: 0 }));
  const call = (jws?: string, organization = ORGANIZATION): Promise<CallReport> =>
    placeCall({
      target: `http://127.0.0.1:${port}`,
      organization,
      pace: 'fast',
      script: [{ expect: 'transfer' }],
      ...(jws === undefined ? {} : { token: jws }),
    });
  return { server, port, sessions, refused, call };
}
const trusting = () => ({ datasourceUrl: URL_OF_SOURCE, issuers: Object.values(platform.issuers) });

describe('a server that verifies', () => {
  it('does not start without knowing against what', async () => {
    const server = new MediaServer({ agents });
    await expect(server.listen({ port: 0 })).rejects.toMatchObject({ code: 'VERIFICATION_MISSING' });
    await expect(new MediaServer({ agents, verify: {} }).listen({ port: 0 })).rejects.toMatchObject({
      code: 'VERIFICATION_MISSING',
    });
    expect(() => new MediaServer({ agents, verify: { datasourceUrl: 'va.example.com' } })).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID' }),
    );
    expect(() => new MediaServer({ agents, verify: { datasourceUrl: URL_OF_SOURCE, issuers: [] } })).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID' }),
    );
  });

  it('gives the session the organization of the token, whatever form the request had it in', async () => {
    const { call, sessions } = await start(trusting());
    expect(await call(token())).toMatchObject({ outcome: 'transferred', violations: [] });
    expect(await call(token(), ORGANIZATION.toUpperCase())).toMatchObject({ outcome: 'transferred' });
    expect(sessions.map(({ organization }) => organization)).toEqual([ORGANIZATION, ORGANIZATION]);
    expect(sessions[0]?.identity).toMatchObject({
      organization: ORGANIZATION,
      dataSourceUrl: URL_OF_SOURCE,
      issuer: platform.issuers.us,
      subject: 'subject',
    });
    expect(JSON.stringify(sessions[0]?.identity)).not.toContain('eyJ');
  });

  it('tells the operator which check failed, and the caller nothing', async () => {
    const { call, refused } = await start(trusting());
    const report = await call(token({ 'com.cisco.datasource.url': 'https://va.example.com' }));
    expect(report.failure?.message).toContain('UNAUTHENTICATED: The call is not authenticated.');
    expect(refused[0]).toMatchObject({
      reason: 'url',
      hint: expect.stringContaining('write it exactly as it was registered'),
      trackingId: expect.any(String),
      method: '/com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/ProcessCallerInput',
      enforced: true,
    });
  });

  it('refuses the next turn of a call whose token has ended meanwhile', async () => {
    const jws = token();
    // Behind the token: without tolerance, one that was issued a second later is not valid yet.
    let now = Date.now();
    const { server, call, refused } = await start({ ...trusting(), now: () => now, clockToleranceMs: 0 });
    expect(await call(jws)).toMatchObject({ outcome: 'transferred' });
    now += 3_600_000;
    expect(await call(jws)).toMatchObject({ outcome: 'failed' });
    expect(refused.map(({ reason }) => reason)).toEqual(['expired']);
    expect(server.stats.sessions).toBe(0);
  });

  it('takes data sources from whoever finds them, and lets go of one at once', async () => {
    let known = [{ url: URL_OF_SOURCE, organization: ORGANIZATION }];
    const { call } = await start({ dataSources: { find: () => known }, issuers: [platform.issuers.us] });
    const jws = token();
    expect(await call(jws)).toMatchObject({ outcome: 'transferred' });
    known = [];
    expect(await call(jws)).toMatchObject({ outcome: 'failed' });
  });

  it('a handler of refusals that throws harms nobody', async () => {
    const { server, call } = await start(trusting());
    expect(() => server.on('call_refused', () => {})).toThrow(expect.objectContaining({ code: 'HANDLER_EXISTS' }));
    const other = new MediaServer({ agents, verify: trusting() });
    other.on('call_refused', () => {
      throw new Error('a handler of the user');
    });
    other.on('session_start', ({ session }) => session.transfer());
    const { port } = await other.listen({ host: '127.0.0.1', port: 0 });
    const target = `http://127.0.0.1:${port}`;
    const script = [{ expect: 'transfer' }] as const;
    expect(await placeCall({ target, organization: ORGANIZATION, pace: 'fast', script })).toMatchObject({
      outcome: 'failed',
    });
    expect(await placeCall({ target, organization: ORGANIZATION, pace: 'fast', script, token: token() })).toMatchObject(
      {
        outcome: 'transferred',
      },
    );
    await other.close();
    expect(await call(token())).toMatchObject({ outcome: 'transferred' });
  });
});

it('admits a burst of RPCs on one connection that come before their token is known', async () => {
  const { port, refused } = await start(trusting(), { limits: { maxUnverifiedStreams: 1 } });
  const client = connectRaw(port);
  onTestFinished(() => client.close());
  const authorization = `Bearer ${token()}`;
  const rpcs = Array.from({ length: 50 }, () => client.open({ authorization }));
  for (const { stream } of rpcs) stream.end();
  // Each was read: it holds no message.
  for (const { answer } of rpcs) expect((await answer).status).toBe(3);
  expect(refused).toEqual([]);
});

describe('a server that does not enforce', () => {
  it('lets every call in, and logs those that would be refused', async () => {
    const logged: string[] = [];
    const logger = { ...silent, warn: (_: unknown, message: string) => void logged.push(message) };
    const { call, refused, sessions } = await start({ ...trusting(), enforce: false }, { logger });
    expect(await call(token({ exp: 1 }))).toMatchObject({ outcome: 'transferred' });
    expect(await call()).toMatchObject({ outcome: 'transferred' });
    expect(await call(token())).toMatchObject({ outcome: 'transferred' });
    expect(sessions.map(({ identity }) => identity?.organization)).toEqual([undefined, undefined, ORGANIZATION]);
    expect(new Set(refused.map(({ reason, enforced }) => `${reason} ${enforced}`))).toEqual(
      new Set(['expired false', 'missing false']),
    );
    expect(logged[0]).toContain('not enforced');
  });

  it('needs nothing to verify against', async () => {
    const { call, refused } = await start({ enforce: false });
    expect(await call()).toMatchObject({ outcome: 'transferred' });
    expect(refused).toEqual([]);
  });
});

it('a token that is known costs no promise', async () => {
  const guard = new Guard({ verify: trusting(), logger: silent, onRefused: () => {} });
  const request = { authorization: `Bearer ${token()}`, trackingId: undefined, method: '/x' };
  const first = guard.check(request);
  expect(first).toBeInstanceOf(Promise);
  const admitted = await first;
  const again = guard.check(request);
  expect(again).not.toBeInstanceOf(Promise);
  expect(again).toBeInstanceOf(Admission);
  expect(again).toMatchObject({ identity: admitted?.identity });
});

it('the environment says what to verify against', () => {
  expect(verifyFromEnv({})).toBeUndefined();
  expect(verifyFromEnv({ BYOVA_VERIFY: 'on' })).toBeUndefined();
  expect(verifyFromEnv({ BYOVA_VERIFY: 'off' })).toEqual({ enforce: false });
  expect(
    verifyFromEnv({
      BYOVA_DATASOURCE_URL: ' https://a , https://b',
      WEBEX_ISSUERS: 'https://i/idb,',
      BYOVA_VERIFY: 'off',
    }),
  ).toEqual({ datasourceUrl: ['https://a', 'https://b'], issuers: ['https://i/idb'], enforce: false });
});

describe('forked audio', () => {
  const schemaId = '523e1b7f-4693-47bc-b84e-a7b7a505fb0b';
  const forking = (): string => token({ 'com.cisco.datasource.schema.uuid': schemaId });

  async function listen() {
    const server = new MediaServer({
      agents,
      framePath,
      verify: { ...trusting(), schemaId },
    });
    const heard: Conversation[] = [];
    server.on('conversation_audio', ({ conversation }) => void heard.push(conversation));
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const client = connectForking(port);
    onTestFinished(async () => {
      client.close();
      await server.close({ graceMs: 0 });
    });
    const fork = async (jws: string | undefined, organization: string) => {
      const call = client.open(jws === undefined ? {} : { authorization: `Bearer ${jws}` });
      call.send({ organization });
      call.halfClose();
      return call.outcome;
    };
    return { heard, fork };
  }

  it('is heard with a token of its schema, for the organization of the token', async () => {
    const { heard, fork } = await listen();
    expect(await fork(forking(), ORGANIZATION)).toMatchObject({ code: status.ok, responses: [SUCCESS] });
    expect(await fork(forking(), '')).toMatchObject({ code: status.ok, responses: [SUCCESS] });
    expect(heard.map(({ organization }) => organization)).toEqual([ORGANIZATION, ORGANIZATION]);
    expect(heard[0]?.identity).toMatchObject({ organization: ORGANIZATION, schemaId });
  });

  it('is refused with another token, without one, and for another organization', async () => {
    const { heard, fork } = await listen();
    expect((await fork(undefined, ORGANIZATION)).code).toBe(status.unauthenticated);
    expect((await fork(token(), ORGANIZATION)).code).toBe(status.unauthenticated);
    const other = '11111111-3dcc-11e5-a152-fe34819cdc9a';
    expect((await fork(forking(), other)).code).toBe(status.permissionDenied);
    expect(heard).toEqual([]);
  });
});
