// Refreshing, expiry, revocation, and how the token endpoint refuses.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Platform, SimulatorError, startPlatform } from '../../src/index.ts';
import { ask, basic, call, fakeClock, form, lives, proof, refresh } from './support/http.ts';

const ORG = '11111111-2222-3333-4444-555555555555';

let clock: ReturnType<typeof fakeClock>;
let platform: Platform;
let endpoint: string;

beforeEach(async () => {
  clock = fakeClock();
  platform = await startPlatform({ clock });
  endpoint = `${platform.apiUrl}/access_token`;
});
afterEach(() => platform.close());

describe('a refresh', () => {
  it('gives a new access token and the same refresh token, without a scope', async () => {
    const first = platform.issueIntegrationTokens();
    const { status, json } = await refresh(platform, first.refreshToken);
    expect(status).toBe(200);
    expect(json).toEqual({
      access_token: expect.not.stringMatching(first.accessToken),
      expires_in: 1_209_600,
      refresh_token: first.refreshToken,
      refresh_token_expires_in: 7_776_000,
      token_type: 'Bearer',
    });
    expect(await lives(platform, json.access_token)).toBe(true);
    expect(await lives(platform, first.accessToken)).toBe(true);
  });

  it('rotating: gives a new refresh token, and the old one is dead at once', async () => {
    platform.configure({ refreshTokens: 'rotating' });
    const { refreshToken } = platform.issueIntegrationTokens();
    const { json } = await refresh(platform, refreshToken);
    expect(json.refresh_token).not.toBe(refreshToken);
    expect((await refresh(platform, refreshToken)).json.errors[0].description).toBe('invalid_grant');
    expect((await refresh(platform, json.refresh_token)).status).toBe(200);
  });

  it('rotating: of many at once, one wins', async () => {
    platform.configure({ refreshTokens: 'rotating' });
    const { refreshToken } = platform.issueIntegrationTokens();
    const answers = await Promise.all(Array.from({ length: 10 }, () => refresh(platform, refreshToken)));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...Array(9).fill(400)]);
  });

  it('omitted: leaves the field out, and the old one stays good', async () => {
    platform.configure({ refreshTokens: 'omitted' });
    const { refreshToken } = platform.issueIntegrationTokens();
    const { json } = await refresh(platform, refreshToken);
    expect(json).not.toHaveProperty('refresh_token');
    expect((await refresh(platform, refreshToken)).status).toBe(200);
  });

  it('starts the life of the refresh token anew; using the access token does not', async () => {
    platform.configure({ refreshTokenLifetimeSeconds: 100, accessTokenLifetimeSeconds: 1000 });
    const { accessToken, refreshToken } = platform.issueIntegrationTokens();
    clock.advance(99_000);
    expect((await refresh(platform, refreshToken)).status).toBe(200);
    clock.advance(99_000);
    expect(await lives(platform, accessToken)).toBe(true);
    expect((await refresh(platform, refreshToken)).status).toBe(200);
    clock.advance(100_000);
    expect((await refresh(platform, refreshToken)).json.errors[0].description).toBe('invalid_grant');
  });

  it('serves the Service App, and belongs to the client that got the token', async () => {
    const { refreshToken } = platform.issueServiceAppTokens(ORG);
    const { json } = await refresh(platform, refreshToken, platform.serviceApp);
    expect(json.access_token).toMatch(new RegExp(`_PF84_${ORG}$`));
    expect((await refresh(platform, refreshToken, platform.integration)).status).toBe(400);
    expect((await refresh(platform, platform.issueIntegrationTokens().refreshToken, platform.serviceApp)).status).toBe(
      400,
    );
  });

  it('takes HTTP Basic, with encoded secrets, and does not mind the client id in the form', async () => {
    const clientSecret = 'p+%:& ü';
    await using other = await startPlatform({ integration: { clientSecret } });
    const { clientId } = other.integration;
    const fields = { grant_type: 'refresh_token', refresh_token: other.issueIntegrationTokens().refreshToken };
    const header = basic({ clientId, clientSecret: encodeURIComponent(clientSecret) });
    const url = `${other.apiUrl}/access_token`;
    expect((await form(url, fields, header)).status).toBe(200);
    expect((await form(url, { ...fields, client_id: clientId }, header)).status).toBe(200);
    expect((await form(url, { ...fields, client_secret: clientSecret }, header)).status).toBe(400);
  });

  it('does not mind a bearer beside the client in the form', async () => {
    const { accessToken, refreshToken } = platform.issueIntegrationTokens();
    const fields = { grant_type: 'refresh_token', refresh_token: refreshToken, ...proof(platform.integration) };
    expect((await form(endpoint, fields, { authorization: `Bearer ${accessToken}` })).status).toBe(200);
    expect(platform.requests({ grant: 'refresh_token' })[0]?.headers['authorization']).toBe(`Bearer ${accessToken}`);
  });
});

