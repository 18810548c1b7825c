// Tokens per organization: behaviours 7, 12, 13, 15 and 16, on the side of the token manager.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { encodeOrganizationId } from '../../src/index.ts';
import { DAY, failure, HOUR, ORG_A, ORG_B, startWebex, type Webex } from '../support/webex.ts';

let webex: Webex;
beforeEach(async () => {
  webex = await startWebex();
});
afterEach(() => webex.close());

const mints = () => webex.platform.requests({ path: /\/v1\/applications\/.*\/token$/ });
const refreshes = () => webex.platform.requests({ path: '/v1/access_token', grant: 'refresh_token' });

describe('a token', () => {
  it('is minted by the Integration, for the organization that authorized', async () => {
    const integration = await webex.authorized();
    const manager = webex.serviceApp({ integration });
    await webex.platform.authorizeApp(ORG_A);
    expect(await manager.authorizeOrganization(encodeOrganizationId(ORG_A))).toBe('accepted');
    const [mint] = mints();
    expect(mint?.path).toBe(`/v1/applications/${webex.platform.serviceApp.applicationId}/token`);
    expect(mint?.headers['authorization']).toBe(`Bearer ${await integration.getAccessToken()}`);
    expect(JSON.parse(mint?.body ?? '')).toEqual({
      clientId: webex.platform.serviceApp.clientId,
      clientSecret: webex.platform.serviceApp.clientSecret,
      targetOrgId: encodeOrganizationId(ORG_A),
    });
    expect(webex.events()).toEqual(['authorized', 'authorized', 'minted']);
    expect(await manager.organizations()).toEqual([
      {
        organization: ORG_A,
        state: 'authorized',
        expiresAt: webex.clock.now() + 14 * DAY,
        refreshTokenExpiresAt: webex.clock.now() + 90 * DAY,
      },
    ]);
  });

  it('is refreshed without any bearer, by the app’s own client', async () => {
    const manager = await webex.withOrganizations([ORG_A]);
    webex.clock.advance(14 * DAY);
    await manager.getAccessToken(ORG_A);
    const [refresh, ...others] = webex.platform.requests({});
    expect(others).toEqual([]);
    expect(refresh?.headers['authorization']).toBeUndefined();
    expect(new URLSearchParams(refresh?.body).get('client_id')).toBe(webex.platform.serviceApp.clientId);
    expect(webex.events()).toEqual(['refreshed']);
  });

  it('behaviour 12: is one for all five forms of the organization', async () => {
    const manager = await webex.withOrganizations([ORG_A]);
    const forms = ['uuid', 'hydra', 'hydra_padded', 'base64_uuid', 'uri'] as const;
    const tokens = await Promise.all(forms.map((form) => manager.getAccessToken(encodeOrganizationId(ORG_A, form))));
    expect(new Set([...tokens, await manager.getAccessToken(ORG_A.toUpperCase())]).size).toBe(1);
    for (const garbage of ['', 'garbage', '96abc2aa', 'ü', 'a'.repeat(10_000)]) {
      expect(await failure(manager.getAccessToken(garbage))).toMatchObject({ code: 'INVALID_ID' });
      expect(() => manager.forOrganization(garbage)).toThrow(expect.objectContaining({ code: 'INVALID_ID' }));
    }
  });

  it.each(['uuid', 'hydra'] as const)('is minted also where Webex takes only the form %s', async (form) => {
    await webex.close();
    webex = await startWebex({ targetOrgIdForm: form });
    await webex.platform.authorizeApp(ORG_A);
    const manager = webex.serviceApp({ integration: await webex.authorized() });
    await manager.authorizeOrganization(encodeOrganizationId(ORG_A, form === 'uuid' ? 'hydra' : 'uuid'));
    expect(mints().map(({ status }) => status)).toEqual([404, 200]);
  });

  it('is not given for an organization that never authorized, and Webex is not asked', async () => {
    const manager = await webex.withOrganizations([ORG_A]);
    expect(await failure(manager.getAccessToken(ORG_B))).toMatchObject({
      code: 'ORGANIZATION_NOT_AUTHORIZED',
      organization: ORG_B,
    });
    expect(webex.platform.requests({})).toEqual([]);
  });
});

