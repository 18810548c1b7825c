// Behaviour 24: what a good token needs, how keys are kept, and what is fetched when.
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { JwsRefusedError, JwsVerifier, type JwsVerifierOptions, type KnownDataSource } from '../src/jws/index.ts';
import { type Issuer, ORG, SCHEMA, startIssuer, URL_OF_SOURCE } from './support/issuer.ts';

let now = Date.UTC(2026, 0, 1);
let issuer: Issuer;
beforeEach(async () => {
  now = Date.UTC(2026, 0, 1);
  issuer = await startIssuer(() => now);
});
afterEach(() => issuer.close());

const source: KnownDataSource = { url: URL_OF_SOURCE };
const verifier = (options: Partial<JwsVerifierOptions> = {}): JwsVerifier =>
  new JwsVerifier({ dataSources: [source], issuers: [issuer.iss], now: () => now, ...options });
async function reasonOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'accepted';
  } catch (error) {
    if (error instanceof JwsRefusedError) return error.reason;
    throw error;
  }
}

describe('behaviour 24: a good token', () => {
  it('gives an identity, never the token', async () => {
    const token = await issuer.token();
    const identity = await verifier().verifyHeader(`Bearer ${token}`);
    expect(identity).toEqual({
      organization: ORG,
      dataSourceUrl: URL_OF_SOURCE,
      schemaId: SCHEMA,
      nonce: 'nonce-1',
      issuer: issuer.iss,
      audience: ['an audience'],
      subject: 'a subject',
      expiresAt: (Math.floor(now / 1000) + 3600) * 1000,
    });
    expect(JSON.stringify(identity)).not.toContain(token);
    expect(issuer.paths).toEqual(['/idb/oauth2/v2/keys/verificationjwk']);
  });

  it('may have a list as audience, an organization in upper case, and no typ', async () => {
    const token = await issuer.token({ aud: ['other', 'mine'], 'com.cisco.org.uuid': ORG.toUpperCase() });
    const strict = verifier({ dataSources: [{ ...source, audience: 'mine', organization: ORG.toUpperCase() }] });
    expect(await strict.verify(token)).toMatchObject({ organization: ORG, audience: ['other', 'mine'] });
  });
});

