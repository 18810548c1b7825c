// Deliveries: what is sent, how it is signed, and what failures do to a webhook.
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Platform, SimulatorError, startPlatform, type WebhookSignature } from '../../src/index.ts';
import { call, fakeClock } from './support/http.ts';
import { type Receiver, startReceiver } from './support/receiver.ts';

const ORG = '11111111-2222-3333-4444-555555555555';
const OTHER = '99999999-2222-3333-4444-555555555555';
const SECRET = 'webhook-secret-ü';
const id = (type: string, raw: string) => Buffer.from(`ciscospark://us/${type}/${raw}`).toString('base64url');

let clock: ReturnType<typeof fakeClock>;
let platform: Platform;
let receiver: Receiver;
let token: string;

beforeEach(async () => {
  clock = fakeClock();
  receiver = await startReceiver();
  platform = await startPlatform({ clock });
  token = platform.issueIntegrationTokens().accessToken;
});
afterEach(async () => {
  await platform.close();
  await receiver[Symbol.asyncDispose]();
});

async function subscribe(event: string, change: Record<string, unknown> = {}): Promise<string> {
  const body = { name: event, targetUrl: `${receiver.url}/${event}`, resource: 'serviceApp', event, secret: SECRET };
  return (await call('POST', `${platform.apiUrl}/webhooks`, token, { ...body, ...change })).json.id;
}

const statusOf = (webhook: string) => platform.webhooks.find((one) => one.id === webhook)?.status;
const wake = (webhook: string) =>
  call('PUT', `${platform.apiUrl}/webhooks/${webhook}`, token, {
    name: 'n',
    targetUrl: `${receiver.url}/woken`,
    status: 'active',
  });

// biome-ignore lint/suspicious/noExplicitAny: a payload is looked into, not typed.
const payloads = (): any[] => receiver.received.map(({ body }) => JSON.parse(body.toString()));

describe('an event', () => {
  it('is delivered to the webhooks for it, with the customer in the data and the provider around it', async () => {
    const webhook = await subscribe('authorized', { filter: `id=${platform.serviceApp.applicationId}` });
    await subscribe('deauthorized');
    const deliveries = await platform.authorizeApp(ORG.toUpperCase());
    expect(receiver.received.map(({ path }) => path)).toEqual(['/authorized']);
    expect(payloads()[0]).toEqual({
      id: webhook,
      name: 'authorized',
      targetUrl: `${receiver.url}/authorized`,
      resource: 'serviceApp',
      event: 'authorized',
      filter: `id=${platform.serviceApp.applicationId}`,
      status: 'active',
      created: new Date(clock.now()).toISOString(),
      ownedBy: 'creator',
      orgId: id('ORGANIZATION', platform.developer.orgId),
      createdBy: id('PEOPLE', platform.developer.personId),
      actorId: id('PEOPLE', platform.developer.personId),
      appId: id('APPLICATION', platform.integration.clientId),
      data: {
        id: platform.serviceApp.applicationId,
        authorizerOrgId: id('ORGANIZATION', ORG),
        authorizationDate: new Date(clock.now()).toISOString(),
      },
    });
    expect(receiver.received[0]?.headers['content-type']).toBe('application/json; charset=utf-8');
    expect(deliveries).toEqual(platform.deliveries);
    expect(deliveries).toEqual([
      {
        webhookId: webhook,
        targetUrl: `${receiver.url}/authorized`,
        event: 'authorized',
        orgId: ORG,
        at: clock.now(),
        status: 200,
        body: receiver.received[0]?.body.toString(),
        headers: expect.objectContaining({ 'x-spark-signature': receiver.received[0]?.headers['x-spark-signature'] }),
      },
    ]);
  });

  it('keeps the date of the authorization when it is withdrawn, and has a later one afterwards', async () => {
    await subscribe('authorized');
    await subscribe('deauthorized');
    await platform.authorizeApp(ORG);
    clock.advance(5000);
    await platform.deauthorizeApp(ORG);
    await platform.authorizeApp(ORG);
    await platform.authorizeApp(ORG);
    const dates = payloads().map(({ data }) => Date.parse(data.authorizationDate));
    expect(dates).toEqual([clock.now() - 5000, clock.now() - 5000, clock.now(), clock.now() + 1]);
    expect(platform.organizations).toEqual([
      { orgId: ORG, authorized: true, authorizationDate: new Date(clock.now() + 1).toISOString() },
    ]);
  });

  it('can be a withdrawal by an organization that never authorized', async () => {
    await subscribe('deauthorized');
    expect(await platform.deauthorizeApp(ORG)).toMatchObject([{ event: 'deauthorized', status: 200 }]);
  });

  it('passes over webhooks whose filter names something else', async () => {
    const { applicationId } = platform.serviceApp;
    await subscribe('authorized', { filter: `id=${id('APPLICATION', 'C0')}` });
    await subscribe('authorized', { filter: 'id=x' });
    await subscribe('authorized', { filter: `id=${applicationId}&friendlyName=x` });
    await subscribe('authorized', { resource: 'dataSources', event: 'created' });
    expect(await platform.authorizeApp(ORG)).toEqual([]);
    await subscribe('authorized', { filter: `id=${applicationId}==` });
    expect(await platform.authorizeApp(ORG)).toHaveLength(1);
    expect(await platform.deliver({ event: 'authorized', orgId: ORG, data: { friendlyName: 'x' } })).toHaveLength(2);
  });

  it('takes effect before its delivery has ended', async () => {
    receiver.answer = undefined;
    await subscribe('authorized');
    const abort = new AbortController();
    const pending = platform.authorizeApp(ORG, { signal: abort.signal });
    expect(platform.organizations).toMatchObject([{ authorized: true }]);
    abort.abort();
    expect(await pending).toMatchObject([{ status: undefined, error: 'aborted' }]);
  });

  it('needs a raw UUID', async () => {
    for (const work of [platform.authorizeApp, platform.deauthorizeApp]) {
      await expect(work(id('ORGANIZATION', ORG))).rejects.toThrow(SimulatorError);
    }
    await expect(platform.deliver({ event: 'authorized', orgId: 'x' })).rejects.toMatchObject({
      code: 'INVALID_OPTION',
    });
    await expect(platform.authorizeApp(ORG, { copies: 0 })).rejects.toMatchObject({ code: 'INVALID_OPTION' });
    expect(() => platform.issueServiceAppTokens('x')).toThrow(SimulatorError);
  });
});

