// The authorization request, the page, and the trade of the code.
import { createHash } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Platform, startPlatform } from '../../src/index.ts';
import { type Answer, ask, basic, fakeClock, form, lives, proof } from './support/http.ts';

const REDIRECT = 'http://127.0.0.1:4711/callback';
const SCOPE = 'spark:applications_token';
const VERIFIER = 'v'.repeat(43);
const CHALLENGE = createHash('sha256').update(VERIFIER).digest('base64url');

let clock: ReturnType<typeof fakeClock>;
let platform: Platform;

beforeEach(async () => {
  clock = fakeClock();
  platform = await startPlatform({ clock, consent: 'approve' });
});
afterEach(() => platform.close());

function authorize(change: Record<string, string | undefined> = {}): Promise<Answer> {
  const query: Record<string, string | undefined> = {
    response_type: 'code',
    client_id: platform.integration.clientId,
    redirect_uri: REDIRECT,
    scope: SCOPE,
    state: 'st/ate &=',
    ...change,
  };
  const given = Object.entries(query).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return ask(`${platform.apiUrl}/authorize?${new URLSearchParams(given)}`);
}

function target({ headers }: Answer): URLSearchParams {
  return new URL(headers.get('location') ?? '').searchParams;
}

async function code(change: Record<string, string | undefined> = {}): Promise<string> {
  return target(await authorize(change)).get('code') ?? '';
}

function trade(fields: Record<string, string>, client: Record<string, string> = proof(platform.integration)) {
  return form(`${platform.apiUrl}/access_token`, {
    grant_type: 'authorization_code',
    redirect_uri: REDIRECT,
    ...client,
    ...fields,
  });
}

