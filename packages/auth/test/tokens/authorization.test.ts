// How a person authorizes the Integration: behaviour 11, over real sockets.
import { createHash } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type DevicePrompt, INTEGRATION_SCOPES } from '../../src/index.ts';
import { failure, startWebex, type Webex } from '../support/webex.ts';

let webex: Webex;
beforeEach(async () => {
  webex = await startWebex();
});
afterEach(() => webex.close());

/** Follows an authorization URL as a browser does, up to the redirect. */
async function redirectOf(url: string): Promise<string> {
  const response = await fetch(url, { redirect: 'manual' });
  return response.headers.get('location') ?? '';
}

describe('behaviour 11: in a deployed app', () => {
  const redirectUri = 'https://partner.example/oauth';
  beforeEach(async () => {
    await webex.close();
    webex = await startWebex({ integration: { redirectUris: [redirectUri] } });
  });

  it('PKCE S256, least scopes, and a code that is exchanged with its verifier', async () => {
    const manager = webex.integration({ redirectUri });
    const { url, state } = await manager.authorizationUrl({ loginHint: 'dev@example.com' });
    const query = new URL(url).searchParams;
    expect(Object.fromEntries(query)).toMatchObject({
      response_type: 'code',
      redirect_uri: redirectUri,
      state,
      code_challenge_method: 'S256',
      login_hint: 'dev@example.com',
      scope: INTEGRATION_SCOPES.join(' '),
    });
    expect(query.get('scope')).not.toContain('spark:all');
    await manager.handleCallback(new Request(await redirectOf(url)));
    const [exchange] = webex.platform.requests({ path: '/v1/access_token', grant: 'authorization_code' });
    const verifier = new URLSearchParams(exchange?.body).get('code_verifier') ?? '';
    expect(verifier).toMatch(/^[\w.~-]{43,128}$/);
    expect(createHash('sha256').update(verifier).digest('base64url')).toBe(query.get('code_challenge'));
    expect(exchange?.headers['authorization']).toBeUndefined();
    expect(await manager.getAccessToken()).toMatch(/.{20}/);
    expect(await manager.status()).toMatchObject({ state: 'authorized', scopes: [...INTEGRATION_SCOPES] });
    expect(webex.events()).toEqual(['authorized']);
  });

  it('the redirect may arrive at another replica', async () => {
    const { url } = await webex.integration({ redirectUri }).authorizationUrl();
    const other = webex.integration({ redirectUri });
    await other.handleCallback(await redirectOf(url));
    expect(await other.getAccessToken()).toBeTruthy();
  });

  it('a state is good once, for ten minutes, in its session', async () => {
    const manager = webex.integration({ redirectUri });
    const stateError = (problem: string): object => ({ code: 'AUTHORIZATION_STATE_INVALID', problem });
    const first = await redirectOf((await manager.authorizationUrl()).url);
    await manager.handleCallback(first);
    expect(await failure(manager.handleCallback(first))).toMatchObject(stateError('unknown'));
    expect(await failure(manager.handleCallback(`${redirectUri}?code=x&state=forged`))).toMatchObject(
      stateError('unknown'),
    );
    expect(await failure(manager.handleCallback(`${redirectUri}?code=x`))).toMatchObject(stateError('missing'));

    const bound = await redirectOf((await manager.authorizationUrl({ session: 'cookie-1' })).url);
    expect(await failure(manager.handleCallback(bound, { session: 'cookie-2' }))).toMatchObject(
      stateError('other_session'),
    );
    expect(await failure(manager.handleCallback(bound, { session: 'cookie-1' }))).toMatchObject(stateError('unknown'));
    const unbound = await redirectOf((await manager.authorizationUrl()).url);
    expect(await failure(manager.handleCallback(unbound, { session: 'cookie-2' }))).toMatchObject(
      stateError('other_session'),
    );

    const late = await redirectOf((await manager.authorizationUrl()).url);
    webex.clock.advance(10 * 60_000);
    expect(await failure(manager.handleCallback(late))).toMatchObject(stateError('expired'));
    // Each of those failed before the code was sent anywhere.
    expect(webex.platform.requests({ grant: 'authorization_code' })).toHaveLength(1);
  });

  it('a refusal of the person, or of Webex, is told as such, and uses the state up', async () => {
    webex.platform.configure({ consent: 'deny' });
    const manager = webex.integration({ redirectUri });
    const redirect = await redirectOf((await manager.authorizationUrl()).url);
    expect(await failure(manager.handleCallback(redirect))).toMatchObject({
      code: 'AUTHORIZATION_REFUSED',
      reason: 'access_denied',
    });
    expect(await failure(manager.handleCallback(redirect))).toMatchObject({ problem: 'unknown' });
    const scopes = webex.integration({ redirectUri, scopes: ['spark:all'] });
    const refused = await redirectOf((await scopes.authorizationUrl()).url);
    expect(await failure(scopes.handleCallback(refused))).toMatchObject({ reason: 'invalid_scope' });
    const { state } = await manager.authorizationUrl();
    const odd = failure(
      manager.handleCallback(`${redirectUri}?error=${encodeURIComponent('<script>')}&state=${state}`),
    );
    expect(await odd).toMatchObject({ reason: 'unknown' });
  });

  it('a verifier that is not the one of the challenge is refused by Webex', async () => {
    const manager = webex.integration({ redirectUri });
    const { url } = await manager.authorizationUrl();
    const other = new URL((await manager.authorizationUrl()).url);
    const code = new URL(await redirectOf(url)).searchParams.get('code');
    const mixed = `${redirectUri}?code=${code}&state=${other.searchParams.get('state')}`;
    expect(await failure(manager.handleCallback(mixed))).toMatchObject({ code: 'VALIDATION_FAILED' });
  });

  it('drops the oldest of more open authorizations than anybody needs', async () => {
    const manager = webex.integration({ redirectUri });
    const first = await manager.authorizationUrl();
    for (let n = 0; n < 500; n += 1) {
      webex.clock.advance(1);
      await manager.authorizationUrl();
    }
    expect(await failure(manager.handleCallback(await redirectOf(first.url)))).toMatchObject({ problem: 'unknown' });
  });
});

