// The webhook handler with the deliveries of a local Webex: behaviours 13, 14 and 15 over real sockets.
import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  createWebhookHandler,
  encodeOrganizationId,
  type OrganizationLifecycle,
  type ServiceAppTokenManager,
  type WebhookHandlerOptions,
  WebhookManager,
} from '../../src/index.ts';
import { ORG_A, ORG_B, startWebex, type Webex } from '../support/webex.ts';
import { serveWebhooks } from '../support/webhook-server.ts';

const secret = 'the secret of the webhook';
let webex: Webex;
let serviceApp: ServiceAppTokenManager;
let server: Awaited<ReturnType<typeof serveWebhooks>>;
let secrets: string[];
const onEvent = vi.fn<NonNullable<WebhookHandlerOptions['onEvent']>>();

beforeEach(async () => {
  onEvent.mockReset();
  secrets = [secret];
  webex = await startWebex();
  serviceApp = webex.serviceApp({ integration: await webex.authorized() });
  const { logger } = webex.http;
  server = await serveWebhooks(
    createWebhookHandler({ serviceApp, secrets: () => secrets, onEvent, ...(logger && { logger }) }),
  );
  const webhooks = new WebhookManager({ http: webex.client() });
  const { applicationId } = webex.platform.serviceApp;
  await webhooks.ensureServiceAppWebhooks({ applicationId, targetUrl: server.url, secret });
  webex.platform.clearJournal();
});
afterEach(async () => {
  await webex.close();
  await server.stop();
});

const mints = () => webex.platform.requests({ path: /\/v1\/applications\/.*\/token$/ });
const authorized = async (): Promise<string[]> =>
  (await serviceApp.organizations())
    .filter(({ state }) => state === 'authorized')
    .map(({ organization }) => organization);
const outcome = async (response: Response): Promise<unknown> => [response.status, await response.json()];

/** A signed event, sent by hand. */
function send(body: string, headers: Record<string, string> = {}): Promise<Response> {
  const signature = createHmac('sha1', secret).update(body).digest('hex');
  return fetch(server.url, { method: 'POST', body, headers: { 'x-spark-signature': signature, ...headers } });
}
const event = (data: object, name = 'authorized', resource = 'serviceApp'): string =>
  JSON.stringify({ id: 'w', resource, event: name, orgId: encodeOrganizationId(ORG_B), data });
const good = (): Record<string, string> => ({
  id: webex.platform.serviceApp.applicationId,
  authorizerOrgId: encodeOrganizationId(ORG_A),
  authorizationDate: '2026-01-01T00:00:00.000Z',
});

describe('behaviour 13: the tenant', () => {
  it('is data.authorizerOrgId, whatever organization the envelope names', async () => {
    await webex.platform.authorizeApp(ORG_A, { envelopeOrgId: encodeOrganizationId(ORG_B) });
    await expect.poll(() => authorized()).toEqual([ORG_A]);
    expect(mints().map(({ body }) => JSON.parse(body).targetOrgId)).toEqual([encodeOrganizationId(ORG_A)]);
  });

  it('may be named in each of the five forms', async () => {
    await webex.platform.authorizeApp(ORG_A);
    await expect.poll(() => authorized()).toEqual([ORG_A]);
    for (const form of ['uuid', 'hydra', 'hydra_padded', 'base64_uuid', 'uri'] as const) {
      const answer = await send(event({ ...good(), authorizerOrgId: encodeOrganizationId(ORG_A, form) }));
      expect(await outcome(answer)).toEqual([202, { outcome: 'unchanged', organization: ORG_A }]);
    }
  });

  it('is answered once the event is stored, and the token follows', async () => {
    const release = Promise.withResolvers<void>();
    webex.platform.fault({ path: /\/token$/, hold: release.promise });
    const [delivery] = await webex.platform.authorizeApp(ORG_A);
    expect(delivery?.status).toBe(202);
    expect(await serviceApp.organizations()).toMatchObject([{ organization: ORG_A, state: 'authorizing' }]);
    release.resolve();
    await expect.poll(() => authorized()).toEqual([ORG_A]);
  });
});

