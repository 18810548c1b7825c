// `byova-sim platform` as it is used: a child process, from source.
import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { resolve } from 'node:path';
import { afterEach, expect, it } from 'vitest';
import { ask, call, form } from './support/http.ts';

const cli = resolve(import.meta.dirname, '../../src/cli.ts');
let child: ChildProcess | undefined;
afterEach(() => child?.kill('SIGKILL'));

interface Running {
  readonly text: { stdout: string; stderr: string };
  /** Resolves once that has been printed. */
  printed(expected: string): Promise<void>;
  readonly ended: Promise<number | null>;
  stop(): void;
}

function run(...args: string[]): Running {
  const { FORCE_COLOR: _colour, ...environment } = process.env;
  const started = spawn(process.execPath, ['--conditions=@byova/source', cli, 'platform', ...args], {
    env: environment,
  });
  child = started;
  const text = { stdout: '', stderr: '' };
  let waiting: (() => void)[] = [];
  const ended = new Promise<number | null>((done) => started.on('close', done));
  for (const stream of ['stdout', 'stderr'] as const) {
    started[stream].on('data', (data: Buffer) => {
      text[stream] += data.toString();
      for (const look of waiting) look();
    });
  }
  return {
    text,
    ended,
    stop: () => started.kill('SIGINT'),
    printed: (expected) =>
      new Promise((done, fail) => {
        const look = (): void => {
          if (text.stdout.includes(expected)) done();
        };
        waiting = [...waiting, look];
        void ended.then(() => fail(new Error(`ended without "${expected}": ${text.stdout}${text.stderr}`)));
        look();
      }),
  };
}

function environmentOf(stdout: string): Record<string, string> {
  return Object.fromEntries([...stdout.matchAll(/^export (\w+)='([^']*)'$/gm)].map(([, name, value]) => [name, value]));
}

it('prints the environment, then a line for each thing that happens, until it is interrupted', async () => {
  const org = '11111111-2222-3333-4444-555555555555';
  const redirect = 'https://app.example/callback';
  const options = ['--consent', 'approve', '--redirect-uri', redirect, '--rotating', '--access-token-seconds', '60'];
  const { text, printed, stop, ended } = run(...options, '--signature', 'sha1', '--signature', 'combined');
  await printed('until it is interrupted');
  const environment = environmentOf(text.stdout);
  expect(Object.keys(environment)).toEqual([
    'WEBEX_API_URL',
    'WEBEX_INTEGRATION_CLIENT_ID',
    'WEBEX_INTEGRATION_CLIENT_SECRET',
    'WEBEX_SA_CLIENT_ID',
    'WEBEX_SA_CLIENT_SECRET',
    'WEBEX_ISSUERS',
  ]);
  const { WEBEX_API_URL: api = '', WEBEX_INTEGRATION_CLIENT_ID: id = '' } = environment;
  const { WEBEX_INTEGRATION_CLIENT_SECRET: secret = '' } = environment;

  const scope = 'spark:applications_token';
  const query = new URLSearchParams({ response_type: 'code', client_id: id, redirect_uri: redirect, scope });
  const { headers } = await ask(`${api}/authorize?${query}`);
  const code = new URL(headers.get('location') ?? '').searchParams.get('code') ?? '';
  const client = { client_id: id, client_secret: secret };
  const fields = { grant_type: 'authorization_code', code, redirect_uri: redirect, ...client };
  const { json } = await form(`${api}/access_token`, fields);
  expect(json.expires_in).toBe(60);
  await ask(`${api.replace('/v1', '')}/_sim/organizations/${org}/authorize`, { method: 'POST' });
  const minted = await call(
    'POST',
    `${api}/applications/${Buffer.from(`ciscospark://us/APPLICATION/${environment['WEBEX_SA_CLIENT_ID']}`).toString('base64url')}/token`,
    json.access_token,
    {
      clientId: environment['WEBEX_SA_CLIENT_ID'],
      clientSecret: environment['WEBEX_SA_CLIENT_SECRET'],
      targetOrgId: org,
    },
  );
  expect(minted.status).toBe(200);
  await ask(`${api}/%1B[31m/x`);
  await printed('/token  200');

  stop();
  expect(await ended).toBe(0);
  expect(text.stderr).toBe('');
  const log = text.stdout.slice(text.stdout.indexOf('interrupted'));
  expect(log).toMatch(/^\d\d:\d\d:\d\d\.\d{3} {2}GET \/v1\/authorize {2}302$/m);
  expect(log).toMatch(/ {2}POST \/v1\/access_token {2}200 {2}authorization_code$/m);
  expect(log).toContain(`-- organization ${org} has authorized the Service App`);
  for (const hidden of [code, secret, json.access_token, json.refresh_token]) expect(log).not.toContain(hidden);
}, 30_000);

it('ends with 2 when the command line cannot be used', async () => {
  const cases: [string[], RegExp][] = [
    [['extra'], /"extra" is not understood/],
    [['--port', 'x'], /--port must be a whole number/],
    [['--port', '70000'], /port must be between/],
    [['--consent', 'maybe'], /consent must be/],
    [['--signature', 'md5'], /webhookSignatures must be/],
    [['--redirect-uri', '/x'], /redirectUris/],
    [['--rotating', '--refresh-tokens', 'constant'], /give one of them/],
    [['--unknown'], /unknown/],
  ];
  for (const [args, message] of cases) {
    const { ended, text } = run(...args);
    expect([args, await ended]).toEqual([args, 2]);
    expect(text.stderr).toMatch(message);
    expect(text.stdout).toBe('');
  }
}, 60_000);

it('ends with 1 when the port is taken', async () => {
  const server = createServer();
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  const { ended, text } = run('--port', String((server.address() as AddressInfo).port));
  expect(await ended).toBe(1);
  expect(text.stderr).toMatch(/cannot listen/);
  server.close();
}, 30_000);

it('prints its help', async () => {
  const { ended, text } = run('--help');
  expect(await ended).toBe(0);
  expect(text.stdout).toContain('byova-sim platform');
}, 30_000);
