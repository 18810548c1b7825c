// A program that does nothing but await promises of this package, one after the other. Its first argument is the address of
// a server in another process; the others name the promises. It prints a line for each that settles.
import {
  createWebhookHandler,
  HttpClient,
  IntegrationTokenManager,
  MemoryTokenStore,
  ServiceAppTokenManager,
  type WallClock,
  WebhookManager,
} from '@byova/auth';
import { systemClock, underLease, wait } from '@byova/auth/foundation';

const [baseUrl = '', ...names] = process.argv.slice(2);
const client = { clientId: `C${'0a'.repeat(32)}`, clientSecret: 'a-secret' };
const organization = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';
/** A time at which a token that ends then has ended. */
const PAST = Date.UTC(2026, 0, 1);
/** Ten seconds pass in a half. */
const fast: WallClock = {
  ...systemClock,
  setTimer: (callback, delayMs, options) => systemClock.setTimer(callback, delayMs / 20, options),
};
/** What answers nothing and keeps nothing alive: a pool of yours whose sockets are unreferenced. */
const silent = { dispatch: () => true };
/** Each name is a path of its own at the server, which refuses its first request with 429. */
const http = (name: string) => ({ baseUrl: `${baseUrl}/${name}`, timeoutMs: 5000 });
const authorized = {
  format: 1,
  state: 'authorized',
  generation: 1,
  tokens: { accessToken: 'old', obtainedAt: PAST, expiresAt: PAST + 1, refreshToken: 'r' },
};

/** A store with a record whose token has ended. */
async function storeWith(key: string): Promise<MemoryTokenStore> {
  const store = new MemoryTokenStore();
  await store.set(key, authorized, { expectedVersion: undefined });
  return store;
}
async function integrationOf(name: string): Promise<{ manager: IntegrationTokenManager; store: MemoryTokenStore }> {
  const store = await storeWith(`integration/${client.clientId}`);
  return { store, manager: new IntegrationTokenManager({ ...client, store, http: http(name) }) };
}

const promises: Readonly<Record<string, (name: string) => Promise<unknown>>> = {
  wait: () => wait(systemClock, 50),
  'underLease while another holds the lease': async () => {
    const store = new MemoryTokenStore();
    await store.acquireLease('key', { ttlMs: 150 });
    const { signal } = new AbortController();
    const context = { store, clock: systemClock, random: Math.random, leaseMs: 1000, signal };
    return underLease(
      'key',
      context,
      async () => undefined,
      async () => 'done',
    );
  },
  'request between two tries': (name) => new HttpClient(http(name)).request({ method: 'GET', path: '/list' }),
  'request without an answer': (name) =>
    new HttpClient({ ...http(name), timeoutMs: 100, retry: { maxAttempts: 1 }, dispatcher: silent }).request({
      method: 'GET',
      path: '/list',
    }),
  'paginate between two pages': async (name) => {
    const schema = { safeParse: () => ({ success: true as const, data: { items: [1] } }) };
    const items: number[] = [];
    for await (const item of new HttpClient(http(name)).paginate({ path: '/pages', schema })) items.push(item);
    return items.length;
  },
  ensureServiceAppWebhooks: (name) =>
    new WebhookManager({ http: new HttpClient(http(name)) }).ensureServiceAppWebhooks({
      applicationId: client.clientId,
      targetUrl: 'https://example.com',
      secret: 'sixteen characters or more',
    }),
  'authorize without a person': async (name) =>
    new IntegrationTokenManager({
      ...client,
      redirectUri: 'http://127.0.0.1:0/callback',
      store: new MemoryTokenStore(),
      http: http(name),
    }).authorize({ timeoutMs: 50 }),
  authorizeDevice: async (name) => (await integrationOf(name)).manager.authorizeDevice({ onPrompt: () => {} }),
  handleCallback: async (name) => {
    const { manager } = await integrationOf(name);
    const { state } = await manager.authorizationUrl();
    return manager.handleCallback(`http://127.0.0.1/callback?code=x&state=${state}`);
  },
  signOut: async (name) => (await integrationOf(name)).manager.signOut(),
  'getAccessToken of an Integration while another holds the lease': async (name) => {
    const { manager, store } = await integrationOf(name);
    await store.acquireLease(`integration/${client.clientId}`, { ttlMs: 150 });
    return manager.getAccessToken();
  },
  'getAccessToken with a dead refresh token': async () => (await integrationOf('dead')).manager.getAccessToken(),
  'close of an Integration while a renewal waits': async (name) => {
    const { manager } = await integrationOf(name);
    const renewal = manager.getAccessToken();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await manager.close();
    return renewal;
  },
  'getAccessToken of an organization while another holds the lease': async (name) => {
    const key = `service-app/${client.clientId}/${organization}`;
    const store = await storeWith(key);
    await store.acquireLease(key, { ttlMs: 150 });
    return new ServiceAppTokenManager({ ...client, store, http: http(name) }).getAccessToken(organization);
  },
  authorizeOrganization: async (name) =>
    new ServiceAppTokenManager({
      ...client,
      store: new MemoryTokenStore(),
      http: http(name),
      integration: { accessToken: async () => 'token' },
    }).authorizeOrganization(organization),
  'close of a Service App whose Integration answers nothing': async (name) => {
    const asked = Promise.withResolvers<void>();
    const manager = new ServiceAppTokenManager({
      ...client,
      store: new MemoryTokenStore(),
      http: { ...http(name), clock: fast },
      integration: {
        accessToken: ({ signal }) => {
          asked.resolve();
          return new Promise((_, reject) => signal?.addEventListener('abort', () => reject(signal.reason)));
        },
      },
    });
    await manager.acceptAuthorization(organization);
    await asked.promise;
    await manager.close();
  },
  'a webhook whose body does not come': async () => {
    const serviceApp = new ServiceAppTokenManager({ ...client, store: new MemoryTokenStore() });
    const handler = createWebhookHandler({ serviceApp, secrets: ['secret'], bodyTimeoutMs: 50 });
    const body = new ReadableStream();
    const request = { method: 'POST', body, duplex: 'half' };
    return (await handler(new Request('http://localhost/', request as RequestInit))).status;
  },
};

for (const name of names) {
  const outcome = await promises[name]?.(encodeURIComponent(name)).then(
    () => 'resolved',
    (error: { code?: string }) => error.code ?? String(error),
  );
  process.stdout.write(`${name}: ${outcome}\n`);
}