describe('the request', () => {
  it('is answered with a code and the state, at the redirect URI', async () => {
    const answer = await authorize();
    expect(answer.status).toBe(302);
    expect(answer.headers.get('location')).toMatch(/^http:\/\/127\.0\.0\.1:4711\/callback\?code=/);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(target(answer).get('state')).toBe('st/ate &=');
    expect(platform.secrets).toContain(target(answer).get('code'));
  });

  it('carries no state where none was given', async () => {
    expect(target(await authorize({ state: undefined })).has('state')).toBe(false);
  });

  it.each([
    ['the client is unknown', { client_id: 'C0' }],
    ['the client is missing', { client_id: undefined }],
    ['the redirect URI is foreign', { redirect_uri: 'https://evil.example/callback' }],
    ['the redirect URI has another path', { redirect_uri: 'http://127.0.0.1:4711/callback/x' }],
    ['the redirect URI has another scheme', { redirect_uri: 'https://127.0.0.1:4711/callback' }],
    ['the redirect URI has another query', { redirect_uri: `${REDIRECT}?a=1` }],
    ['the redirect URI has a user', { redirect_uri: 'http://127.0.0.1@evil.example/callback' }],
    ['the redirect URI has a fragment', { redirect_uri: `${REDIRECT}#` }],
    ['the redirect URI is missing, and several are registered', { redirect_uri: undefined }],
  ])('shows a page and never redirects when %s', async (_what, change) => {
    const answer = await authorize(change);
    expect(answer.status).toBe(400);
    expect(answer.headers.get('location')).toBeNull();
    expect(answer.headers.get('content-type')).toMatch(/^text\/html/);
  });

  it('does not take the Service App for an Integration', async () => {
    expect((await authorize({ client_id: platform.serviceApp.clientId })).status).toBe(400);
  });

  it.each([
    ['another response type', { response_type: 'token' }, 'unsupported_response_type'],
    ['no response type', { response_type: undefined }, 'invalid_request'],
    ['a scope that is not registered', { scope: `${SCOPE} spark:all` }, 'invalid_scope'],
    ['no scope', { scope: undefined }, 'invalid_scope'],
    ['prompt=none', { prompt: 'none' }, 'login_required'],
    ['a challenge that is too short', { code_challenge: 'short' }, 'invalid_request'],
    ['another challenge method', { code_challenge: CHALLENGE, code_challenge_method: 'S512' }, 'invalid_request'],
    ['a method without a challenge', { code_challenge_method: 'S256' }, 'invalid_request'],
  ])('tells the client about %s, with the state', async (_what, change, error) => {
    const answer = await authorize(change);
    expect(answer.status).toBe(302);
    expect(target(answer).get('error')).toBe(error);
    expect(target(answer).get('state')).toBe('st/ate &=');
    expect(target(answer).has('code')).toBe(false);
  });

  it('refuses a parameter that is given twice', async () => {
    const query = new URLSearchParams({ client_id: platform.integration.clientId, redirect_uri: REDIRECT });
    const scope = `${query}&response_type=code&scope=${SCOPE}&scope=x`;
    expect(target(await ask(`${platform.apiUrl}/authorize?${scope}`)).get('error')).toBe('invalid_request');
    const twice = `${query}&redirect_uri=https://evil.example`;
    expect((await ask(`${platform.apiUrl}/authorize?${twice}`)).status).toBe(400);
  });

  it('goes to the registered loopback host only, at any port', async () => {
    await using other = await startPlatform({
      consent: 'approve',
      integration: { redirectUris: ['http://localhost:80/cb', 'http://[::1]/cb', 'https://127.0.0.1/cb'] },
    });
    const query = { response_type: 'code', client_id: other.integration.clientId, scope: SCOPE };
    const status = async (redirect_uri: string) =>
      (await ask(`${other.apiUrl}/authorize?${new URLSearchParams({ ...query, redirect_uri })}`)).status;
    for (const uri of ['http://localhost/cb', 'http://localhost:4711/cb', 'http://[::1]:4711/cb']) {
      expect(await status(uri)).toBe(302);
    }
    for (const uri of ['http://127.0.0.1:4711/cb', 'https://127.0.0.1:4711/cb', 'https://localhost/cb']) {
      expect(await status(uri)).toBe(400);
    }
  });

  it('is denied where the platform is set so', async () => {
    platform.configure({ consent: 'deny' });
    expect(target(await authorize()).get('error')).toBe('access_denied');
  });

  it('takes other redirect URIs by the letter, keeps their query, and takes the only one when none is named', async () => {
    const registered = 'https://app.example/cb?tenant=1';
    await using other = await startPlatform({ consent: 'approve', integration: { redirectUris: [registered] } });
    const query = { response_type: 'code', client_id: other.integration.clientId, scope: SCOPE };
    for (const extra of [{ redirect_uri: registered }, {}]) {
      const answer = await ask(`${other.apiUrl}/authorize?${new URLSearchParams({ ...query, ...extra })}`);
      expect(answer.headers.get('location')).toMatch(/^https:\/\/app\.example\/cb\?tenant=1&code=/);
    }
    const port = new URLSearchParams({ ...query, redirect_uri: 'https://app.example:8443/cb?tenant=1' });
    expect((await ask(`${other.apiUrl}/authorize?${port}`)).status).toBe(400);
  });
});

describe('the page', () => {
  beforeEach(() => platform.configure({ consent: 'page' }));

  async function consentId(): Promise<string> {
    return /name="consent" value="([^"]+)"/.exec((await authorize()).text)?.[1] ?? '';
  }
  const decide = (consent: string, decision: string): Promise<Answer> =>
    form(`${platform.apiUrl}/authorize`, { consent, decision });

  it('names the scopes, may not be framed, and runs no script', async () => {
    const { status, text, headers } = await authorize();
    expect(status).toBe(200);
    expect(text).toContain(SCOPE);
    expect(headers.get('content-security-policy')).toContain("default-src 'none'");
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'");
  });

  it('escapes what comes from outside', async () => {
    const name = '<script>alert("1")</script>';
    await using other = await startPlatform({
      developer: { displayName: name },
      integration: { redirectUris: ["https://app.example/?'<b>"] },
    });
    const query = { response_type: 'code', client_id: other.integration.clientId, scope: SCOPE };
    const { text, status } = await ask(`${other.apiUrl}/authorize?${new URLSearchParams(query)}`);
    expect(status).toBe(200);
    expect(text).not.toMatch(/<script|<b>/);
    expect(text).toContain('&lt;script&gt;alert(&quot;1&quot;)');
  });

  it('gives a code when the person allows, once', async () => {
    const consent = await consentId();
    const answer = await decide(consent, 'approve');
    expect(answer.status).toBe(303);
    expect((await trade({ code: target(answer).get('code') ?? '' })).status).toBe(200);
    expect((await decide(consent, 'approve')).status).toBe(400);
  });

  it('gives access_denied and the state when the person refuses', async () => {
    const answer = await decide(await consentId(), 'deny');
    expect(Object.fromEntries(target(answer))).toMatchObject({ error: 'access_denied', state: 'st/ate &=' });
  });

  it('refuses unknown and old ids, and an answer without a decision', async () => {
    expect((await decide('x', 'approve')).status).toBe(400);
    const consent = await consentId();
    expect((await decide(consent, 'maybe')).status).toBe(400);
    clock.advance(10 * 60_000);
    expect((await decide(consent, 'approve')).status).toBe(400);
  });
});