describe('behaviour 11: from this machine', () => {
  it('listens, waits for the redirect, and shows the person what happened', async () => {
    const manager = webex.integration();
    const pages: string[] = [];
    await manager.authorize({
      onUrl: (url) =>
        void fetch(url).then(async (response) => pages.push(`${response.status} ${await response.text()}`)),
    });
    await expect.poll(() => pages).toHaveLength(1);
    expect(pages[0]).toMatch(/^200 .*Authorized/s);
    expect(await manager.getAccessToken()).toBeTruthy();
    expect(webex.clock.timers).toBe(0);
  });

  it('goes on after a foreign page made the browser come here, and ends by the right redirect', async () => {
    const manager = webex.integration();
    let address = '';
    const authorized = manager.authorize({
      onUrl: (url) => {
        address = url;
      },
    });
    await expect.poll(() => address).not.toBe('');
    const redirectUri = new URL(address).searchParams.get('redirect_uri') ?? '';
    const forged = await fetch(`${redirectUri}?code=stolen&state=guess`);
    expect(forged.status).toBe(400);
    expect(forged.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await fetch(new URL('/favicon.ico', redirectUri))).status).toBe(404);
    expect((await fetch(redirectUri, { method: 'POST' })).status).toBe(405);
    const port = new URL(redirectUri).port;
    const rebound = await new Promise<number | undefined>((resolve, reject) =>
      httpRequest({ port, host: '127.0.0.1', path: '/callback?x', headers: { host: 'evil.example' } }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end(),
    );
    expect(rebound).toBe(400);
    const page = await (await fetch(`${redirectUri}?error=${encodeURIComponent('<img src=x>')}&state=other`)).text();
    expect(page).not.toContain('<img');
    await fetch(address);
    await authorized;
  });

  it('ends when the person refuses, takes too long, or is called back', async () => {
    webex.platform.configure({ consent: 'deny' });
    const refused = failure(webex.integration().authorize({ onUrl: (url) => void fetch(url).catch(() => {}) }));
    expect(await refused).toMatchObject({ code: 'AUTHORIZATION_REFUSED' });
    const slow = failure(webex.integration().authorize({ timeoutMs: 60_000 }));
    await webex.clock.timerWithin(59_000, 60_000);
    webex.clock.advance(60_000);
    expect(await slow).toMatchObject({ code: 'AUTHORIZATION_TIMEOUT', retryable: true });
    const stop = new AbortController();
    const aborted = failure(
      webex.integration().authorize({ signal: stop.signal, onUrl: () => stop.abort(new Error('enough')) }),
    );
    expect((await aborted).message).toBe('enough');
    expect(webex.clock.timers).toBe(0);
  });

  it('says so when the port is taken, or is not on this machine', async () => {
    const manager = webex.integration();
    let address = '';
    const stop = new AbortController();
    const first = failure(
      manager.authorize({
        onUrl: (url) => {
          address = url;
        },
        signal: stop.signal,
      }),
    );
    await expect.poll(() => address).not.toBe('');
    const redirectUri = new URL(address).searchParams.get('redirect_uri') ?? '';
    expect(await failure(webex.integration({ redirectUri }).authorize())).toMatchObject({ code: 'OPTIONS_INVALID' });
    stop.abort();
    await first;
    expect(await failure(webex.integration({ redirectUri: 'https://a.example/cb' }).authorize())).toMatchObject({
      code: 'OPTIONS_INVALID',
    });
  });
});