describe('behaviour 14: the signature', () => {
  it.each([
    [['sha1']],
    [['sha256']],
    [['sha512']],
    [['sha256-bare']],
    [['sha512-bare']],
    [['combined']],
    [['sha1', 'sha256']],
  ] as const)('%s, over bytes with odd white space', async (signatures) => {
    const [delivery] = await webex.platform.authorizeApp(ORG_A, { signatures, indent: 5 });
    expect(delivery?.status).toBe(202);
    const [tampered] = await webex.platform.deliver(
      { event: 'deauthorized', orgId: ORG_A },
      { signatures, tamper: true },
    );
    expect(tampered?.status).toBe(401);
    const [foreign] = await webex.platform.deliver(
      { event: 'deauthorized', orgId: ORG_A },
      { signatures, secret: 'another secret' },
    );
    expect(foreign?.status).toBe(401);
    expect(await serviceApp.organizations()).toHaveLength(1);
  });

  it('by the old or the new secret while it is changed, and by the old one no more', async () => {
    secrets = ['the new secret', secret];
    const deliver = async (signing: string): Promise<number | undefined> =>
      (await webex.platform.deliver({ event: 'authorized', orgId: ORG_A }, { secret: signing }))[0]?.status;
    expect(await deliver(secret)).toBe(202);
    expect(await deliver('the new secret')).toBe(202);
    secrets = ['the new secret'];
    expect(await deliver(secret)).toBe(401);
  });

  it('is missing, or too short, or strong and bad beside a weak and good one: refused alike, told to the operator apart', async () => {
    const body = event(good());
    const strong = `sha256=${createHmac('sha256', 'another').update(body).digest('hex')}`;
    for (const headers of [
      { 'x-spark-signature': '' },
      { 'x-spark-signature': 'abcdef' },
      { 'x-webex-signature': strong },
    ]) {
      expect(await outcome(await send(body, headers))).toEqual([401, { error: 'the signature is not valid' }]);
    }
    const told = webex.told
      .filter(({ what }) => what === 'warn webhook refused')
      .map(({ fields }) => fields['problem']);
    expect(told).toEqual(['missing', 'unreadable', 'mismatch']);
    expect(await serviceApp.organizations()).toEqual([]);
  });

  it('is needed: a handler without a secret cannot be made, and one whose secrets are gone refuses all', async () => {
    expect(() => createWebhookHandler({ serviceApp, secrets: [] })).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID' }),
    );
    expect(() => createWebhookHandler({ serviceApp, secrets: [''] })).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID' }),
    );
    secrets = [''];
    const body = event(good());
    const empty = createHmac('sha1', '').update(body).digest('hex');
    expect((await send(body, { 'x-spark-signature': empty })).status).toBe(401);
  });
});

describe('behaviour 15: repeated, late and out of order', () => {
  it('the same event three times, at once, mints once', async () => {
    const deliveries = await webex.platform.authorizeApp(ORG_A, { copies: 3, concurrent: true });
    expect(deliveries.map(({ status }) => status)).toEqual([202, 202, 202]);
    await expect.poll(() => authorized()).toEqual([ORG_A]);
    expect(mints()).toHaveLength(1);
  });

  it('a deauthorization with the date of the authorization, and then that authorization again', async () => {
    await webex.platform.authorizeApp(ORG_A);
    await expect.poll(() => authorized()).toEqual([ORG_A]);
    await webex.platform.deauthorizeApp(ORG_A);
    expect(await serviceApp.organizations()).toEqual([]);
    const [replay] = await webex.platform.deliver({ event: 'authorized', orgId: ORG_A });
    expect(replay?.status).toBe(202);
    expect(await serviceApp.organizations()).toEqual([]);
    await webex.platform.authorizeApp(ORG_A);
    await expect.poll(() => authorized()).toEqual([ORG_A]);
  });

  it('both events of one authorization in the wrong order leave nothing', async () => {
    const authorizationDate = '2026-01-02T00:00:00.000Z';
    await webex.platform.deliver(
      [
        { event: 'authorized', orgId: ORG_A, authorizationDate },
        { event: 'deauthorized', orgId: ORG_A, authorizationDate },
      ],
      { order: 'reversed' },
    );
    expect(await serviceApp.organizations()).toEqual([]);
    expect(mints()).toEqual([]);
  });
});

it('behaviour 15: an authorization of the year 9999 and a deauthorization without a date block no later authorization', async () => {
  const far = event({ ...good(), authorizationDate: '9999-01-01T00:00:00Z' });
  expect(await outcome(await send(far))).toEqual([202, { outcome: 'refused', organization: ORG_A }]);
  await send(event({ ...good(), authorizationDate: undefined }, 'deauthorized'));
  expect(mints()).toEqual([]);
  webex.clock.advance(1000);
  await webex.platform.authorizeApp(ORG_A);
  await expect.poll(() => authorized()).toEqual([ORG_A]);
  // Nor does one that says when it was authorized, in a year that has not come.
  await send(event({ ...good(), authorizationDate: '9999-01-01T00:00:00Z' }, 'deauthorized'));
  expect(await serviceApp.organizations()).toEqual([]);
  webex.clock.advance(1000);
  await webex.platform.authorizeApp(ORG_A);
  await expect.poll(() => authorized()).toEqual([ORG_A]);
});

