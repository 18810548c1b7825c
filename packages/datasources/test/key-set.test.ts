// The keys of an issuer when they change, when an attacker or the endpoint misbehaves, and when the clock is set.
import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { JwsRefusedError, JwsVerifier, type JwsVerifierOptions } from '../src/jws/index.ts';
import { type Issuer, startIssuer, URL_OF_SOURCE } from './support/issuer.ts';

let issuer: Issuer;
beforeEach(async () => {
  issuer = await startIssuer();
});
afterEach(() => issuer.close());

const verifier = (options: Partial<JwsVerifierOptions> = {}): JwsVerifier =>
  new JwsVerifier({ dataSources: [{ url: URL_OF_SOURCE }], issuers: [issuer.iss], ...options });
async function reasonOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
    return 'accepted';
  } catch (error) {
    if (error instanceof JwsRefusedError) return error.reason;
    throw error;
  }
}

describe('keys that change', () => {
  it('a token of a new key is accepted at once, the first times', async () => {
    const one = verifier({ keyIntervalMs: 60_000 });
    for (let changes = 0; changes < 3; changes += 1) {
      expect(await reasonOf(one.verify(await issuer.token()))).toBe('accepted');
      await issuer.rotate();
    }
    expect(issuer.fetches).toBe(3);
  });

  it('a token of a new key is accepted beside an attacker who makes ids up, and the issuer is asked at the same rate', async () => {
    const keyIntervalMs = 200;
    const one = verifier({ keyIntervalMs });
    const startedAt = performance.now();
    await one.verify(await issuer.token());
    let attacking = true;
    let refused = 0;
    const attack = async (attacker: number): Promise<void> => {
      for (let n = 0; attacking; n += 1) {
        expect(await reasonOf(one.verify(await issuer.token({}, { kid: `made-up-${attacker}-${n}` })))).toBe(
          'unknown_key',
        );
        refused += 1;
      }
    };
    const attackers = Promise.all(Array.from({ length: 20 }, (_, attacker) => attack(attacker)));
    for (let rotations = 0; rotations < 3; rotations += 1) {
      // The three fetches that need no waiting are the attackers' by now.
      await expect.poll(() => refused).toBeGreaterThan(20 * (2 * rotations + 3));
      await issuer.rotate();
      expect(await reasonOf(one.verify(await issuer.token()))).toBe('accepted');
    }
    attacking = false;
    await attackers;
    const intervals = (performance.now() - startedAt) / keyIntervalMs;
    expect(issuer.fetches).toBeLessThanOrEqual(3 + Math.ceil(intervals));
  });

  it('an id that was looked for before it was published is found as soon as it is', async () => {
    const one = verifier({ keyIntervalMs: 50 });
    await one.verify(await issuer.token());
    for (let n = 0; n < 5; n += 1)
      expect(await reasonOf(one.verify(await issuer.token({}, { kid: 'key-2' })))).toBe('unknown_key');
    await issuer.rotate();
    expect(issuer.current.kid).toBe('key-2');
    expect(await reasonOf(one.verify(await issuer.token()))).toBe('accepted');
  });

  it('a fetch that was under way when a token came does not refuse it', async () => {
    const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    let fetches = 0;
    const one = verifier({
      fetch: async (url, init) => {
        // Its answer was made before the keys changed, and arrives after.
        const response = await fetch(url, init);
        await gates[fetches++]?.promise;
        return response;
      },
    });
    const first = one.verify(await issuer.token());
    await expect.poll(() => issuer.fetches).toBe(1);
    await issuer.rotate();
    const second = one.verify(await issuer.token());
    gates[0]?.resolve();
    gates[1]?.resolve();
    expect(await reasonOf(first)).toBe('accepted');
    expect(await reasonOf(second)).toBe('accepted');
    expect(fetches).toBe(2);
  });

  it('a token that no key can be fetched for is refused as retryable, not as unknown', async () => {
    const one = verifier({ keyCooldownMs: 60_000 });
    await one.verify(await issuer.token());
    issuer.fail = { status: 503 };
    await issuer.rotate();
    for (let n = 0; n < 3; n += 1) expect(await reasonOf(one.verify(await issuer.token()))).toBe('keys_unavailable');
    expect(issuer.fetches).toBe(2);
  });
});

describe('a clock that is set back two hours', () => {
  it('makes keys fetched again, though they seem to be of the future', async () => {
    let now = Date.now();
    const one = verifier({ now: () => now, cacheSize: 0 });
    await one.verify(await issuer.token());
    now -= 7_200_000;
    await one.verify(await issuer.token({ iat: Math.floor(now / 1000) }));
    await expect.poll(() => issuer.fetches).toBe(2);
  });

  it('makes no token of a new key wait for longer than the interval', async () => {
    let now = Date.now();
    const one = verifier({ now: () => now, keyIntervalMs: 50 });
    for (let n = 0; n < 3; n += 1) await reasonOf(one.verify(await issuer.token({}, { kid: `made-up-${n}` })));
    now -= 7_200_000;
    await issuer.rotate();
    expect(await reasonOf(one.verify(await issuer.token({ iat: Math.floor(now / 1000) })))).toBe('accepted');
  });
});

