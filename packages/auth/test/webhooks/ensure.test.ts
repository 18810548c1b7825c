// Webhooks at Webex: the five calls, and what ensureServiceAppWebhooks writes and does not write.
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type EnsureServiceAppWebhooksOptions, WebhookManager } from '../../src/index.ts';
import { failure, startWebex, type Webex } from '../support/webex.ts';

let webex: Webex;
let webhooks: WebhookManager;
let options: EnsureServiceAppWebhooksOptions;
beforeEach(async () => {
  webex = await startWebex();
  webhooks = new WebhookManager({ http: webex.client() });
  options = {
    applicationId: webex.platform.serviceApp.applicationId,
    targetUrl: 'https://partner.example/webhooks',
    secret: 'a secret of the webhook',
  };
});
afterEach(() => webex.close());

const writes = (): string[] =>
  webex.platform.requests({}).flatMap(({ method, status }) => (method === 'GET' ? [] : [`${method} ${status}`]));
const filter = (): string => `id=${webex.platform.serviceApp.applicationId}`;
const own = (event: string): object => ({
  name: `BYOVA service app ${event}`,
  targetUrl: options.targetUrl,
  resource: 'serviceApp',
  event,
  filter: filter(),
  status: 'active',
});

it('are created, read, changed and deleted', async () => {
  const created = await webhooks.create({
    name: 'n',
    targetUrl: 'https://a.example',
    resource: 'serviceApp',
    event: 'authorized',
  });
  expect(await webhooks.get(created.id)).toMatchObject({ id: created.id, status: 'active' });
  expect(await webhooks.update(created.id, { name: 'm', targetUrl: 'https://b.example' })).toMatchObject({ name: 'm' });
  await webhooks.delete(created.id);
  expect(await failure(webhooks.get(created.id))).toMatchObject({ code: 'NOT_FOUND' });
  expect(
    await failure(webhooks.create({ name: 'n', targetUrl: 'https://a.example', resource: 'x', event: 'y' })),
  ).toMatchObject({
    code: 'VALIDATION_FAILED',
  });
});

describe('behaviour 17: ensureServiceAppWebhooks', () => {
  it('makes both, and at the next run writes nothing', async () => {
    const report = await webhooks.ensureServiceAppWebhooks(options);
    expect(report.created.map(({ event }) => event)).toEqual(['authorized', 'deauthorized']);
    expect(webex.platform.webhooks).toMatchObject([own('authorized'), own('deauthorized')]);
    webex.platform.clearJournal();
    const again = await webhooks.ensureServiceAppWebhooks(options);
    expect(again).toMatchObject({ created: [], updated: [], deleted: [], unchanged: [{}, {}] });
    expect(writes()).toEqual([]);
  });

  it('finds them on a later page', async () => {
    for (let n = 0; n < 120; n += 1) {
      await webhooks.create({
        name: `other ${n}`,
        targetUrl: 'https://a.example',
        resource: 'dataSources',
        event: 'created',
      });
    }
    await webhooks.ensureServiceAppWebhooks(options);
    webex.platform.clearJournal();
    await webhooks.ensureServiceAppWebhooks(options);
    expect(webex.platform.requests({ method: 'GET' }).length).toBe(2);
    expect(writes()).toEqual([]);
  });

  it('wakes an inactive one, and gives it the secret', async () => {
    await webhooks.ensureServiceAppWebhooks(options);
    webex.platform.clearJournal();
    const [first] = webex.platform.webhooks;
    webex.platform.fault({
      method: 'GET',
      path: '/v1/webhooks',
      status: 200,
      body: {
        items: webex.platform.webhooks.map((one) => (one.id === first?.id ? { ...one, status: 'inactive' } : one)),
      },
    });
    const report = await webhooks.ensureServiceAppWebhooks(options);
    expect(report.updated).toHaveLength(1);
    const [put] = webex.platform.requests({ method: 'PUT' });
    expect(JSON.parse(put?.body ?? '{}')).toMatchObject({ status: 'active', secret: options.secret });
    expect(writes()).toEqual(['PUT 200']);
  });

  it('puts another address right by a change, and another filter by a new one, made before the old one goes', async () => {
    await webhooks.create({ ...own('authorized'), targetUrl: 'https://old.example', secret: options.secret } as never);
    await webhooks.create({ ...own('deauthorized'), filter: 'id=another', secret: options.secret } as never);
    webex.platform.clearJournal();
    const report = await webhooks.ensureServiceAppWebhooks(options);
    expect([report.updated.length, report.created.length, report.deleted.length]).toEqual([1, 1, 1]);
    expect(writes()).toEqual(['PUT 200', 'POST 200', 'DELETE 204']);
    expect(webex.platform.webhooks).toMatchObject([own('authorized'), own('deauthorized')]);
  });

  it('changes the secret', async () => {
    await webhooks.ensureServiceAppWebhooks(options);
    webex.platform.clearJournal();
    const report = await webhooks.ensureServiceAppWebhooks({
      ...options,
      secret: 'another secret of it',
      rotateSecret: true,
    });
    expect(report.updated).toHaveLength(2);
    expect(writes()).toEqual(['PUT 200', 'PUT 200']);
  });

  it('takes doubles away, and leaves alone what belongs to another deployment or app', async () => {
    await webhooks.ensureServiceAppWebhooks(options);
    await webhooks.create({ ...own('authorized'), name: 'a double', secret: options.secret } as never);
    const staging = { ...options, targetUrl: 'https://staging.example', name: 'Staging' };
    await webhooks.ensureServiceAppWebhooks(staging);
    await webhooks.create({
      ...own('authorized'),
      name: 'of another app',
      filter: 'id=another',
      targetUrl: 'https://c.example',
    } as never);
    const report = await webhooks.ensureServiceAppWebhooks(options);
    expect(report.deleted.map(({ name }) => name)).toEqual(['a double']);
    expect(webex.platform.webhooks.map(({ name }) => name).sort()).toEqual([
      'BYOVA service app authorized',
      'BYOVA service app deauthorized',
      'Staging service app authorized',
      'Staging service app deauthorized',
      'of another app',
    ]);
    webex.platform.clearJournal();
    await webhooks.ensureServiceAppWebhooks(staging);
    await webhooks.ensureServiceAppWebhooks(options);
    expect(writes()).toEqual([]);
  });

  it('behaviour 10: after a creation whose answer was lost looks before it makes another', async () => {
    webex.platform.fault({ method: 'POST', path: '/v1/webhooks', drop: true, after: 'processed' });
    const report = await webhooks.ensureServiceAppWebhooks(options);
    expect(report.created).toHaveLength(2);
    expect(webex.platform.webhooks).toHaveLength(2);
    expect(webex.platform.requests({ method: 'POST' })).toHaveLength(2);
  });

  it('behaviour 10: after a creation that did not take effect it says so, and the next run goes on', async () => {
    webex.platform.fault({ method: 'POST', path: '/v1/webhooks', drop: true });
    expect(await failure(webhooks.ensureServiceAppWebhooks(options))).toMatchObject({ code: 'NETWORK_FAILED' });
    expect((await webhooks.ensureServiceAppWebhooks(options)).created).toHaveLength(2);
  });

  it('refuses a secret that could be guessed, and an address that is none', async () => {
    for (const bad of [{ secret: 'short' }, { targetUrl: 'nowhere' }, { applicationId: 'garbage' }]) {
      expect((await failure(webhooks.ensureServiceAppWebhooks({ ...options, ...bad }))).code).toMatch(
        /OPTIONS_INVALID|INVALID_ID/,
      );
    }
    expect(webex.platform.requests({})).toEqual([]);
  });
});