describe('the token endpoint refuses', () => {
  const code = async (answer: Promise<{ status: number; json: { errors: { description: string }[] } }>) => {
    const { status, json } = await answer;
    return [status, json.errors[0]?.description];
  };

  it('clients that do not prove themselves', async () => {
    const fields = { grant_type: 'refresh_token', refresh_token: platform.issueIntegrationTokens().refreshToken };
    const { clientId, clientSecret } = platform.integration;
    const wrong = { clientId, clientSecret: 'x' };
    for (const client of [{}, { client_id: clientId }, proof(wrong), proof({ clientId: 'C1', clientSecret })]) {
      expect(await code(form(endpoint, { ...fields, ...client }))).toEqual([401, 'invalid_client']);
    }
    const answer = await form(endpoint, fields, basic(wrong));
    expect([answer.status, answer.headers.get('www-authenticate')]).toEqual([401, 'Basic realm="platform"']);
  });

  it('what is incomplete, unknown or given twice', async () => {
    const client = proof(platform.integration);
    expect(await code(form(endpoint, client))).toEqual([400, 'invalid_request']);
    expect(await code(form(endpoint, { ...client, grant_type: 'password' }))).toEqual([400, 'unsupported_grant_type']);
    expect(await code(form(endpoint, { ...client, grant_type: 'refresh_token' }))).toEqual([400, 'invalid_request']);
    expect(await code(form(endpoint, { ...client, grant_type: 'authorization_code' }))).toEqual([
      400,
      'invalid_request',
    ]);
    expect(await code(refresh(platform, 'unknown'))).toEqual([400, 'invalid_grant']);
    const twice = `${new URLSearchParams({ ...client, grant_type: 'refresh_token' })}&refresh_token=a&refresh_token=b`;
    const headers = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await code(ask(endpoint, { method: 'POST', headers, body: twice }))).toEqual([400, 'invalid_request']);
  });

  it('anything but a form', async () => {
    const { refreshToken } = platform.issueIntegrationTokens();
    const fields = { grant_type: 'refresh_token', refresh_token: refreshToken, ...proof(platform.integration) };
    expect((await call('POST', endpoint, undefined, fields)).status).toBe(415);
    expect((await ask(endpoint, { method: 'POST' })).status).toBe(415);
    expect((await ask(`${endpoint}?${new URLSearchParams(fields)}`, { method: 'POST' })).status).toBe(415);
    expect((await ask(endpoint)).status).toBe(405);
  });

  it('in either shape', async () => {
    const { json, headers } = await refresh(platform, 'unknown');
    expect(json).toEqual({
      message: expect.any(String),
      errors: [{ description: 'invalid_grant' }],
      trackingId: headers.get('trackingid'),
    });
    platform.configure({ oauthErrors: 'rfc6749' });
    const other = await refresh(platform, 'unknown');
    expect(other.status).toBe(400);
    expect(other.json).toEqual({ error: 'invalid_grant', error_description: expect.any(String) });
    // What is no error of OAuth keeps the shape of the REST API.
    expect((await call('GET', `${platform.apiUrl}/people/me`)).json).toHaveProperty('errors');
  });
});