describe('the code', () => {
  it('is traded for tokens with their scope', async () => {
    const { status, json, headers } = await trade({ code: await code() });
    expect(status).toBe(200);
    expect(headers.get('cache-control')).toBe('no-store');
    expect(json).toEqual({
      access_token: expect.stringMatching(new RegExp(`^[A-Za-z0-9]{64}_PF84_${platform.developer.orgId}$`)),
      expires_in: 1_209_600,
      refresh_token: expect.any(String),
      refresh_token_expires_in: 7_776_000,
      token_type: 'Bearer',
      scope: SCOPE,
    });
    expect(await lives(platform, json.access_token)).toBe(true);
    expect(platform.secrets).toEqual(expect.arrayContaining([json.access_token, json.refresh_token]));
  });

  it('is good once; a second time kills the tokens made of it, and those made of them', async () => {
    const text = await code();
    const first = (await trade({ code: text })).json;
    const second = await trade({ code: text });
    expect(second.status).toBe(400);
    expect(second.json.errors[0].description).toBe('invalid_grant');
    expect(await lives(platform, first.access_token)).toBe(false);
    const fields = { grant_type: 'refresh_token', refresh_token: first.refresh_token, ...proof(platform.integration) };
    expect((await form(`${platform.apiUrl}/access_token`, fields)).status).toBe(400);
  });

  it('lives five minutes', async () => {
    const [early, late] = [await code(), await code()];
    clock.advance(5 * 60_000 - 1);
    expect((await trade({ code: early })).status).toBe(200);
    clock.advance(1);
    expect((await trade({ code: late })).json.errors[0].description).toBe('invalid_grant');
  });

  it('needs the redirect URI of the request', async () => {
    const text = await code();
    expect((await trade({ code: text, redirect_uri: 'http://127.0.0.1:4712/callback' })).status).toBe(400);
    const without = { grant_type: 'authorization_code', code: text, ...proof(platform.integration) };
    expect((await form(`${platform.apiUrl}/access_token`, without)).status).toBe(400);
    expect((await trade({ code: text })).status).toBe(200);
  });

  it('belongs to the Integration, not to the Service App', async () => {
    const { status, json } = await trade({ code: await code() }, proof(platform.serviceApp));
    expect([status, json.errors[0].description]).toEqual([400, 'unauthorized_client']);
  });

  it.each([
    ['S256', CHALLENGE],
    ['plain', VERIFIER],
  ])('needs the verifier of a %s challenge', async (method, challenge) => {
    const request = { code_challenge: challenge, code_challenge_method: method };
    const text = await code(request);
    for (const wrong of [{}, { code_verifier: 'w'.repeat(43) }, { code_verifier: 'v' }]) {
      expect((await trade({ code: text, ...wrong })).json.errors[0].description).toBe('invalid_grant');
    }
    expect((await trade({ code: text, code_verifier: VERIFIER })).status).toBe(200);
    expect(platform.secrets).toContain(VERIFIER);
  });

  it('takes a challenge without a method for plain, and no verifier where there was no challenge', async () => {
    const plain = await code({ code_challenge: VERIFIER });
    expect((await trade({ code: plain, code_verifier: VERIFIER })).status).toBe(200);
    expect((await trade({ code: await code(), code_verifier: VERIFIER })).status).toBe(400);
  });

  it('can be traded with HTTP Basic', async () => {
    const fields = { grant_type: 'authorization_code', code: await code(), redirect_uri: REDIRECT };
    expect((await form(`${platform.apiUrl}/access_token`, fields, basic(platform.integration))).status).toBe(200);
  });
});
