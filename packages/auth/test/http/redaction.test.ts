// What a peer writes goes into errors, events and logs: without the tokens that it may have put there, whole or in parts.
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { HttpClient, type HttpClientOptions, type Logger } from '../../src/index.ts';
import { failure, show } from '../support/webex.ts';

const token = 'OWYxNzA4TmFtZSBvZiB0aGUgdG9rZW4_PF84_of-one-tenant';
const client = { clientId: 'an-id', clientSecret: 'the-secret-of-a-client' };
let server: Server;
let answer: { status: number; headers: Record<string, string>; body: unknown };
const shown: unknown[] = [];
const line = (fields: object, message: string): void => void shown.push(fields, message);
const logger: Logger = { debug: line, info: line, warn: line, error: line };

beforeEach(async () => {
  shown.length = 0;
  server = createServer((_, response) => {
    response.writeHead(answer.status, answer.headers);
    response.end(JSON.stringify(answer.body));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

const http = (options: HttpClientOptions = {}): HttpClient =>
  new HttpClient({
    baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
    accessToken: async () => token,
    logger,
    retry: { maxAttempts: 1 },
    ...options,
  });
const get = { method: 'GET', path: '/webhooks' } as const;

function expectNothingOf(secret: string): void {
  const all = shown.map((one) => show(one)).join();
  for (let at = 0; at + 12 <= secret.length; at += 1) expect(all).not.toContain(secret.slice(at, at + 12));
}

it.each([200, 302, 400, 401, 403, 404, 409, 429, 500])(
  'a TrackingID with a token in it is redacted in an answer of %i',
  async (status) => {
    for (const trackingid of [token, `ROUTER_${token.slice(5, 17)}`, `${token.slice(-30)};x`]) {
      for (const headers of [{ trackingid }, {}]) {
        answer = { status, headers, body: { trackingId: trackingid, message: `${token.slice(0, 20)} was refused` } };
        const outcome = await http()
          .request(get)
          .catch((error: unknown) => error);
        if (status !== 200) expect(outcome).toHaveProperty('trackingId', expect.stringContaining('[redacted]'));
        else expect((outcome as { headers: object }).headers).toEqual(expect.not.objectContaining({ trackingid }));
        // The body of a success is the program's own.
        shown.push(status === 200 ? { ...(outcome as object), data: undefined } : outcome);
      }
    }
    expectNothingOf(token);
  },
);

it('a TrackingID that repeats a token of the same answer is redacted', async () => {
  const fresh = 'a-token-that-was-made-just-now';
  for (const body of [{ access_token: fresh }, { items: [{ jwsToken: fresh }] }, { secret: fresh }]) {
    answer = { status: 200, headers: { trackingid: `X_${fresh}` }, body };
    const { headers, trackingId } = await http().request(get);
    expect(trackingId).toBe('X_[redacted]');
    shown.push(headers, trackingId);
  }
  expectNothingOf(fresh);
});

it('HTTP Basic is redacted, decoded and as it was sent', async () => {
  const sent = Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64');
  answer = { status: 400, headers: { trackingid: sent.slice(8) }, body: { message: client.clientSecret.slice(3) } };
  shown.push(await failure(http().request({ ...get, authorization: client })));
  expectNothingOf(client.clientSecret);
  expectNothingOf(sent);
});

it('the token before a 401 is redacted in what answers the next try', async () => {
  const [first, second] = [`${token}-first`, 'the-token-of-the-second-try'];
  answer = { status: 401, headers: {}, body: { message: `${first} and ${second}` } };
  const accessToken = async ({ rejectedToken }: { rejectedToken?: string | undefined }): Promise<string> =>
    rejectedToken === undefined ? first : second;
  shown.push(await failure(http({ accessToken }).request(get)));
  expectNothingOf(first);
  expectNothingOf(second);
});

it('the path of a page, which the peer chose, is in no error and no log line', async () => {
  const link = `</v1/webhooks/${token}>; rel="next"`;
  answer = { status: 200, headers: { link }, body: { items: ['one'] } };
  const schema = {
    safeParse: (data: unknown) => ({ success: true as const, data: data as { items: readonly string[] } }),
  };
  const read = async (): Promise<void> => {
    for await (const _ of http().paginate({ path: '/webhooks', schema })) answer.status = 404;
  };
  const error = await failure(read());
  expect(error).toMatchObject({ code: 'NOT_FOUND', path: '/v1/webhooks' });
  shown.push(error);
  expectNothingOf(token);
});

it('members that the peer has named are redacted where a schema names them', async () => {
  answer = { status: 200, headers: {}, body: { [token]: 1 } };
  const problem = { issues: [{ path: ['tokens', token], message: 'must be a text' }] };
  const error = await failure(
    http().request({ ...get, schema: { safeParse: () => ({ success: false as const, error: problem }) } }),
  );
  expect(error.message).toContain('wrong or missing: tokens.[redacted]');
  shown.push(error);
  expectNothingOf(token);
});