describe('a signature', () => {
  const hmac = (algorithm: string, secret = SECRET) =>
    createHmac(algorithm, secret)
      .update(receiver.received.at(-1)?.body ?? '')
      .digest('hex');
  const sent = () => {
    const { 'x-spark-signature': spark, 'x-webex-signature': webex } = receiver.received.at(-1)?.headers ?? {};
    return { spark, webex };
  };

  it.each<[readonly WebhookSignature[], () => ReturnType<typeof sent>]>([
    [['sha1'], () => ({ spark: hmac('sha1'), webex: undefined })],
    [['sha256'], () => ({ spark: undefined, webex: `sha256=${hmac('sha256')}` })],
    [['sha512'], () => ({ spark: undefined, webex: `SHA-512=${hmac('sha512')}` })],
    [['sha256-bare'], () => ({ spark: undefined, webex: hmac('sha256') })],
    [['sha512-bare'], () => ({ spark: undefined, webex: hmac('sha512') })],
    [['combined'], () => ({ spark: undefined, webex: `SHA-256=${hmac('sha256')}, SHA-512=${hmac('sha512')}` })],
    [['sha1', 'sha256'], () => ({ spark: hmac('sha1'), webex: `sha256=${hmac('sha256')}` })],
    [[], () => ({ spark: undefined, webex: undefined })],
  ])('is over the exact bytes, for %j', async (signatures, expected) => {
    await subscribe('authorized', { name: 'ünïcode' });
    await platform.authorizeApp(ORG, { signatures, indent: 3 });
    expect(sent()).toEqual(expected());
    expect(receiver.received[0]?.body.toString()).toContain('\n   "');
    platform.configure({ webhookSignatures: signatures });
    await platform.deauthorizeApp(ORG);
    await platform.authorizeApp(ORG);
    expect(sent()).toEqual(expected());
  });

  it('is left out for a webhook without a secret', async () => {
    await subscribe('authorized', { secret: undefined });
    await platform.authorizeApp(ORG);
    expect(sent()).toEqual({ spark: undefined, webex: undefined });
  });

  it('can be made with another secret, and does not fit a body that was changed', async () => {
    await subscribe('authorized');
    await platform.authorizeApp(ORG, { secret: 'another' });
    expect(sent().spark).toBe(hmac('sha1', 'another'));
    await platform.authorizeApp(ORG, { tamper: true });
    expect(sent().spark).not.toBe(hmac('sha1'));
    expect(payloads()[1].data.authorizerOrgId).toBe(id('ORGANIZATION', ORG));
  });

  it('is made with the secret that the webhook has now', async () => {
    const webhook = await subscribe('authorized');
    const change = { name: 'n', targetUrl: receiver.url, secret: 'rotated-secret' };
    await call('PUT', `${platform.apiUrl}/webhooks/${webhook}`, token, change);
    await platform.authorizeApp(ORG);
    expect(sent().spark).toBe(hmac('sha1', 'rotated-secret'));
  });
});

