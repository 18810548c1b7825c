// Retries in an outage: bounded for all clients together, however many they are.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { RetryBudget } from '../../src/index.ts';
import { failure, startWebex, type Webex } from '../support/webex.ts';

let webex: Webex;
beforeEach(async () => {
  webex = await startWebex();
});
afterEach(() => webex.close());

it('the clients of a manager have one budget, whatever their number', async () => {
  const { platform } = webex;
  const integration = { accessToken: async () => platform.issueIntegrationTokens().accessToken };
  const organizations = Array.from({ length: 100 }, (_, n) => `96abc2aa-3dcc-11e5-a152-${String(n).padStart(12, '0')}`);
  const retry = { baseDelayMs: 1, maxDelayMs: 1 };
  const manager = webex.serviceApp({ integration, http: { ...webex.http, retry } });
  for (const organization of organizations) {
    await platform.authorizeApp(organization);
    await manager.authorizeOrganization(organization);
  }
  platform.clearJournal();
  platform.fault({ path: '/v1/dataSources', status: 503, times: Number.POSITIVE_INFINITY });
  const clients = organizations.map((organization) => manager.clientFor(organization));
  const answers = clients.flatMap((client) =>
    Array.from({ length: 5 }, () => failure(client.request({ method: 'GET', path: '/dataSources' }))),
  );
  expect(new Set((await Promise.all(answers)).map(({ code }) => code))).toEqual(new Set(['SERVICE_UNAVAILABLE']));
  // A budget of 20 for each of a hundred clients made 2,000 tries of these 500 requests.
  expect(platform.requests({ path: '/v1/dataSources' })).toHaveLength(500 + 20);
});

it('clients of your own share the budget that you give them', async () => {
  webex.platform.fault({ path: '/v1/webhooks', status: 503, times: Number.POSITIVE_INFINITY });
  const budget = new RetryBudget(2);
  for (let n = 0; n < 3; n += 1) {
    const client = webex.client({ retry: { baseDelayMs: 1, budget } });
    await failure(client.request({ method: 'GET', path: '/webhooks' }));
  }
  expect(webex.platform.requests({})).toHaveLength(3 + 2);
  expect(budget.left).toBe(0);
});

it('a manager takes a budget from its options, as a number or as one to share', async () => {
  const { platform } = webex;
  const get = { method: 'GET', path: '/dataSources' } as const;
  platform.fault({ path: '/v1/dataSources', status: 503, times: Number.POSITIVE_INFINITY });
  for (const budget of [3, new RetryBudget(3)]) {
    const integration = { accessToken: async () => platform.issueIntegrationTokens().accessToken };
    const manager = webex.serviceApp({ integration, http: { ...webex.http, retry: { baseDelayMs: 1, budget } } });
    const organization = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';
    await platform.authorizeApp(organization);
    await manager.authorizeOrganization(organization);
    platform.clearJournal();
    for (let n = 0; n < 2; n += 1) await failure(manager.clientFor(organization).request(get));
    expect(platform.requests({ path: '/v1/dataSources' })).toHaveLength(2 + 3);
  }
});

it.each([Number.NaN, -1, Number.POSITIVE_INFINITY])('%s is no budget', (size) => {
  expect(() => new RetryBudget(size)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
});
