// C21: an agent that verifies tokens, a local Webex that signs them, and tokens as attackers write them.
import { createHmac, createPublicKey, type JsonWebKey } from 'node:crypto';
import { startPlatform } from '@byova/simulator';
import { expect } from 'vitest';
import { BOTH, cases } from './cases.ts';
import { startAgent } from './harness/agent-process.ts';
import { type Client, connect, event } from './harness/client.ts';

const UNAUTHENTICATED = 16;
const PERMISSION_DENIED = 7;
const URL_OF_SOURCE = 'https://va.example.com:443';
const ORGANIZATION = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';
const OTHER = '0d5a3a5e-97f1-4a86-9d3b-2a8f1d3c7e11';

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

cases((caseIt) => {
  caseIt('C21', BOTH, async ({ mode, id }) => {
    await using platform = await startPlatform();
    await using elsewhere = await startPlatform();
    const now = Math.floor(Date.now() / 1000);
    const claims = { 'com.cisco.datasource.url': URL_OF_SOURCE, 'com.cisco.org.uuid': ORGANIZATION };
    const sign = (changes: Record<string, unknown> = {}, key: 'current' | 'unknown' = 'current'): string =>
      platform.signToken({ claims: { ...claims, ...changes }, key });
    const good = sign();
    const [, payload = ''] = good.split('.');
    const keys = `${platform.issuers.us}/oauth2/v2/keys/verificationjwk`;
    const [jwk] = ((await (await fetch(keys)).json()) as { keys: (JsonWebKey & { kid: string })[] }).keys;
    const pem = createPublicKey({ key: jwk ?? {}, format: 'jwk' }).export({ type: 'spki', format: 'pem' });
    const hs256 = `${encode({ alg: 'HS256', typ: 'JWT', kid: jwk?.kid })}.${payload}`;
    const foreign = elsewhere.signToken({ claims });
    const bad: Record<string, string | undefined> = {
      'no token': undefined,
      'an empty one': '',
      garbage: 'Bearer garbage',
      'another scheme': 'Basic dXNlcjpwYXNz',
      'two tokens': `Bearer ${good} ${good}`,
      'alg none': `Bearer ${encode({ alg: 'none', kid: jwk?.kid })}.${payload}.`,
      'HS256 with the public key': `Bearer ${hs256}.${createHmac('sha256', pem).update(hs256).digest('base64url')}`,
      'a wrong key': `Bearer ${sign({}, 'unknown')}`,
      expired: `Bearer ${sign({ iat: now - 7200, exp: now - 3600 })}`,
      'no exp': `Bearer ${sign({ exp: undefined })}`,
      'a foreign issuer': `Bearer ${foreign}`,
      'another URL': `Bearer ${sign({ 'com.cisco.datasource.url': 'https://va.example.com' })}`,
      'another schema': `Bearer ${sign({ 'com.cisco.datasource.schema.uuid': '523e1b7f-4693-47bc-b84e-a7b7a505fb0b' })}`,
    };

    const agent = await startAgent(mode, {
      BYOVA_DATASOURCE_URL: URL_OF_SOURCE,
      WEBEX_ISSUERS: Object.values(platform.issuers).join(','),
    });
    const open: Client[] = [];
    const as = (authorization?: string): Client => {
      const client = connect(agent.port, authorization);
      open.push(client);
      return client;
    };
    const start = (authorization: string | undefined, organization = ORGANIZATION) =>
      as(authorization).conversation(`${id}-${open.length}`, 'demo', organization).once(event('SESSION_START'));

    const told = new Set<string>();
    for (const [what, authorization] of Object.entries(bad)) {
      const { code, details, received } = await start(authorization);
      expect({ what, code, received }).toEqual({ what, code: UNAUTHENTICATED, received: [] });
      told.add(details);
      expect(
        await as(authorization).unary('com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent', 'ListVirtualAgents', {}),
        what,
      ).toMatchObject({
        code: UNAUTHENTICATED,
      });
    }
    // Whoever calls learns nothing of why.
    expect([...told]).toEqual(['The call is not authenticated.']);
    // Refused before the first message: a client that has sent none is told at once.
    const silent = as('Bearer garbage').conversation(id).open();
    expect(await silent.status).toMatchObject({ code: UNAUTHENTICATED });
    // The foreign issuer's keys were never asked for.
    expect(elsewhere.requests({ path: /./ })).toEqual([]);

    expect(await start(`Bearer ${good}`, OTHER)).toMatchObject({ code: PERMISSION_DENIED, received: [] });
    for (const authorization of [`Bearer ${good}`, good, `bearer ${good}`]) {
      expect(await start(authorization)).toMatchObject({ code: 0 });
      expect(await start(authorization, ORGANIZATION.toUpperCase())).toMatchObject({ code: 0 });
    }
    expect(
      await as(good).unary('com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent', 'ListVirtualAgents', {
        customer_org_id: OTHER,
      }),
    ).toMatchObject({ code: PERMISSION_DENIED });
    // Keys were fetched once for all of that, and once more for the key that nobody knows.
    expect(platform.requests({ path: /verificationjwk/ }).length).toBeLessThanOrEqual(3);
    expect(await as().unary('grpc.health.v1.Health', 'Check', { service: '' })).toMatchObject({ code: 0 });
    expect(await as().unary('com.cisco.wcc.ccai.v1.Health', 'Check', { service: '' })).toMatchObject({ code: 0 });
    for (const client of open) client.close();
    await agent.stop();
  });
});