describe('deliveries can be', () => {
  beforeEach(() => subscribe('authorized'));

  it('repeated, one after the other or at once', async () => {
    expect(await platform.authorizeApp(ORG, { copies: 3 })).toHaveLength(3);
    expect(new Set(receiver.received.map(({ body }) => body.toString())).size).toBe(1);
    expect(await platform.authorizeApp(ORG, { copies: 50, concurrent: true })).toHaveLength(50);
    expect(receiver.received).toHaveLength(53);
  });

  it('replayed, with a date and an envelope of choice', async () => {
    const authorizationDate = '2020-01-01T00:00:00.000Z';
    await platform.authorizeApp(ORG, { authorizationDate, envelopeOrgId: 'envelope' });
    expect(payloads()[0]).toMatchObject({ orgId: 'envelope', data: { authorizationDate } });
    await platform.deliver({ event: 'authorized', orgId: ORG });
    expect(payloads()[1].data.authorizationDate).toBe(authorizationDate);
    await platform.deliver({
      event: 'authorized',
      orgId: OTHER,
      applicationId: 'other-app',
      authorizationDate: 'no date',
      envelope: { resource: 'other', extra: [1] },
      data: { authorizerOrgId: 5 },
    });
    expect(payloads()[2]).toMatchObject({
      resource: 'other',
      extra: [1],
      data: { id: 'other-app', authorizerOrgId: 5, authorizationDate: 'no date' },
    });
    expect(platform.organizations).toHaveLength(1);
  });

  it('out of order', async () => {
    await subscribe('deauthorized');
    const events = [
      { event: 'authorized', orgId: ORG },
      { event: 'deauthorized', orgId: ORG },
    ];
    await platform.deliver(events);
    await platform.deliver(events, { order: 'reversed' });
    const order = payloads().map(({ event }) => event);
    expect(order).toEqual(['authorized', 'deauthorized', 'deauthorized', 'authorized']);
  });

  it('stopped', async () => {
    receiver.answer = undefined;
    const abort = new AbortController();
    const pending = platform.authorizeApp(ORG, { copies: 3, signal: abort.signal });
    await receiver.arrived(1);
    abort.abort();
    expect(await pending).toMatchObject([{ status: undefined, error: 'aborted' }]);
    expect(await platform.authorizeApp(ORG, { signal: AbortSignal.abort() })).toEqual([]);
  });
});

describe('a failed delivery', () => {
  it('is not tried again, and tells what happened', async () => {
    const webhook = await subscribe('authorized');
    receiver.answer = 503;
    expect(await platform.authorizeApp(ORG)).toMatchObject([{ status: 503 }]);
    receiver.answer = 302;
    expect(await platform.authorizeApp(ORG)).toMatchObject([{ status: 302 }]);
    expect(receiver.received.map(({ path }) => path)).toEqual(['/authorized', '/authorized']);
    await call('PUT', `${platform.apiUrl}/webhooks/${webhook}`, token, { name: 'n', targetUrl: 'http://127.0.0.1:1/' });
    expect(await platform.authorizeApp(ORG)).toMatchObject([{ status: undefined, error: 'ECONNREFUSED' }]);
  });

  it('ends in time when the receiver does not answer', async () => {
    await using impatient = await startPlatform({ deliveryTimeoutMs: 30 });
    receiver.answer = undefined;
    const { accessToken } = impatient.issueIntegrationTokens();
    const body = { name: 'n', targetUrl: receiver.url, resource: 'serviceApp', event: 'authorized' };
    await call('POST', `${impatient.apiUrl}/webhooks`, accessToken, body);
    expect(await impatient.authorizeApp(ORG)).toMatchObject([{ status: undefined, error: 'no answer within 30 ms' }]);
  });

  it('ends when the platform closes', async () => {
    await subscribe('authorized');
    receiver.answer = undefined;
    const pending = platform.authorizeApp(ORG, { copies: 2 });
    await platform.close();
    expect(await pending).toMatchObject([{ error: 'aborted' }]);
  });
});

