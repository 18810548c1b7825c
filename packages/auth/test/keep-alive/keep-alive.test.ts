// What a program awaits keeps its process alive: each public promise that waits is awaited in a process with nothing else to do.
// A promise that does not keep it alive ends the process, with code 13, before the promise's line is printed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';

/** The promises of each process, and what becomes of them. */
const PROCESSES: readonly Readonly<Record<string, string>>[] = [
  {
    wait: 'resolved',
    'underLease while another holds the lease': 'resolved',
    'request without an answer': 'REQUEST_TIMEOUT',
    'a webhook whose body does not come': 'resolved',
    'authorize without a person': 'AUTHORIZATION_TIMEOUT',
    'close of a Service App whose Integration answers nothing': 'resolved',
  },
  {
    'request between two tries': 'resolved',
    'paginate between two pages': 'resolved',
    ensureServiceAppWebhooks: 'resolved',
    signOut: 'resolved',
  },
  {
    authorizeDevice: 'resolved',
    handleCallback: 'resolved',
    authorizeOrganization: 'resolved',
  },
  {
    'getAccessToken of an Integration while another holds the lease': 'resolved',
    'getAccessToken of an organization while another holds the lease': 'resolved',
    'getAccessToken with a dead refresh token': 'REAUTHORIZATION_REQUIRED',
    'close of an Integration while a renewal waits': 'resolved',
  },
];
const TOKENS = { access_token: 'a-new-token', expires_in: 3600, refresh_token: 'r', refresh_token_expires_in: 7200 };
const DEVICE = { device_code: 'd', user_code: 'u', verification_uri: 'v', expires_in: 300, interval: 1 };

let server: Server;
let processes: readonly { readonly code: unknown; readonly lines: readonly string[] }[] = [];

/** Refuses the first request of each promise, so that it waits for a second, in which nothing holds the process but the wait. */
async function startServer(): Promise<string> {
  const seen = new Set<string>();
  server = createServer((request, response) => {
    const [, name = '', ...path] = (request.url ?? '').split('/');
    const last = path.at(-1)?.split('?')[0];
    const send = (status: number, body: unknown, headers: Record<string, string> = {}): void => {
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    };
    if (name === 'dead') return send(400, { error: 'invalid_grant' });
    if (last === 'pages') return send(200, {}, { link: `</${name}/page-2>; rel="next"` });
    if (last === 'authorize') return send(200, DEVICE);
    if (!seen.has(name)) {
      seen.add(name);
      return send(429, {}, { 'retry-after': '1' });
    }
    if (last === 'webhooks' && request.method === 'POST') return send(200, { id: 'w', ...WEBHOOK });
    send(200, last === 'access_token' || last === 'token' ? TOKENS : { items: [] });
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
const WEBHOOK = { name: 'n', targetUrl: 'https://example.com', resource: 'serviceApp', event: 'authorized' };

async function run(baseUrl: string, names: readonly string[]): Promise<(typeof processes)[number]> {
  const program = new URL('program.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--conditions=@byova/source', program, baseUrl, ...names], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code] = await once(child, 'close');
  return { code, lines: output.split('\n') };
}

beforeAll(async () => {
  const baseUrl = await startServer();
  processes = await Promise.all(PROCESSES.map((promises) => run(baseUrl, Object.keys(promises))));
}, 120_000);
afterAll(async () => {
  server.closeAllConnections();
  server.close();
  await once(server, 'close');
});

it.each(PROCESSES.flatMap((promises) => Object.entries(promises)))('%s keeps the process alive', (name, outcome) => {
  expect(processes.flatMap(({ lines }) => lines)).toContain(`${name}: ${outcome}`);
});

it('a process ends by itself once nothing is awaited any more', () => {
  expect(processes.map(({ code }) => code)).toEqual(PROCESSES.map(() => 0));
});
