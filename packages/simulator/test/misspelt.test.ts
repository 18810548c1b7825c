// What JavaScript writes and no compiler reads: a member that does not exist is refused by name, not taken in silence.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  type CallOptions,
  type ConformanceOptions,
  type Platform,
  type PlatformOptions,
  parseCallScenario,
  parseScript,
  placeCall,
  runConformance,
  SimulatorError,
  startPlatform,
} from '../src/index.ts';

async function refusal(action: () => unknown): Promise<string> {
  try {
    await action();
  } catch (error) {
    if (error instanceof SimulatorError) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('it was taken');
}

const TARGET = 'http://127.0.0.1:1';
const ORGANIZATION = '11111111-2222-3333-4444-555555555555';

describe('placeCall', () => {
  it.each<[object, string]>([
    [{ organisation: 'o' }, 'placeCall does not know "organisation". Did you mean "organization"?'],
    [{ agentID: 'a' }, 'placeCall does not know "agentID". Did you mean "agentId"?'],
    [{ limits: { replyMS: 1 } }, 'limits does not know "replyMS". Did you mean "replyMs"?'],
    [{ voice: { codec: 'mulaw' } }, 'voice does not know "codec". It may have encoding, sampleRateHz.'],
    [{ tls: { certs: '' } }, 'tls does not know "certs". Did you mean "cert"?'],
    [{ limits: 5 }, 'limits takes an object of options.'],
  ])('refuses %j', async (options, message) => {
    const call = { target: TARGET, organization: 'o', ...options } as unknown as CallOptions;
    expect(await refusal(() => placeCall(call))).toBe(`INVALID_OPTION: ${message}`);
  });

  it('says what it takes when it is given none', async () => {
    const nothing = null as unknown as CallOptions;
    expect(await refusal(() => placeCall(nothing))).toBe('INVALID_OPTION: placeCall takes an object of options.');
  });
});

describe('a step', () => {
  it.each<[object, RegExp]>([
    [{ pres: '1' }, /^INVALID_SCRIPT: Step 1: .*Did you mean "press"\?$/],
    [{ hangup: true }, /Did you mean "hangUp"\?$/],
    [
      { press: '1', everyMS: 20 },
      /^INVALID_SCRIPT: Step 1: A "press" step does not know "everyMS"\. Did you mean "everyMs"\?$/,
    ],
    [{ waitForPrompt: { within: 5 } }, /"waitForPrompt" does not know "within"\. Did you mean "withinMs"\?$/],
    [
      { expect: 'transfer', meta: {} },
      /An "expect" step does not know "meta"\. It may have expect, withinMs, name, metadata\.$/,
    ],
    [{ customEvent: { name: 'x', paramters: {} } }, /Did you mean "parameters"\?$/],
  ])('refuses %j', async (step, message) => {
    expect(await refusal(() => parseScript([step]))).toMatch(message);
  });

  it('refuses a member of a scenario', async () => {
    const message = 'INVALID_SCRIPT: A scenario does not know "step". Did you mean "steps"?';
    expect(await refusal(() => parseCallScenario('step: []'))).toBe(message);
  });
});

describe('runConformance', () => {
  it.each<[object, string]>([
    [{ pofile: 'generic' }, 'runConformance does not know "pofile". Did you mean "profile"?'],
    [{ tls: { cacert: '' } }, 'tls does not know "cacert". It may have ca, cert, key.'],
  ])('refuses %j', async (options, message) => {
    const run = { target: TARGET, ...options } as unknown as ConformanceOptions;
    expect(await refusal(() => runConformance(run))).toBe(`INVALID_OPTION: ${message}`);
  });
});

describe('startPlatform', () => {
  it.each<[object, string]>([
    [{ refreshToken: 'rotating' }, 'startPlatform does not know "refreshToken". Did you mean "refreshTokens"?'],
    [{ integration: { scope: [] } }, 'integration does not know "scope". Did you mean "scopes"?'],
    [{ serviceApp: { clientID: 'C' } }, 'serviceApp does not know "clientID". Did you mean "clientId"?'],
    [{ developer: { mail: '' } }, 'developer does not know "mail". Did you mean "email"?'],
    [{ dataSourceAnswers: { lists: 'items' } }, 'dataSourceAnswers does not know "lists". Did you mean "list"?'],
  ])('refuses %j', async (options, message) => {
    expect(await refusal(() => startPlatform(options as PlatformOptions))).toBe(`INVALID_OPTION: ${message}`);
  });
});

describe('a method of the platform', () => {
  let platform: Platform;
  beforeAll(async () => {
    platform = await startPlatform();
  });
  afterAll(() => platform.close());

  it.each<[string, () => unknown, string]>([
    ['fault', () => platform.fault({ path: '/v1/x', stauts: 503 } as never), 'status'],
    ['configure', () => platform.configure({ consents: 'approve' } as never), 'consent'],
    ['requests', () => platform.requests({ paths: '/v1/x' } as never), 'path'],
    ['waitForRequests', () => platform.waitForRequests({ grants: 'x' } as never), 'grant'],
    ['authorizeApp', () => platform.authorizeApp(ORGANIZATION, { regoin: 'eu' } as never), 'region'],
    ['deauthorizeApp', () => platform.deauthorizeApp(ORGANIZATION, { tampered: true } as never), 'tamper'],
    ['callToken', () => platform.callToken(ORGANIZATION, { schemaID: 'x' } as never), 'schemaId'],
    ['signToken', () => platform.signToken({ claim: {} } as never), 'claims'],
    ['rotateKeys', () => platform.rotateKeys('us', { keepold: true } as never), 'keepOld'],
    ['registerDataSource', () => platform.registerDataSource(ORGANIZATION, { urls: 'https://h' } as never), 'url'],
    ['an event of deliver', () => platform.deliver({ evnt: 'authorized', orgId: ORGANIZATION } as never), 'event'],
    ['deliver', () => platform.deliver([], { orders: 'reversed' } as never), 'order'],
  ])('%s refuses a misspelt member', async (where, act, meant) => {
    expect(await refusal(() => act())).toMatch(
      new RegExp(`^INVALID_OPTION: ${where} does not know "\\w+"\\. Did you mean "${meant}"\\?$`),
    );
  });
});
