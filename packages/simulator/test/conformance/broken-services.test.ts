// Servers that do one thing wrong around calls: ids, tokens, lists, health, forking.
import { describe, expect, it } from 'vitest';
import { type RuleKind, startPlatform } from '../../src/index.ts';
import type { Defect } from './support/defects.ts';
import { verifierOf } from './support/token-guard.ts';
import { tryCase } from './support/try-case.ts';

describe('ids, lists, health and forking', () => {
  it.each<[Defect, string, RuleKind, RegExp]>([
    ['any_agent', 'C20', 'advice', /An unknown agent id must end with NOT_FOUND; it ended with OK/],
    ['any_conversation', 'C20', 'advice', /A conversation id that changes in an RPC was not completed within 2000 ms/],
    ['shows_the_error', 'C27', 'advice', /The text of the exception went to the caller/],
    ['unknown_service_serves', 'C23', 'advice', /Check of "nope" must end with NOT_FOUND; it ended with OK/],
    ['watch_ends', 'C23', 'advice', /Watch of "" must stay open; it ended with OK/],
    ['health_needs_token', 'C23', 'advice', /Health\/Check of "" must end with OK; it ended with UNAUTHENTICATED/],
    ['acknowledges_early', 'C29', 'contract', /Nothing is due before the half-close; got "SUCCESS"/],
  ])('%s breaks %s: %s', async (defect, id, kind, message) => {
    const result = await tryCase(id, { defect });
    expect(result).toMatchObject({ id, status: kind === 'contract' ? 'failed' : 'advised' });
    expect(result.findings).toContainEqual(expect.objectContaining({ kind, message: expect.stringMatching(message) }));
  });

  it('leaves out what the server does not offer, and says so', async () => {
    for (const id of ['C29', 'C30']) {
      expect(await tryCase(id, { forking: false })).toMatchObject({
        status: 'skipped',
        reason: 'the server does not offer audio forking',
      });
    }
    expect(await tryCase('C27', { agents: ['demo'] })).toMatchObject({
      status: 'skipped',
      reason: `needs an agent with the id throws or hangs on the server's list`,
    });
    const one = await tryCase('C20', { agents: ['demo'] });
    expect(one).toMatchObject({ status: 'passed', notes: [expect.stringContaining('needs two agents')] });
  });
});

describe('tokens', () => {
  const URL = 'https://va.example.com:443';
  const ORGANIZATION = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';
  const claims = { 'com.cisco.datasource.url': URL, 'com.cisco.org.uuid': ORGANIZATION };

  it('passes a server that verifies them, in every case that has one', async () => {
    await using platform = await startPlatform();
    const token = platform.signToken({ claims });
    const guard = verifierOf(platform.issuers.us, URL);
    const server = { guard, organization: ORGANIZATION };
    const badTokens = [
      platform.signToken({ claims: { ...claims, exp: 1 } }),
      platform.signToken({ claims: { ...claims, 'com.cisco.datasource.url': `${URL}/` } }),
    ];
    expect(await tryCase('C21', server, { token, badTokens })).toMatchObject({ status: 'passed', notes: [] });
    expect(await tryCase('C22', server, { token })).toMatchObject({ status: 'passed', notes: [] });
    expect(await tryCase('C1', server, { token })).toMatchObject({ status: 'passed' });
    const alone = await tryCase('C21', server, { token });
    expect(alone).toMatchObject({ status: 'passed', notes: [expect.stringContaining('--bad-token takes some')] });
  });

  it.each<[Defect, string, RuleKind, RegExp]>([
    ['takes_any_token', 'C21', 'contract', /A call with no token must end with UNAUTHENTICATED; it ended with OK/],
    [
      'takes_foreign_issuers',
      'C21',
      'contract',
      /A call with a foreign issuer must end with UNAUTHENTICATED; it ended with OK/,
    ],
    [
      'reads_before_refusing',
      'C21',
      'advice',
      /on which no message has been sent, was not completed within 2000 ms: nothing came/,
    ],
    ['any_organization', 'C21', 'advice', /another organization must end with PERMISSION_DENIED or UNAUTHENTICATED/],
    [
      'list_without_token',
      'C22',
      'contract',
      /ListVirtualAgents without a token must end with UNAUTHENTICATED; it ended with OK/,
    ],
    ['health_needs_token', 'C21', 'advice', /Health Check without a token must end with OK/],
  ])('%s breaks %s: %s', async (defect, id, kind, message) => {
    await using platform = await startPlatform();
    const token = platform.signToken({ claims });
    const guard = verifierOf(platform.issuers.us, URL, defect);
    const result = await tryCase(id, { guard, organization: ORGANIZATION, defect }, { token });
    expect(result).toMatchObject({ id, status: kind === 'contract' ? 'failed' : 'advised' });
    expect(result.findings).toContainEqual(expect.objectContaining({ kind, message: expect.stringMatching(message) }));
    expect(JSON.stringify(result), 'no report holds a token').not.toContain(token);
  });

  it('finds a server that asks a foreign issuer for its keys and refuses all the same', async () => {
    await using platform = await startPlatform();
    const token = platform.signToken({ claims });
    const verify = verifierOf(platform.issuers.us, URL, 'takes_foreign_issuers');
    const strict = verifierOf(platform.issuers.us, URL);
    const guard: typeof verify = async (metadata) => {
      await verify(metadata);
      return strict(metadata);
    };
    const result = await tryCase('C21', { guard }, { token });
    expect(result).toMatchObject({ status: 'advised' });
    expect(result.findings[0]).toMatchObject({ rule: 'TOKEN_ISSUER_FETCH', kind: 'advice' });
    expect(result.findings[0]?.message).toMatch(/fetched \/idb\/oauth2\/v2\/keys\/verificationjwk from the issuer/);
  });

  it('says what a refused token of its own means', async () => {
    await using platform = await startPlatform();
    const token = platform.signToken({ claims: { ...claims, exp: 1 } });
    const result = await tryCase('C21', { guard: verifierOf(platform.issuers.us, URL) }, { token });
    expect(result.reason).toMatch(/A call with the bare token must end with OK; it ended with UNAUTHENTICATED/);
  });

  it('leaves C21 out without a token', async () => {
    expect(await tryCase('C21', {})).toMatchObject({ status: 'skipped', reason: 'needs --token' });
  });
});