describe('behaviour 7: the way back to a token', () => {
  it('a dead refresh token: minted once, by the Integration', async () => {
    const manager = await webex.withOrganizations([ORG_A]);
    webex.clock.advance(91 * DAY);
    webex.platform.issueIntegrationTokens();
    const integration = webex.integration();
    await integration.authorize({ onUrl: (url) => void fetch(url) });
    webex.platform.clearJournal();
    const tokens = await Promise.all([1, 2, 3].map(() => manager.getAccessToken(ORG_A)));
    expect(new Set(tokens).size).toBe(1);
    expect(refreshes()).toHaveLength(1);
    expect(mints()).toHaveLength(1);
    expect(webex.events().filter((name) => name !== 'authorized')).toEqual(['refresh_token_dead', 'minted']);
  });

  it('an Integration token that Webex refuses is renewed on the way', async () => {
    const manager = await webex.withOrganizations([ORG_A]);
    const [key] = await webex.store.list('integration/');
    const record = (await webex.store.get(key ?? ''))?.value as { tokens: { accessToken: string } };
    webex.platform.revoke(record.tokens.accessToken);
    webex.platform.fault({
      path: '/v1/access_token',
      grant: 'refresh_token',
      status: 400,
      body: { error: 'invalid_grant' },
    });
    await manager.getAccessToken(ORG_A, { forceRefresh: true });
    expect(
      webex.platform.requests({}).map(({ path, status }) => [path.replace(/applications\/.*/, 'mint'), status]),
    ).toEqual([
      ['/v1/access_token', 400],
      ['/v1/mint', 401],
      ['/v1/access_token', 200],
      ['/v1/mint', 200],
    ]);
  });

  it('an organization that is not authorized at Webex: a typed error, no loop, other organizations untouched', async () => {
    const manager = await webex.withOrganizations([ORG_A, ORG_B]);
    await webex.platform.deauthorizeApp(ORG_A);
    webex.platform.clearJournal();
    for (let n = 0; n < 5; n += 1) {
      expect(await failure(manager.getAccessToken(ORG_A, { forceRefresh: true }))).toMatchObject({
        code: 'ORGANIZATION_NOT_AUTHORIZED',
        status: 403,
        organization: ORG_A,
      });
    }
    expect([refreshes().length, mints().length]).toEqual([1, 1]);
    expect(webex.events()).toEqual(['refresh_token_dead', 'organization_not_authorized']);
    expect(await manager.getAccessToken(ORG_B, { forceRefresh: true })).toBeTruthy();
    // Half a minute later it is asked again, in case an administrator has acted without an event.
    await webex.platform.authorizeApp(ORG_A);
    webex.clock.advance(30_001);
    expect(await manager.getAccessToken(ORG_A, { forceRefresh: true })).toBeTruthy();
  });

  it('a dead Integration: one alert, and tenants with valid tokens go on', async () => {
    const manager = await webex.withOrganizations([ORG_A, ORG_B]);
    webex.platform.fault({
      path: '/v1/access_token',
      times: Number.POSITIVE_INFINITY,
      status: 400,
      body: { error: 'invalid_grant' },
    });
    const [key = ''] = await webex.store.list('integration/');
    const record = (await webex.store.get(key))?.value as { tokens: { accessToken: string } };
    webex.platform.revoke(record.tokens.accessToken);
    for (const organization of [ORG_A, ORG_B, ORG_A]) {
      expect(await failure(manager.getAccessToken(organization, { forceRefresh: true }))).toMatchObject({
        code: 'REAUTHORIZATION_REQUIRED',
        credential: 'integration',
      });
    }
    expect(webex.events().filter((name) => name === 'reauthorization_required')).toHaveLength(1);
    expect(await manager.getAccessToken(ORG_A)).toBeTruthy();
    expect(await manager.getAccessToken(ORG_B)).toBeTruthy();
  });

  it('without an Integration: a dead refresh token needs a person', async () => {
    const manager = webex.serviceApp();
    await manager.registerOrganization(ORG_A, { refreshToken: 'dead' });
    expect(await failure(manager.getAccessToken(ORG_A))).toMatchObject({
      code: 'REAUTHORIZATION_REQUIRED',
      credential: 'service_app',
      organization: ORG_A,
    });
    expect(webex.events()).toEqual(['authorized', 'refresh_token_dead', 'reauthorization_required']);
  });

  it('a server that is away is asked again later, and nothing is minted', async () => {
    const manager = await webex.withOrganizations([ORG_A]);
    webex.platform.fault({ path: '/v1/access_token', times: 4, status: 503 });
    expect(await failure(manager.getAccessToken(ORG_A, { forceRefresh: true }))).toMatchObject({
      code: 'SERVICE_UNAVAILABLE',
    });
    expect(mints()).toEqual([]);
    expect(webex.events()).toEqual(['refresh_failed']);
  });
});

