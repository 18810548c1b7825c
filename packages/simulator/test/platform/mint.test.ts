// Tokens of the Service App for a customer organization.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Platform, startPlatform } from '../../src/index.ts';
import { call, form, lives, proof, refresh } from './support/http.ts';

const ORG = 'aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee';
const uri = `ciscospark://us/ORGANIZATION/${ORG}`;
const encode = (text: string, form: 'base64' | 'base64url') => Buffer.from(text).toString(form);

let platform: Platform;
let bearer: string;

beforeEach(async () => {
  platform = await startPlatform();
  bearer = platform.issueIntegrationTokens().accessToken;
});
afterEach(() => platform.close());

function mint(change: Record<string, unknown> = {}, token = bearer, id = platform.serviceApp.applicationId) {
  const { clientId, clientSecret } = platform.serviceApp;
  const body = { clientId, clientSecret, targetOrgId: ORG, ...change };
  return call('POST', `${platform.apiUrl}/applications/${id}/token`, token, body);
}

it('are minted once an administrator has authorized the app', async () => {
  expect((await mint()).status).toBe(403);
  await platform.authorizeApp(ORG);
  const { status, json } = await mint();
  expect(status).toBe(200);
  expect(json).toEqual({
    access_token: expect.stringMatching(new RegExp(`_PF84_${ORG}$`)),
    expires_in: 1_209_600,
    refresh_token: expect.any(String),
    refresh_token_expires_in: 7_776_000,
    token_type: 'Bearer',
  });
  expect(await lives(platform, json.access_token)).toBe(true);
  expect((await refresh(platform, json.refresh_token, platform.serviceApp)).status).toBe(200);
});

it('die when the administrator withdraws, and stay dead', async () => {
  await platform.authorizeApp(ORG);
  const other = platform.issueServiceAppTokens(ORG.replaceAll('a', 'b'));
  const { json } = await mint();
  await platform.deauthorizeApp(ORG.toUpperCase());
  expect(await lives(platform, json.access_token)).toBe(false);
  expect((await refresh(platform, json.refresh_token, platform.serviceApp)).status).toBe(400);
  expect((await mint()).status).toBe(403);
  expect(await lives(platform, other.accessToken)).toBe(true);
  expect(await lives(platform, bearer)).toBe(true);
  await platform.authorizeApp(ORG);
  expect((await mint()).status).toBe(200);
  expect(await lives(platform, json.access_token)).toBe(false);
});

it('can be had from the portal without an authorization, which then is still missing', async () => {
  const { accessToken, refreshToken } = platform.issueServiceAppTokens(ORG);
  expect(await lives(platform, accessToken)).toBe(true);
  platform.revoke(refreshToken);
  expect((await refresh(platform, refreshToken, platform.serviceApp)).status).toBe(400);
  expect((await mint()).status).toBe(403);
});