describe('a webhook becomes inactive', () => {
  it('with the hundredth failure in five minutes, and then gets nothing', async () => {
    const webhook = await subscribe('authorized');
    receiver.answer = 500;
    await platform.authorizeApp(ORG, { copies: 99 });
    expect(statusOf(webhook)).toBe('active');
    await platform.authorizeApp(ORG, { copies: 5 });
    expect(statusOf(webhook)).toBe('inactive');
    expect(receiver.received).toHaveLength(100);
    expect(await platform.authorizeApp(ORG)).toEqual([]);
    expect((await call('GET', `${platform.apiUrl}/webhooks/${webhook}`, token)).json.status).toBe('inactive');
  });

  it.each([199, 300, 302])('with deliveries that are answered with %i, which is no success', async (answer) => {
    const webhook = await subscribe('authorized');
    receiver.answer = answer;
    await platform.authorizeApp(ORG, { copies: 100 });
    expect(statusOf(webhook)).toBe('inactive');
  });

  it('not with deliveries that are answered with 299', async () => {
    const webhook = await subscribe('authorized');
    receiver.answer = 299;
    await platform.authorizeApp(ORG, { copies: 100 });
    expect(statusOf(webhook)).toBe('active');
  });

  it('not with failures that are further apart', async () => {
    const webhook = await subscribe('authorized');
    receiver.answer = 500;
    await platform.authorizeApp(ORG, { copies: 99 });
    clock.advance(5 * 60_000);
    await platform.authorizeApp(ORG, { copies: 99 });
    expect(statusOf(webhook)).toBe('active');
  });

  it('not with deliveries that the test itself ended', async () => {
    const webhook = await subscribe('authorized');
    receiver.answer = undefined;
    const abort = new AbortController();
    const pending = platform.authorizeApp(ORG, { copies: 120, concurrent: true, signal: abort.signal });
    await receiver.arrived(120);
    abort.abort();
    expect(await pending).toHaveLength(120);
    expect(statusOf(webhook)).toBe('active');
  });

  async function disabled(): Promise<string> {
    const webhook = await subscribe('authorized');
    receiver.answer = 500;
    await platform.authorizeApp(ORG, { copies: 100 });
    expect(statusOf(webhook)).toBe('inactive');
    return webhook;
  }

  it('again with one failure, when it was made active within five minutes', async () => {
    const webhook = await disabled();
    clock.advance(5 * 60_000 - 1);
    expect((await wake(webhook)).json.status).toBe('active');
    receiver.answer = 200;
    expect(await platform.authorizeApp(ORG)).toMatchObject([{ status: 200 }]);
    receiver.answer = 500;
    await platform.authorizeApp(ORG);
    expect(statusOf(webhook)).toBe('inactive');
  });

  it('with a hundred again, when it was made active later, or five minutes have passed since', async () => {
    const late = await disabled();
    clock.advance(5 * 60_000);
    await wake(late);
    await platform.authorizeApp(ORG);
    expect(statusOf(late)).toBe('active');

    const soon = await disabled();
    await wake(soon);
    clock.advance(5 * 60_000);
    await platform.authorizeApp(ORG);
    expect(statusOf(soon)).toBe('active');
  });

  it('and stays so when it is changed without a status', async () => {
    const webhook = await disabled();
    const change = { name: 'n', targetUrl: receiver.url };
    const { json } = await call('PUT', `${platform.apiUrl}/webhooks/${webhook}`, token, change);
    expect(json.status).toBe('inactive');
  });
});
