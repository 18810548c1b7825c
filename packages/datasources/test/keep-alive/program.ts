// A program that does nothing but await promises of this package, one after the other: its arguments name them. It prints a line
// for each that settles. Nothing that it calls keeps the process alive, so each promise has to.
import { generateKeyPairSync } from 'node:crypto';
import { MemoryTokenStore, NetworkError } from '@byova/auth';
import { systemClock, type WallClock } from '@byova/auth/foundation';
import type { HttpClient, HttpRequest } from '@byova/auth/http';
import { DataSourceClient, DataSourceRefresher, JwsVerifier } from '@byova/datasources';

const organization = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';
const clientId = `C${'0a'.repeat(32)}`;
const issuer = 'https://idbroker.webex.com/idb';
const url = 'https://va.example.com:443';
const spec = { url, audience: 'va', subject: 'callAudio' };
/** Ten seconds pass in a half. */
const fast: WallClock = {
  ...systemClock,
  setTimer: (callback, delayMs, options) => systemClock.setTimer(callback, delayMs / 20, options),
};

type Answer = (request: HttpRequest) => unknown;

/** A Service App whose data sources are in this process. */
const serviceApp = (answer: Answer) => ({
  clientId,
  on: () => () => {},
  clientFor: () =>
    ({
      request: async (request: HttpRequest) => {
        const data = request.schema?.safeParse(await answer(request));
        return { status: 200, headers: {}, data: data?.success === true ? data.data : undefined };
      },
      paginate: async function* () {},
    }) as unknown as HttpClient,
});
const wire = ({ json }: HttpRequest) => ({
  id: 'one',
  ...spec,
  schemaId: '5397013b-7920-4ffc-807c-e8a3e0a18f43',
  nonce: 'n',
  tokenLifetimeMinutes: 60,
  ...(json as object | undefined),
  tokenExpiryTime: new Date(Date.now() + 3_600_000).toISOString(),
});

/** A refresher with one data source, whose lease another process holds. */
async function refresherBeside(answer: Answer = wire): Promise<DataSourceRefresher> {
  const store = new MemoryTokenStore();
  const refresher = new DataSourceRefresher({ serviceApp: serviceApp(answer), store, clock: fast });
  await refresher.add(await refresher.clientFor(organization).get('one'));
  for (const key of [...(await store.list('')), `data-source/${clientId}/${organization}`])
    await store.acquireLease(key, { ttlMs: 150 });
  return refresher;
}

/** A token of a key that nobody has. */
function madeUp(kid: string): string {
  const seconds = Math.floor(Date.now() / 1000);
  const claims = {
    ...{ iss: issuer, aud: 'a', sub: 's', jti: 'j', iat: seconds, exp: seconds + 60 },
    'com.cisco.datasource.url': url,
    'com.cisco.datasource.schema.uuid': '5397013b-7920-4ffc-807c-e8a3e0a18f43',
    'com.cisco.org.uuid': organization,
  };
  return [{ alg: 'RS256', kid }, claims, {}]
    .map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'))
    .join('.');
}

const promises: Readonly<Record<string, () => Promise<unknown>>> = {
  'create whose answer was lost': () =>
    new DataSourceClient({
      organization,
      clock: fast,
      serviceApp: serviceApp(() => {
        throw new NetworkError();
      }),
    }).create(spec),
  'ensure while another holds the lease': async () => (await refresherBeside()).ensure(organization, spec),
  'renew while another holds the lease': async () => (await refresherBeside()).renew(organization, 'one'),
  'close of a refresher whose Webex answers nothing': async () => {
    const asked = Promise.withResolvers<void>();
    let isGone = false;
    const refresher = await refresherBeside((request) => {
      if (!isGone) return wire(request);
      asked.resolve();
      return new Promise((_, reject) => request.signal?.addEventListener('abort', () => reject(new NetworkError())));
    });
    isGone = true;
    // The token is due, so a renewal begins; the program awaits it by closing the refresher.
    const [source] = refresher.dataSources;
    const due = {
      ...wire({ method: 'GET', path: '' }),
      organization,
      applicationId: clientId,
      status: 'active' as const,
    };
    await refresher.remove(organization, source?.id ?? '');
    await refresher.start();
    await refresher.add({ ...due, errorMessage: undefined, tokenIssuedAt: 0, tokenExpiresAt: Date.now() });
    const alive = setInterval(() => {}, 10);
    await asked.promise;
    clearInterval(alive);
    await refresher.close({ graceMs: 1000 });
  },
  'verify while the keys do not come': () =>
    new JwsVerifier({
      dataSources: [{ url }],
      keyTimeoutMs: 50,
      fetch: () => new Promise(() => {}),
    }).verify(madeUp('a')),
  'verify while the next fetch of keys is awaited': async () => {
    const { publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const keys = [{ ...publicKey.export({ format: 'jwk' }), kid: 'present' }];
    const verifier = new JwsVerifier({
      dataSources: [{ url }],
      keyIntervalMs: 100,
      fetch: async () => new Response(JSON.stringify({ keys })),
    });
    for (let n = 0; n < 5; n += 1) await verifier.verify(madeUp(`made-up-${n}`)).catch(() => {});
    await verifier.verify(madeUp('another'));
  },
};

for (const name of process.argv.slice(2)) {
  const outcome = await promises[name]?.().then(
    () => 'resolved',
    (error: { reason?: string; code?: string }) => error.reason ?? error.code ?? String(error),
  );
  process.stdout.write(`${name}: ${outcome}\n`);
}