describe('an access token', () => {
  it('expires by the clock of the platform', async () => {
    platform.configure({ accessTokenLifetimeSeconds: 60 });
    const { accessToken, expiresIn } = platform.issueIntegrationTokens();
    expect(expiresIn).toBe(60);
    const probe = () => call('GET', `${platform.apiUrl}/authorizations/tokenExpiry`, accessToken);
    expect((await probe()).json).toEqual({ exp: clock.now() + 60_000 });
    clock.advance(59_999);
    expect(await lives(platform, accessToken)).toBe(true);
    clock.advance(1);
    const { status, headers } = await probe();
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });

  it('can be let expire: all, or those of one organization', async () => {
    const developer = platform.issueIntegrationTokens();
    const customer = platform.issueServiceAppTokens(ORG);
    platform.expireAccessTokens(ORG);
    expect(await lives(platform, customer.accessToken)).toBe(false);
    expect(await lives(platform, developer.accessToken)).toBe(true);
    platform.expireAccessTokens();
    expect(await lives(platform, developer.accessToken)).toBe(false);
    expect((await refresh(platform, developer.refreshToken)).status).toBe(200);
  });

  it('that has expired stays so when it is let expire and the clock is set back to a time before that', async () => {
    platform.configure({ accessTokenLifetimeSeconds: 60 });
    const { accessToken } = platform.issueIntegrationTokens();
    clock.advance(100_000);
    platform.expireAccessTokens();
    clock.advance(-30_000);
    expect(await lives(platform, accessToken)).toBe(false);
  });

  it('can be revoked, without its refresh token, and the other way round', async () => {
    const { accessToken, refreshToken } = platform.issueIntegrationTokens();
    platform.revoke(accessToken);
    expect(await lives(platform, accessToken)).toBe(false);
    const next = (await refresh(platform, refreshToken)).json;
    platform.revoke(refreshToken);
    expect((await refresh(platform, refreshToken)).status).toBe(400);
    expect(await lives(platform, next.access_token)).toBe(true);
    expect(() => platform.revoke('never seen')).toThrow(SimulatorError);
  });

  it('says whom it stands for', async () => {
    const { accessToken } = platform.issueIntegrationTokens();
    const { orgId, personId, email, displayName } = platform.developer;
    const id = (type: string, uuid: string) => Buffer.from(`ciscospark://us/${type}/${uuid}`).toString('base64url');
    expect((await call('GET', `${platform.apiUrl}/people/me`, accessToken)).json).toMatchObject({
      id: id('PEOPLE', personId),
      orgId: id('ORGANIZATION', orgId),
      emails: [email],
      displayName,
      type: 'person',
    });
    const customer = platform.issueServiceAppTokens(ORG).accessToken;
    const machine = (await call('GET', `${platform.apiUrl}/people/me`, customer)).json;
    expect(machine).toMatchObject({ orgId: id('ORGANIZATION', ORG), type: 'bot' });
    expect(machine.id).not.toBe(id('PEOPLE', personId));
  });

  it.each(['', 'Bearer', 'Bearer x', 'Basic eDp5', 'x'])('is not %j', async (authorization) => {
    const { status } = await ask(`${platform.apiUrl}/people/me`, { headers: { authorization } });
    expect(status).toBe(401);
  });
});

describe('authorizations', () => {
  const authorizations = (token: string, query = '') => call('GET', `${platform.apiUrl}/authorizations${query}`, token);

  it('are listed for the person of the token', async () => {
    const { accessToken } = platform.issueIntegrationTokens();
    platform.issueServiceAppTokens(ORG);
    const { json } = await authorizations(accessToken);
    expect(json.items).toEqual([
      {
        id: expect.any(String),
        applicationId: expect.any(String),
        applicationName: 'Integration',
        clientId: platform.integration.clientId,
        created: new Date(clock.now()).toISOString(),
        scope: platform.integration.scopes,
        type: 'refresh',
      },
    ]);
    const email = encodeURIComponent(platform.developer.email);
    expect((await authorizations(accessToken, `?personEmail=${email}`)).json.items).toHaveLength(1);
    expect((await authorizations(accessToken, '?personEmail=other@example.com')).json.items).toHaveLength(0);
    expect((await authorizations(accessToken, '?personId=other')).json.items).toHaveLength(0);
    expect((await authorizations('x')).status).toBe(401);
  });

  it('die one by one, with their tokens', async () => {
    const first = platform.issueIntegrationTokens();
    const second = platform.issueIntegrationTokens();
    const { id } = (await authorizations(first.accessToken)).json.items[1];
    const url = `${platform.apiUrl}/authorizations/${id}`;
    const { status, text } = await call('DELETE', url, first.accessToken);
    expect([status, text]).toEqual([204, '']);
    expect(await lives(platform, second.accessToken)).toBe(false);
    expect((await refresh(platform, second.refreshToken)).status).toBe(400);
    expect(await lives(platform, first.accessToken)).toBe(true);
    expect((await call('DELETE', url, first.accessToken)).status).toBe(404);
    expect((await call('DELETE', url)).status).toBe(401);
  });

  it('die all, of a client', async () => {
    const first = platform.issueIntegrationTokens();
    const second = platform.issueIntegrationTokens();
    const customer = platform.issueServiceAppTokens(ORG);
    const remove = (query: string) => call('DELETE', `${platform.apiUrl}/authorizations${query}`, first.accessToken);
    const { clientId } = platform.integration;
    expect((await remove('')).status).toBe(400);
    expect((await remove('?clientId=C0')).status).toBe(404);
    expect((await remove(`?clientId=${clientId}&orgId=x`)).status).toBe(400);
    // Another organization, another client: nothing of this person's is meant.
    expect((await remove(`?clientId=${clientId}&orgId=${ORG}`)).status).toBe(204);
    expect((await remove(`?clientId=${platform.serviceApp.clientId}`)).status).toBe(204);
    expect(await lives(platform, second.accessToken)).toBe(true);
    expect(await lives(platform, customer.accessToken)).toBe(true);
    expect((await remove(`?clientId=${clientId}&orgId=${platform.developer.orgId}`)).status).toBe(204);
    for (const { accessToken, refreshToken } of [first, second]) {
      expect(await lives(platform, accessToken)).toBe(false);
      expect((await refresh(platform, refreshToken)).status).toBe(400);
    }
  });
});