describe('what is no event of ours', () => {
  it.each([
    ['not JSON', () => 'x', 400],
    ['not UTF-8', () => '\ud800', 400],
    ['no data', () => '{"resource":"serviceApp","event":"authorized"}', 400],
    ['no organization', () => event({ id: 'x' }), 400],
    ['an organization that is none', () => event({ ...good(), authorizerOrgId: 'garbage' }), 400],
    ['an application that is none', () => event({ ...good(), id: 'garbage' }), 400],
    ['an authorization without a date', () => event({ ...good(), authorizationDate: undefined }), 400],
    [
      'an authorization at a date without a zone',
      () => event({ ...good(), authorizationDate: '2026-01-01T00:00:00' }),
      400,
    ],
    ['an authorization at no date', () => event({ ...good(), authorizationDate: '2026-99-01T00:00:00Z' }), 400],
    ['an authorization whose date is a number', () => event({ ...good(), authorizationDate: 5 }), 400],
    ['a deauthorization whose date is a number', () => event({ ...good(), authorizationDate: 5 }, 'deauthorized'), 202],
    ['another application', () => event({ ...good(), id: `C${'0f'.repeat(32)}` }), 202],
    ['an array', () => '[]', 400],
  ])('%s', async (_, body, status) => {
    const answer = await send(body());
    expect(answer.status).toBe(status);
    expect(await serviceApp.organizations()).toEqual([]);
  });

  it('events of other resources are handed over once verified, and answered 503 when that fails', async () => {
    const body = event({ id: 'd' }, 'created', 'dataSources');
    expect(await outcome(await send(body))).toEqual([202, { outcome: 'accepted' }]);
    expect(onEvent).toHaveBeenCalledExactlyOnceWith({
      id: 'w',
      resource: 'dataSources',
      event: 'created',
      data: { id: 'd' },
    });
    onEvent.mockRejectedValueOnce(new Error('mine'));
    expect((await send(body)).status).toBe(503);
    expect((await send(body, { 'x-spark-signature': '00'.repeat(20) })).status).toBe(401);
    expect(onEvent).toHaveBeenCalledTimes(2);
  });

  it('a deauthorization whose date cannot be read wipes all the same', async () => {
    await webex.platform.authorizeApp(ORG_A);
    await expect.poll(() => authorized()).toEqual([ORG_A]);
    await send(event({ ...good(), authorizationDate: 'yesterday' }, 'deauthorized'));
    expect(await serviceApp.organizations()).toEqual([]);
  });
});

it('an event that cannot be stored is answered 503, so that Webex counts it as failed', async () => {
  vi.spyOn(webex.store, 'set').mockRejectedValue(new Error('disk full'));
  const [delivery] = await webex.platform.authorizeApp(ORG_A);
  expect(delivery?.status).toBe(503);
  expect(mints()).toEqual([]);
});

describe('a body', () => {
  const lifecycle: OrganizationLifecycle = {
    clientId: `C${'0a'.repeat(32)}`,
    applicationId: `C${'0a'.repeat(32)}`,
    acceptAuthorization: async () => 'accepted',
    deauthorize: async () => 'accepted',
  };
  const post = (
    body: ReadableStream<Uint8Array> | string,
    options: Partial<WebhookHandlerOptions> = {},
  ): Promise<Response> =>
    createWebhookHandler({ serviceApp: lifecycle, secrets: [secret], maxBytes: 100, bodyTimeoutMs: 50, ...options })(
      new Request('http://localhost/', { method: 'POST', body, duplex: 'half' } as RequestInit),
    );

  it('that is too large is not read to its end, whether its length was told or not', async () => {
    expect((await post('x'.repeat(101))).status).toBe(413);
    const cancel = vi.fn();
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(60)),
      cancel,
    });
    expect((await post(endless)).status).toBe(413);
    expect(cancel).toHaveBeenCalledOnce();
  });

  it('that does not come, or breaks off, is given up', async () => {
    const cancel = vi.fn();
    expect((await post(new ReadableStream({ cancel }))).status).toBe(400);
    expect(cancel).toHaveBeenCalledOnce();
    const broken = new ReadableStream<Uint8Array>({ start: (controller) => controller.error(new Error('cut')) });
    expect((await post(broken)).status).toBe(400);
  });
});