describe('the data source', () => {
  const known: KnownDataSource = {
    url: URL_OF_SOURCE,
    organization: ORG,
    audience: 'an audience',
    subject: 'a subject',
    nonces: ['nonce-1', 'nonce-0'],
  };
  it.each<[string, Record<string, unknown>, string]>([
    ['as it is', {}, 'accepted'],
    ['the nonce before', { jti: 'nonce-0' }, 'accepted'],
    ['another url', { 'com.cisco.datasource.url': 'https://other.example.com' }, 'url'],
    ['the url without its port', { 'com.cisco.datasource.url': 'https://va.example.com' }, 'url'],
    ['the url with a slash', { 'com.cisco.datasource.url': `${URL_OF_SOURCE}/` }, 'url'],
    ['the url in upper case', { 'com.cisco.datasource.url': URL_OF_SOURCE.toUpperCase() }, 'url'],
    ['another schema', { 'com.cisco.datasource.schema.uuid': 'a38a10b7-43e4-4676-a076-a7d6dce9387d' }, 'schema'],
    ['another organization', { 'com.cisco.org.uuid': '11111111-2222-3333-4444-555555555555' }, 'organization'],
    ['another audience', { aud: 'other' }, 'audience'],
    ['another subject', { sub: 'other' }, 'subject'],
    ['another nonce', { jti: 'nonce-9' }, 'nonce'],
  ])('%s', async (_, changes, expected) => {
    const strict = verifier({ dataSources: [{ url: 'https://unrelated.example' }, known] });
    expect(await reasonOf(strict.verify(await issuer.token(changes)))).toBe(expected);
  });

  it('a url that differs only as a text is explained', async () => {
    const token = await issuer.token({ 'com.cisco.datasource.url': 'https://va.example.com/' });
    const error: JwsRefusedError = await verifier()
      .verify(token)
      .then(Promise.reject, (reason) => reason);
    expect(error.hint).toContain('https://va.example.com/');
    expect(error.hint).toContain('exactly as it was registered');
    const other = await issuer.token({ 'com.cisco.datasource.url': 'not a url' });
    expect(await reasonOf(verifier().verify(other))).toBe('url');
  });

  it.each(['a function', 'an object'])(
    'that is found by %s is asked for at each call, also for a remembered token',
    async (by) => {
      const fetchesBefore = issuer.fetches;
      const sources = [known];
      const find = vi.fn(async () => sources);
      const found = verifier({ dataSources: by === 'a function' ? find : { find } });
      const token = await issuer.token();
      await found.verify(token);
      sources.length = 0;
      expect(await reasonOf(found.verify(token))).toBe('url');
      expect(find).toHaveBeenCalledTimes(2);
      expect(issuer.fetches - fetchesBefore).toBe(1);
    },
  );

  it('behaviour 24: a nonce that nobody knows is looked up once more before it is refused', async () => {
    let nonces = ['nonce-0'];
    const reload = vi.fn(async () => {
      nonces = ['nonce-0', 'nonce-1'];
    });
    const found = verifier({ dataSources: { find: () => [{ ...known, nonces }], reload } });
    expect(await reasonOf(found.verify(await issuer.token()))).toBe('accepted');
    expect(reload).toHaveBeenCalledOnce();
    expect(await reasonOf(found.verify(await issuer.token({ jti: 'nonce-9' })))).toBe('nonce');
    expect(reload).toHaveBeenCalledTimes(2);
  });

  it('that another replica has just registered is looked up as well', async () => {
    let sources: (typeof known)[] = [];
    const reload = vi.fn(async () => {
      sources = [known];
    });
    const found = verifier({ dataSources: { find: () => sources, reload } });
    expect(await reasonOf(found.verify(await issuer.token()))).toBe('accepted');
    expect(reload).toHaveBeenCalledOnce();
  });

  it('is told of without a promise where the token is known, and only there', async () => {
    let sources = [known];
    const found = verifier({ dataSources: { find: () => sources } });
    const token = await issuer.token();
    expect(found.recall(token)).toBeUndefined();
    const identity = await found.verify(token);
    expect(found.recall(token)).toBe(identity);
    sources = [];
    expect(found.recall(token)).toBeUndefined();
    const slow = verifier({ dataSources: { find: async () => [known] } });
    await slow.verify(token);
    expect(slow.recall(token)).toBeUndefined();
  });
});

describe('behaviour 24: time', () => {
  it('ends with exp and the tolerance, also for a remembered token', async () => {
    const one = verifier();
    const token = await issuer.token();
    await one.verify(token);
    now += 3_629_999;
    expect(await reasonOf(one.verify(token))).toBe('accepted');
    now += 1;
    expect(await reasonOf(one.verify(token))).toBe('expired');
    expect(await reasonOf(verifier().verify(token))).toBe('expired');
    expect(await reasonOf(verifier({ clockToleranceMs: 60_000 }).verify(token))).toBe('accepted');
  });

  it('begins with iat, or nbf, less the tolerance', async () => {
    const seconds = now / 1000;
    expect(await reasonOf(verifier().verify(await issuer.token({ iat: seconds + 30 })))).toBe('accepted');
    expect(await reasonOf(verifier().verify(await issuer.token({ iat: seconds + 31 })))).toBe('not_yet_valid');
    expect(await reasonOf(verifier().verify(await issuer.token({ nbf: seconds + 31 })))).toBe('not_yet_valid');
    expect(await reasonOf(verifier().verify(await issuer.token({ iat: seconds + 20, exp: seconds + 10 })))).toBe(
      'claims',
    );
  });
});