describe('what an endpoint sends', () => {
  async function endpoint(
    answer: (response: ServerResponse) => void,
  ): Promise<{ verifier: JwsVerifier; token: string; closed: Promise<unknown> }> {
    const closed = Promise.withResolvers<unknown>();
    const server = createServer((_, response) => {
      response.once('close', closed.resolve);
      answer(response);
    }).listen(0, '127.0.0.1');
    await once(server, 'listening');
    onTestFinished(() => {
      server.closeAllConnections();
      server.close();
    });
    const iss = `http://127.0.0.1:${(server.address() as AddressInfo).port}/idb`;
    return {
      verifier: verifier({ issuers: [iss], keyTimeoutMs: 20_000 }),
      token: await issuer.token({ iss }),
      closed: closed.promise,
    };
  }

  it('without end is read up to its bound, and the connection is closed', async () => {
    let sent = 0;
    const at = await endpoint((response) => {
      const more = (): void => {
        if (response.destroyed) return;
        sent += 65_536;
        response.write(Buffer.alloc(65_536, ' '), more);
      };
      more();
    });
    expect(await reasonOf(at.verifier.verify(at.token))).toBe('keys_unavailable');
    await at.closed;
    // In 5 s of reading it were 236 MB. What is beyond the bound is in the buffers of both sockets.
    expect(sent).toBeLessThan(20_000_000);
  });

  it('packed small is measured unpacked', async () => {
    const at = await endpoint((response) => {
      response.setHeader('content-encoding', 'gzip');
      response.end(gzipSync(Buffer.alloc(20_000_000, ' ')));
    });
    expect(await reasonOf(at.verifier.verify(at.token))).toBe('keys_unavailable');
    await at.closed;
  });

  it('slowly is given up in time, though bytes keep coming', async () => {
    const at = await endpoint((response) => {
      const timer = setInterval(() => response.write(' '), 5);
      response.once('close', () => clearInterval(timer));
    });
    const impatient = verifier({ issuers: [at.verifier.toJSON().issuers[0] ?? ''], keyTimeoutMs: 100 });
    expect(await reasonOf(impatient.verify(at.token))).toBe('keys_unavailable');
    await at.closed;
  });

  it('is given up in time also where a fetch of your own heeds no signal', async () => {
    const deaf = verifier({ keyTimeoutMs: 50, fetch: () => new Promise(() => {}) });
    expect(await reasonOf(deaf.verify(await issuer.token()))).toBe('keys_unavailable');
    const empty = verifier({ fetch: async () => ({ ok: true, status: 200, body: null }) });
    expect(await reasonOf(empty.verify(await issuer.token()))).toBe('keys_unavailable');
  });
});

describe('which keys are usable', () => {
  it.each<[string, Record<string, unknown>]>([
    ['alg', { alg: null }],
    ['use', { use: null }],
    ['both, and others', { alg: null, use: null, key_ops: null, x5c: null, x5t: null }],
  ])('a null %s counts as absent', async (_, members) => {
    Object.assign(issuer.keys[0] as object, members);
    expect(await reasonOf(verifier().verify(await issuer.token()))).toBe('accepted');
  });

  it('weak ones, oversized ones and those for something else are not taken, and cost the others nothing', async () => {
    const [good] = issuer.keys;
    const unusable = [
      { ...good, kid: 'for-encryption', use: 'enc' },
      { ...good, kid: 'for-ps256', alg: 'PS256' },
      { ...good, kid: 'short', n: 'AQAB' },
      { ...good, kid: 'long', n: 'q'.repeat(20_000) },
      { ...good, kid: 'long-exponent', e: 'q'.repeat(300) },
      { ...good, kid: 'no-modulus', n: null },
      { kty: 'oct', kid: 'symmetric', k: 'c2VjcmV0' },
      // The same id, first in the list, and of no use.
      { ...good, use: 'enc' },
      { kty: 'RSA', n: 'x', e: 'y' },
      null,
      'a text',
      [],
    ];
    issuer.keys.unshift(...(unusable as never[]), ...Array.from({ length: 100 }, () => ({ kty: 'EC', kid: 'x' })));
    const one = verifier({ keyIntervalMs: 1 });
    for (const kid of ['for-encryption', 'for-ps256', 'short', 'long', 'long-exponent', 'no-modulus', 'symmetric']) {
      expect(await reasonOf(one.verify(await issuer.token({}, { kid })))).toBe('unknown_key');
    }
    expect(await reasonOf(one.verify(await issuer.token()))).toBe('accepted');
  });

  it('of two with one id the first counts, and there are 64 at most', async () => {
    const [first] = issuer.keys;
    await issuer.rotate();
    issuer.keys.push(...Array.from({ length: 62 }, (_, n) => ({ ...first, kid: `more-${n}` })));
    issuer.keys.push({ ...first, kid: 'key-2' }, { ...first, kid: 'the-65th' });
    const one = verifier({ keyIntervalMs: 1 });
    expect(await reasonOf(one.verify(await issuer.token()))).toBe('accepted');
    expect(await reasonOf(one.verify(await issuer.token({}, { kid: 'the-65th' })))).toBe('unknown_key');
    issuer.keys.splice(10, 1);
    // Found now, and not the key that signed.
    expect(await reasonOf(one.verify(await issuer.token({}, { kid: 'the-65th' })))).toBe('signature');
  });
});

it('null members of a token count as absent', async () => {
  expect(await reasonOf(verifier().verify(await issuer.token({ nbf: null })))).toBe('accepted');
});