describe('the request', () => {
  beforeEach(() => platform.authorizeApp(ORG));

  it('needs a living bearer of the Integration with the scope', async () => {
    expect((await mint({}, 'x')).status).toBe(401);
    platform.expireAccessTokens(platform.developer.orgId);
    expect((await mint()).status).toBe(401);
    expect((await mint({}, platform.issueServiceAppTokens(ORG).accessToken)).status).toBe(403);
    platform.configure({ consent: 'approve' });
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: platform.integration.clientId,
      redirect_uri: 'http://localhost:1/callback',
      scope: 'application:webhooks_read',
    });
    const redirected = await fetch(`${platform.apiUrl}/authorize?${query}`, { redirect: 'manual' });
    const narrow = await form(`${platform.apiUrl}/access_token`, {
      grant_type: 'authorization_code',
      code: new URL(redirected.headers.get('location') ?? '').searchParams.get('code') ?? '',
      redirect_uri: 'http://localhost:1/callback',
      ...proof(platform.integration),
    });
    const { status, json } = await mint({}, narrow.json.access_token);
    expect([status, json.message]).toEqual([403, expect.stringContaining('spark:applications_token')]);
  });

  it('names the app in base64, encoded and padded as it likes', async () => {
    const { clientId, applicationId } = platform.serviceApp;
    expect(Buffer.from(applicationId, 'base64url').toString()).toBe(`ciscospark://us/APPLICATION/${clientId}`);
    expect(applicationId).not.toContain('=');
    for (const id of [
      encodeURIComponent(`${applicationId}==`),
      `%${applicationId.charCodeAt(0).toString(16)}${applicationId.slice(1)}`,
    ]) {
      expect((await mint({}, bearer, id)).status).toBe(200);
    }
    const foreign = encode(`ciscospark://us/APPLICATION/C${'0'.repeat(64)}`, 'base64url');
    const wrongType = encode(`ciscospark://us/PEOPLE/${clientId}`, 'base64url');
    for (const id of [foreign, wrongType, clientId, 'x', '%00', '%C3%BC']) {
      expect((await mint({}, bearer, id)).status).toBe(404);
    }
    expect((await mint({}, bearer, '%E0%A4%A')).status).toBe(400);
  });

  it('works for an app id that would be padded', async () => {
    await using other = await startPlatform({ serviceApp: { clientId: 'C12' } });
    await other.authorizeApp(ORG);
    const { clientId, clientSecret } = other.serviceApp;
    const padded = encode('ciscospark://us/APPLICATION/C12', 'base64');
    expect(padded).toMatch(/=$/);
    const url = `${other.apiUrl}/applications/${encodeURIComponent(padded)}/token`;
    const body = { clientId, clientSecret, targetOrgId: ORG };
    expect((await call('POST', url, other.issueIntegrationTokens().accessToken, body)).status).toBe(200);
  });

  it.each(['clientId', 'clientSecret', 'targetOrgId'])('needs %s, as a text', async (name) => {
    for (const value of [undefined, '', 7]) {
      const { status, json } = await mint({ [name]: value });
      expect([status, json.errors[0].description]).toEqual([400, expect.stringContaining(name)]);
    }
  });

  it('needs the secret of the Service App', async () => {
    expect((await mint({ clientSecret: 'x' })).status).toBe(400);
    expect((await mint({ clientId: 'C1' })).status).toBe(400);
    const { clientId, clientSecret } = platform.integration;
    expect((await mint({ clientId, clientSecret })).status).toBe(400);
  });

  it('is JSON', async () => {
    const url = `${platform.apiUrl}/applications/${platform.serviceApp.applicationId}/token`;
    const { clientId, clientSecret } = platform.serviceApp;
    const headers = { authorization: `Bearer ${bearer}` };
    expect((await form(url, { clientId, clientSecret, targetOrgId: ORG }, headers)).status).toBe(415);
  });

  const forms: [string, string][] = [
    ['a raw UUID', ORG],
    ['a raw UUID in capitals', ORG.toUpperCase()],
    ['unpadded base64url', encode(uri, 'base64url')],
    ['padded base64', encode(uri, 'base64')],
    ['base64 of a bare UUID', encode(ORG, 'base64')],
    ['another cluster', encode(`ciscospark://urn:TEAM:us-gov-west-1_a1/ORGANIZATION/${ORG}`, 'base64url')],
  ];
  it.each(forms)('names the organization as %s', async (_name, targetOrgId) => {
    expect((await mint({ targetOrgId })).status).toBe(200);
  });

  it('may have to name it in one form', async () => {
    const statuses = async () =>
      Promise.all(forms.map(async ([, targetOrgId]) => (await mint({ targetOrgId })).status));
    platform.configure({ targetOrgIdForm: 'uuid' });
    expect(await statuses()).toEqual([200, 200, 404, 404, 404, 404]);
    platform.configure({ targetOrgIdForm: 'hydra' });
    expect(await statuses()).toEqual([404, 404, 200, 200, 404, 200]);
  });

  it.each(['x', '!', encode('nonsense', 'base64'), encode('ciscospark://us/PEOPLE/1', 'base64'), `${ORG}0`])(
    'does not name it as %s',
    async (targetOrgId) => {
      expect((await mint({ targetOrgId })).status).toBe(400);
    },
  );

  it('names an organization that nobody authorized in vain', async () => {
    expect((await mint({ targetOrgId: ORG.replaceAll('a', 'b') })).status).toBe(403);
  });
});