describe('a sandbox', () => {
  it('is registered by a refresh token, without an Integration', async () => {
    const { refreshToken } = webex.platform.issueServiceAppTokens(ORG_A);
    const manager = webex.serviceApp();
    await manager.registerOrganization(encodeOrganizationId(ORG_A), { refreshToken });
    expect(await manager.organizations()).toMatchObject([
      { organization: ORG_A, state: 'authorized', expiresAt: undefined },
    ]);
    expect(await manager.getAccessToken(ORG_A)).toBeTruthy();
    expect(refreshes()).toHaveLength(1);
    expect(await failure(manager.registerOrganization(ORG_A, { refreshToken: '' }))).toMatchObject({
      code: 'OPTIONS_INVALID',
    });
  });
});

describe('behaviour 15: the order of events', () => {
  const at = (day: number): { authorizationDate: Date } => ({ authorizationDate: new Date(Date.UTC(2026, 0, day)) });

  it('the same authorization twice mints once', async () => {
    const manager = webex.serviceApp({ integration: await webex.authorized() });
    await webex.platform.authorizeApp(ORG_A);
    const outcomes = await Promise.all([1, 2, 3].map(() => manager.authorizeOrganization(ORG_A, at(1))));
    expect(outcomes.sort()).toEqual(['accepted', 'unchanged', 'unchanged']);
    expect(mints()).toHaveLength(1);
  });

  it('a deauthorization during a slow authorization: nothing is stored afterwards', async () => {
    const manager = webex.serviceApp({ integration: await webex.authorized() });
    await webex.platform.authorizeApp(ORG_A);
    const release = Promise.withResolvers<void>();
    webex.platform.fault({ path: /\/token$/, hold: release.promise });
    const slow = failure(manager.authorizeOrganization(ORG_A, at(1)));
    await expect.poll(() => mints()).toHaveLength(1);
    expect(await manager.deauthorize(ORG_A, at(1))).toBe('accepted');
    release.resolve();
    expect(await slow).toMatchObject({ code: 'ORGANIZATION_NOT_AUTHORIZED' });
    expect(await manager.organizations()).toEqual([]);
    const [key = ''] = await webex.store.list('service-app/');
    expect((await webex.store.get(key))?.value).not.toHaveProperty('tokens');
    expect(webex.events()).not.toContain('minted');
  });

  it('a replay of what was revoked is refused, a true second authorization is not', async () => {
    const manager = await webex.withOrganizations([]);
    await webex.platform.authorizeApp(ORG_A);
    await manager.authorizeOrganization(ORG_A, at(1));
    await manager.deauthorize(ORG_A, at(1));
    expect(await manager.authorizeOrganization(ORG_A, at(1))).toBe('refused');
    expect(await failure(manager.getAccessToken(ORG_A))).toMatchObject({ code: 'ORGANIZATION_NOT_AUTHORIZED' });
    expect(await manager.authorizeOrganization(ORG_A, at(2))).toBe('accepted');
    expect(await manager.getAccessToken(ORG_A)).toBeTruthy();
    expect(webex.events()).toContain('lifecycle_ignored');
  });

  it('a late deauthorization of an older authorization is checked with Webex, not followed blindly', async () => {
    const manager = await webex.withOrganizations([]);
    await webex.platform.authorizeApp(ORG_A);
    await manager.authorizeOrganization(ORG_A, at(2));
    expect(await manager.deauthorize(ORG_A, at(1))).toBe('stale');
    await expect.poll(() => webex.events().at(-1)).toBe('refreshed');
    expect(await manager.getAccessToken(ORG_A)).toBeTruthy();
    await webex.platform.deauthorizeApp(ORG_A);
    expect(await manager.deauthorize(ORG_A, at(1))).toBe('stale');
    await expect.poll(() => webex.events().at(-1)).toBe('organization_not_authorized');
  });

  it('an authorization anew while a mint for the last is under way: only the new one counts', async () => {
    const manager = webex.serviceApp({ integration: await webex.authorized() });
    await webex.platform.authorizeApp(ORG_A);
    const release = Promise.withResolvers<void>();
    webex.platform.fault({ path: /\/token$/, hold: release.promise });
    const first = manager.authorizeOrganization(ORG_A, at(1));
    await expect.poll(() => mints()).toHaveLength(1);
    expect(await manager.acceptAuthorization(ORG_A, at(2))).toBe('accepted');
    release.resolve();
    await first;
    expect(mints()).toHaveLength(2);
    expect((await manager.organizations())[0]?.state).toBe('authorized');
  });
});