describe('from a machine without a browser', () => {
  it('a code is typed on another device; until then Webex answers 428', async () => {
    const manager = webex.integration();
    let userCode = '';
    const done = manager.authorizeDevice({
      onPrompt: (prompt) => {
        userCode = prompt.userCode;
        expect(prompt.verificationUri).toMatch(/^http/);
      },
    });
    await expect.poll(() => userCode).not.toBe('');
    const tick = async (): Promise<void> => {
      await webex.clock.timerWithin(1000, 12_000);
      webex.clock.advance(10_000);
    };
    const polls = (): number => webex.platform.requests({ path: '/v1/device/token' }).length;
    await tick();
    await expect.poll(() => polls()).toBe(1);
    expect(webex.platform.requests({ path: '/v1/device/token' })[0]?.status).toBe(428);
    webex.platform.approveDevice(userCode);
    await tick();
    await done;
    expect(await manager.getAccessToken()).toBeTruthy();
  });

  it('a code that is said to live for years is waited for an hour, and asked for once a second at most', async () => {
    const body = { device_code: 'd', user_code: 'u', verification_uri: 'https://a.example', expires_in: 1e9 };
    for (const [interval, leastMs] of [
      [0, 1000],
      [null, 2000],
    ] as const) {
      const odd = { ...body, interval, verification_uri_complete: null };
      webex.platform.fault({ path: '/v1/device/authorize', status: 200, body: odd });
      const stop = new AbortController();
      const prompt = Promise.withResolvers<DevicePrompt>();
      const outcome = failure(webex.integration().authorizeDevice({ onPrompt: prompt.resolve, signal: stop.signal }));
      const { expiresAt, verificationUriComplete } = await prompt.promise;
      expect(verificationUriComplete).toBeUndefined();
      expect(expiresAt - webex.clock.now()).toBe(3_600_000);
      await webex.clock.timerWithin(leastMs, leastMs);
      stop.abort(new Error('enough'));
      expect((await outcome).message).toBe('enough');
    }
  });

  it('ends when it is refused, and when nobody comes', async () => {
    for (const end of ['deny', 'wait'] as const) {
      const manager = webex.integration();
      let userCode = '';
      const outcome = failure(
        manager.authorizeDevice({
          onPrompt: (prompt) => {
            userCode = prompt.userCode;
          },
        }),
      );
      await expect.poll(() => userCode).not.toBe('');
      if (end === 'deny') webex.platform.denyDevice(userCode);
      const ended = outcome.then(() => true);
      for (
        let n = 0;
        n < 200 && !(await Promise.race([ended, webex.clock.timerWithin(1000, 12_000).then(() => false)]));
        n += 1
      ) {
        webex.clock.advance(5000);
      }
      expect(await outcome).toMatchObject({ code: end === 'deny' ? 'AUTHORIZATION_REFUSED' : 'AUTHORIZATION_TIMEOUT' });
    }
  });
});

describe('signing out', () => {
  it('forgets the tokens here and in the store, and ends the authorization at Webex', async () => {
    const manager = await webex.authorized();
    const token = await manager.getAccessToken();
    const other = webex.integration();
    expect(await manager.signOut()).toEqual({ revoked: true });
    expect(webex.platform.requests({ method: 'DELETE' })[0]?.path).toBe('/v1/authorizations');
    expect(await failure(manager.getAccessToken())).toMatchObject({ code: 'REAUTHORIZATION_REQUIRED' });
    expect(await failure(other.getAccessToken())).toMatchObject({ code: 'REAUTHORIZATION_REQUIRED' });
    expect(await manager.status()).toMatchObject({ state: 'signed_out', expiresAt: undefined });
    for (const key of await webex.store.list('')) {
      expect(JSON.stringify((await webex.store.get(key))?.value)).not.toContain(token);
    }
  });

  it('forgets them also when Webex cannot be asked', async () => {
    const manager = await webex.authorized();
    webex.platform.fault({ method: 'DELETE', path: '/v1/authorizations', status: 403 });
    expect(await manager.signOut()).toEqual({ revoked: false });
    expect(await failure(manager.getAccessToken())).toMatchObject({ code: 'REAUTHORIZATION_REQUIRED' });
    expect(await webex.integration().signOut()).toEqual({ revoked: false });
  });

  it('fences a renewal that is under way', async () => {
    const manager = await webex.authorized();
    const release = Promise.withResolvers<void>();
    webex.platform.fault({ path: '/v1/access_token', grant: 'refresh_token', hold: release.promise });
    const renewal = failure(manager.getAccessToken({ forceRefresh: true }));
    await expect.poll(() => webex.platform.requests({ grant: 'refresh_token' })).toHaveLength(1);
    webex.platform.fault({ method: 'DELETE', path: '/v1/authorizations', status: 204 });
    await manager.signOut();
    release.resolve();
    expect(await renewal).toMatchObject({ code: 'REAUTHORIZATION_REQUIRED' });
    expect((await manager.status()).state).toBe('signed_out');
  });
});

it('options that cannot be are refused at once', () => {
  for (const bad of [{ clientId: '' }, { clientSecret: '' }, { redirectUri: 'nothing' }, { store: {} as never }]) {
    expect(() => webex.integration(bad)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  }
});
