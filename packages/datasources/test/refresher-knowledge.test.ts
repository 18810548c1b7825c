// What a refresher knows, and forgets, on a clock of the test's own: nonces for a verifier, and behaviour 16 of webex/rest.md.
import { type DataSourceClaims, DataSourceRefresher } from '@byova/datasources';
import { describe, expect, it } from 'vitest';
import { finish, MINUTE, ORGANIZATION, setUp } from './support/refresher-set-up.ts';

const claims = (jti: string): DataSourceClaims => ({
  iss: 'https://idbroker.webex.com/idb',
  aud: ['va'],
  sub: 'callAudio',
  jti,
  iat: 0,
  exp: 1,
  nbf: undefined,
  url: 'https://s1.example.com:443',
  schemaId: '5397013b-7920-4ffc-807c-e8a3e0a18f43',
  organization: ORGANIZATION,
});

describe('what a verifier is told', () => {
  it('knows the present nonce, the one that is on its way, and the former until its token ends', async () => {
    const { clock, webex, source, refresher } = await setUp();
    const nonces = () => refresher.knownDataSources.find(claims('')) as readonly { nonces?: readonly string[] }[];
    expect(nonces()[0]?.nonces).toEqual(['s1-first']);
    await clock.runUntil(clock.now() + 41 * MINUTE);
    expect(webex.rotations).toHaveLength(1);
    expect(nonces()[0]?.nonces).toEqual([source.nonce, 's1-first']);
    await clock.runUntil(clock.now() + 20 * MINUTE);
    expect(nonces()[0]?.nonces).toEqual([source.nonce]);
    await finish(clock, refresher.close());
  });

  it('the nonce is in the store before Webex has it', async () => {
    const { clock, webex, store, source, refresher } = await setUp();
    const key = `data-source/C${'0'.repeat(64)}/${ORGANIZATION}/s1`;
    let seen: unknown;
    webex.onPut = (nonce) => {
      seen = store.get(key).then((stored) => JSON.stringify(stored?.value).includes(nonce));
    };
    await clock.runUntil(clock.now() + 41 * MINUTE);
    expect(source.nonce).not.toBe('s1-first');
    expect(await seen).toBe(true);
    await finish(clock, refresher.close());
  });

  it('a nonce that nobody knows is looked up: in the store, then at Webex, and not for each call', async () => {
    const { clock, webex, source, refresher, make } = await setUp();
    const knows = (who: DataSourceRefresher, nonce: string) =>
      (who.knownDataSources.find(claims(nonce)) as readonly { nonces?: readonly string[] }[]).some((one) =>
        one.nonces?.includes(nonce),
      );
    // Another program rotates it at Webex.
    source.nonce = 'by-somebody-else';
    source.issuedAt = clock.now() + 1;
    source.expiresAt = source.issuedAt + 60 * MINUTE;
    await refresher.knownDataSources.reload?.(claims('by-somebody-else'));
    expect(knows(refresher, 'by-somebody-else')).toBe(true);
    expect(knows(refresher, 's1-first')).toBe(true);
    const asked = webex.requests;
    for (let n = 0; n < 50; n += 1) await refresher.knownDataSources.reload?.(claims(`guess-${n}`));
    await clock.runUntil(clock.now() + 2000);
    await refresher.knownDataSources.reload?.(claims('guess'));
    expect(webex.requests).toBe(asked);
    // A clock that is set back makes nothing wait for longer than it would.
    clock.jump(-120 * MINUTE);
    await refresher.knownDataSources.reload?.(claims('guess'));
    expect(webex.requests).toBeGreaterThan(asked);
    clock.jump(120 * MINUTE);
    webex.requests = asked;
    // A replica that has never seen the organization finds it in the store.
    const other = make();
    expect(knows(other.refresher, 'by-somebody-else')).toBe(false);
    await other.refresher.knownDataSources.reload?.(claims('by-somebody-else'));
    expect(knows(other.refresher, 'by-somebody-else')).toBe(true);
    expect(webex.requests).toBe(asked);
    await finish(clock, Promise.all([refresher.close(), other.refresher.close()]));
  });
});

describe('behaviour 16: an organization that leaves', () => {
  it('is forgotten at once, here and in the store, and nothing is renewed any more', async () => {
    const { clock, webex, store, refresher, told, client } = await setUp({ start: false });
    const leaving: ((event: { organization: string }) => void)[] = [];
    const serviceApp = {
      ...webex.serviceApp(),
      on: (_: string, listener: (typeof leaving)[number]) => {
        leaving.push(listener);
        return () => {};
      },
    };
    const mine = new DataSourceRefresher({ serviceApp, store, clock, storeReadMs: MINUTE, random: () => 0 });
    await mine.add(await client.get('s1'));
    await mine.start();
    await refresher.start();
    expect(await store.list('data-source/')).toHaveLength(1);
    for (const tell of leaving) tell({ organization: ORGANIZATION });
    expect(mine.knownDataSources.find(claims('s1-first'))).toEqual([]);
    // A call in the same moment makes the verifier look again, before the store has forgotten.
    await mine.knownDataSources.reload?.(claims('s1-first'));
    expect(mine.knownDataSources.find(claims('s1-first'))).toEqual([]);
    await clock.runUntil(clock.now() + 2 * MINUTE);
    expect(await store.list('data-source/')).toEqual([]);
    // The other replica, whose webhook it was not, finds it out of the store.
    expect(told).toMatchObject([{ name: 'gone', event: { reason: 'removed' } }]);
    expect(refresher.knownDataSources.find(claims('s1-first'))).toEqual([]);
    await clock.runUntil(clock.now() + 180 * MINUTE);
    expect(webex.puts).toBe(0);
    await finish(clock, Promise.all([mine.close(), refresher.close()]));
  });

  it('also where only its token is refused', async () => {
    const { clock, webex, told, refresher } = await setUp();
    webex.left.add(ORGANIZATION);
    await clock.runUntil(clock.now() + 60 * MINUTE);
    expect(told).toMatchObject([{ name: 'gone', event: { reason: 'deauthorized' } }]);
    await finish(clock, refresher.close());
  });

  it('a renewal that was under way when it left changes nothing any more', async () => {
    const { clock, webex, store, refresher, told } = await setUp();
    webex.fate = (method) => (method === 'PUT' ? 'hang' : 'ok');
    await clock.runUntil(clock.now() + 40 * MINUTE + 500);
    expect(webex.underWay).toBe(1);
    const removing = refresher.remove(ORGANIZATION, 's1');
    await finish(clock, removing);
    await clock.runUntil(clock.now() + 120 * MINUTE);
    expect(await store.list('data-source/')).toEqual([]);
    expect(told).toMatchObject([{ name: 'gone', event: { reason: 'removed' } }]);
    expect(refresher.dataSources).toEqual([]);
    await finish(clock, refresher.close());
  });
});
