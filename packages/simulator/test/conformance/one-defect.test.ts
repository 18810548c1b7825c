// A server that is wrong in one thing breaks the case that is about it and no other: one server for each family of cases,
// each before a case of every family.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Platform, type RuleKind, runConformance, startPlatform } from '../../src/index.ts';
import type { Defect } from './support/defects.ts';
import { startDemoServer } from './support/demo-server.ts';
import { verifierOf } from './support/token-guard.ts';
import { END_SILENCE_MS } from './support/try-case.ts';

const URL = 'https://va.example.com:443';
const ORGANIZATION = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';
const RUN_MS = 90_000;

/** One of each family, with what makes it fail and what somebody reads who has never seen the server. */
const FAMILIES: readonly (readonly [family: string, id: string, Defect, RuleKind, RegExp])[] = [
  ['welcome', 'C2', 'waits_for_half_close', 'contract', /no FINAL before the half-close within 1500 ms: nothing came/],
  ['speech', 'C5', 'needs_declared_frames', 'contract', /START_OF_INPUT must come first; nothing came/],
  ['keys', 'C8', 'reads_terminator', 'advice', /"120#" is answered with 1900 ms of audio and "120" with 1500/],
  // Which of the two it is depends on how fast the machine sends the welcome.
  [
    'overlap',
    'C11',
    'plays_on',
    'advice',
    /was not completed within 1000 ms|All 8 s of the welcome were sent although/,
  ],
  ['events', 'C16', 'metadata_as_strings', 'contract', /The metadata must be .*"n":2.*they are .*"n":"2"/],
  ['tokens', 'C21', 'tells_why', 'advice', /Every bad token is best refused with the same text/],
  ['services', 'C22', 'two_defaults', 'advice', /has 5 default agents; exactly one is good/],
  [
    'refusals',
    'C24',
    'takes_nothing_for_something',
    'advice',
    /messages without content must end with INVALID_ARGUMENT/,
  ],
  ['streaming', 'C26', 'loses_bytes', 'contract', /Byte \d+ of the audio is not the one that the agent gave/],
  ['load', 'C28', 'fails_under_load', 'contract', /\d of 10 calls failed: .*RESOURCE_EXHAUSTED/],
  ['forking', 'C30', 'takes_odd_bytes', 'advice', /odd number of bytes must have error code 1; it has 0/],
];
const IDS = FAMILIES.map(([, id]) => id);

describe('a server with one defect', () => {
  let platform: Platform;
  let token: string;

  beforeAll(async () => {
    platform = await startPlatform();
    token = platform.signToken({
      claims: { 'com.cisco.datasource.url': URL, 'com.cisco.org.uuid': ORGANIZATION },
    });
  });
  afterAll(() => platform.close());

  const run = async (defect?: Defect) => {
    using server = await startDemoServer({
      mode: 'chunk',
      organization: ORGANIZATION,
      guard: verifierOf(platform.issuers.us, URL),
      ...(defect === undefined ? {} : { defect }),
    });
    const report = await runConformance({
      target: server.target,
      mode: 'chunk',
      token,
      only: IDS,
      endSilenceMs: END_SILENCE_MS,
      replyMs: 1500,
      loadCalls: 10,
    });
    return report.results.filter(({ id }) => !id.endsWith('-inside'));
  };

  it('that is none passes every case', { timeout: RUN_MS }, async () => {
    expect((await run()).filter(({ status }) => status !== 'passed')).toEqual([]);
  });

  it.each(FAMILIES)('%s: breaks %s alone for %s', { timeout: RUN_MS }, async (_family, id, defect, kind, message) => {
    const results = await run(defect);
    const others = results.filter((one) => one.id !== id && one.status !== 'passed');
    expect(others).toEqual([]);
    const own = results.find((one) => one.id === id);
    expect(own?.status).toBe(kind === 'contract' ? 'failed' : 'advised');
    expect(own?.findings).toMatchObject([{ kind, message: expect.stringMatching(message) }]);
  });
});