describe('behaviour 16: deauthorization', () => {
  it('wipes everything of the organization, stops its renewals, and is told of', async () => {
    const manager = await webex.withOrganizations([ORG_A, ORG_B]);
    await manager.start();
    const secrets = await Promise.all([ORG_A].map((organization) => manager.getAccessToken(organization)));
    const stopped = vi.fn();
    const remove = manager.on('deauthorized', stopped);
    await manager.deauthorize(encodeOrganizationId(ORG_A));
    expect(stopped).toHaveBeenCalledExactlyOnceWith({ organization: ORG_A });
    for (const key of await webex.store.list('')) {
      const text = JSON.stringify((await webex.store.get(key))?.value);
      for (const secret of secrets) expect(text).not.toContain(secret);
    }
    webex.clock.advance(30 * DAY);
    await expect.poll(() => webex.events()).toContain('refreshed');
    const clients = webex.platform.requests({}).map(({ body }) => body);
    expect(clients).toHaveLength(1);
    expect((await manager.organizations()).map(({ organization }) => organization)).toEqual([ORG_B]);
    remove();
    await manager.deauthorize(ORG_B);
    expect(stopped).toHaveBeenCalledOnce();
    expect(await manager.deauthorize(ORG_B, { authorizationDate: new Date(0) })).toBe('unchanged');
  });

  it('reaches another replica within its reading time', async () => {
    const manager = await webex.withOrganizations([ORG_A]);
    const other = webex.serviceApp();
    expect(await other.getAccessToken(ORG_A)).toBe(await manager.getAccessToken(ORG_A));
    await manager.deauthorize(ORG_A);
    webex.clock.advance(30_000);
    expect(await failure(other.getAccessToken(ORG_A))).toMatchObject({ code: 'ORGANIZATION_NOT_AUTHORIZED' });
  });

  it('of an organization that is authorized again reaches it at once', async () => {
    const manager = await webex.withOrganizations([ORG_A]);
    const other = webex.serviceApp();
    expect(await failure(other.getAccessToken(ORG_B))).toMatchObject({ code: 'ORGANIZATION_NOT_AUTHORIZED' });
    await webex.platform.authorizeApp(ORG_B);
    await manager.authorizeOrganization(ORG_B);
    expect(await other.getAccessToken(ORG_B)).toBeTruthy();
  });
});

describe('by itself', () => {
  it('every organization is renewed in time, later ones included, and Webex is told apart from silence', async () => {
    const manager = await webex.withOrganizations([ORG_A]);
    await manager.start();
    await webex.platform.authorizeApp(ORG_B);
    await manager.authorizeOrganization(ORG_B);
    webex.clock.advance(14 * DAY - HOUR);
    await expect.poll(() => webex.events().filter((name) => name === 'refreshed')).toHaveLength(2);
  });

  it('an organization that another replica took on is renewed here as well, should that one be gone', async () => {
    const manager = await webex.withOrganizations([]);
    const other = webex.serviceApp();
    await other.start();
    await webex.platform.authorizeApp(ORG_A);
    await manager.authorizeOrganization(ORG_A);
    await manager.close();
    webex.clock.advance(HOUR);
    await new Promise((resolve) => setTimeout(resolve, 20));
    webex.clock.advance(14 * DAY - 2 * HOUR);
    await expect.poll(() => webex.events()).toContain('refreshed');
    await other.close();
    expect(webex.clock.timers).toBe(0);
  });

  it('an accepted authorization whose process died is minted by whoever starts next', async () => {
    const manager = await webex.withOrganizations([]);
    await webex.platform.authorizeApp(ORG_A);
    webex.platform.fault({ path: /\/token$/, status: 503, times: 4 });
    expect(await manager.acceptAuthorization(ORG_A)).toBe('accepted');
    await expect.poll(() => webex.events()).toContain('refresh_failed');
    await manager.close();
    const next = webex.serviceApp({ integration: webex.integration() });
    expect((await next.organizations())[0]?.state).toBe('authorizing');
    await next.start();
    webex.clock.advance(1000);
    await expect.poll(async () => (await next.organizations())[0]?.state).toBe('authorized');
  });

  it('a listener that throws disturbs nobody', async () => {
    const manager = await webex.withOrganizations([ORG_A]);
    const second = vi.fn();
    manager.on('refreshed', () => {
      throw new Error('mine');
    });
    manager.on('refreshed', second);
    await manager.getAccessToken(ORG_A, { forceRefresh: true });
    expect(second).toHaveBeenCalledOnce();
    expect(webex.told.some(({ what }) => what === 'error a listener threw')).toBe(true);
  });
});

it('options that cannot be are refused at once', async () => {
  for (const bad of [{ clientId: '' }, { clientSecret: '' }, { store: undefined as never }]) {
    expect(() => webex.serviceApp(bad)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  }
  expect(() => webex.serviceApp({ applicationId: 'garbage' })).toThrow(expect.objectContaining({ code: 'INVALID_ID' }));
  const manager = webex.serviceApp();
  await manager.close();
  expect(await failure(manager.getAccessToken(ORG_A))).toMatchObject({ code: 'CLOSED' });
});