describe('behaviour 24: keys', () => {
  it('are fetched once for many tokens at once', async () => {
    const one = verifier({ cacheSize: 0 });
    const token = await issuer.token();
    await Promise.all(Array.from({ length: 50 }, () => one.verify(token)));
    expect(issuer.fetches).toBe(1);
  });

  it('that are old are fetched again in the background, and those that were taken back are not used', async () => {
    const one = verifier({ cacheSize: 0 });
    const token = await issuer.token();
    await one.verify(token);
    now += 600_000;
    await issuer.rotate({ keepOld: false });
    expect(await reasonOf(one.verify(token))).toBe('accepted');
    await expect.poll(() => issuer.fetches).toBe(2);
    await expect.poll(() => reasonOf(one.verify(token))).toBe('unknown_key');
  });

  it('a change of keys forgets the tokens that were verified', async () => {
    const one = verifier({ cacheMs: 3_600_000 });
    const token = await issuer.token();
    await one.verify(token);
    await issuer.rotate({ keepOld: false });
    now += 600_000;
    expect(await reasonOf(one.verify(await issuer.token()))).toBe('accepted');
    expect(await reasonOf(one.verify(token))).toBe('unknown_key');
  });

  it.each([
    ['429', { status: 429 }],
    ['500', { status: 500 }],
    ['no JSON', { body: '<html>' }],
    ['no keys', { body: '{"keys":[]}' }],
    ['no key set', { body: 'null' }],
    ['a redirect', { status: 302, location: 'http://127.0.0.1:1/' }],
    ['too much', { body: ' '.repeat(300_000) }],
    ['no answer', { hang: true }],
  ])('that cannot be fetched (%s): old ones serve for a day, and the issuer is not flooded', async (_, fail) => {
    const one = verifier({ cacheSize: 0, keyTimeoutMs: 50 });
    const token = await issuer.token({ exp: now / 1000 + 90_000 });
    await one.verify(token);
    issuer.fail = fail;
    now += 600_000;
    for (let n = 0; n < 10; n += 1) expect(await reasonOf(one.verify(token))).toBe('accepted');
    await expect.poll(() => issuer.fetches).toBe(2);
    now += 86_400_000;
    for (let n = 0; n < 5; n += 1) expect(await reasonOf(one.verify(token))).toBe('keys_unavailable');
    // Joined to the fetch before where that has not ended yet.
    expect(issuer.fetches).toBeLessThanOrEqual(3);
    issuer.fail = undefined;
    now += 30_000;
    expect(await reasonOf(one.verify(await issuer.token()))).toBe('accepted');
  });

  it('at first cannot be fetched: refused as retryable, and tried again after the cooldown', async () => {
    issuer.fail = { status: 503 };
    const one = verifier();
    for (let n = 0; n < 5; n += 1) expect(await reasonOf(one.verify(await issuer.token()))).toBe('keys_unavailable');
    expect(issuer.fetches).toBe(1);
    issuer.fail = undefined;
    now += 30_000;
    expect(await reasonOf(one.verify(await issuer.token()))).toBe('accepted');
  });

  it('of each issuer are its own', async () => {
    const other = await startIssuer(() => now);
    const both = verifier({ issuers: [issuer.iss, other.iss] });
    await both.verify(await issuer.token());
    await both.verify(await other.token());
    // Signed by one and said to be of the other.
    expect(await reasonOf(both.verify(await issuer.token({ iss: other.iss })))).toBe('signature');
    await other.close();
  });
});

describe('remembered tokens', () => {
  it('need no key, for five minutes', async () => {
    const one = verifier();
    const token = await issuer.token();
    await one.verify(token);
    await issuer.close();
    now += 299_999;
    expect(await reasonOf(one.verify(token))).toBe('accepted');
    issuer = await startIssuer(() => now);
  });

  it('are bounded', async () => {
    const one = verifier({ cacheSize: 2 });
    for (let n = 0; n < 5; n += 1) await one.verify(await issuer.token({ jti: `n${n}` }));
    expect(issuer.fetches).toBe(1);
  });

  it('with one character changed are other tokens', async () => {
    const one = verifier();
    const token = await issuer.token();
    await one.verify(token);
    for (const at of [5, token.indexOf('.') + 20, token.length - 10]) {
      const changed = token.slice(0, at) + (token[at] === 'A' ? 'B' : 'A') + token.slice(at + 1);
      expect(await reasonOf(one.verify(changed))).not.toBe('accepted');
    }
  });
});

it('options that cannot be are refused at once', () => {
  const bad: Partial<JwsVerifierOptions>[] = [
    { dataSources: [] },
    { dataSources: {} as never },
    { dataSources: [{ url: 'nothing' }] },
    { issuers: [] },
    { issuers: ['http://idbroker.webex.com/idb'] },
    { issuers: ['https://idbroker.webex.com/idb/'] },
    { issuers: ['nothing'] },
    { issuers: ['https://user@idbroker.webex.com/idb'] },
    { clockToleranceMs: 600_000 },
    { clockToleranceMs: -1 },
  ];
  for (const options of bad) {
    expect(() => verifier(options)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  }
  expect(JSON.stringify(new JwsVerifier({ dataSources: [source] }))).toContain('https://idbroker.webex.com/idb');
});
