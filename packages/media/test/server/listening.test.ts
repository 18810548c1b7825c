// The port: clear text and TLS, client certificates, HTTP probes beside gRPC, and closing in order.
import { readFileSync } from 'node:fs';
import { connect as connectHttp2 } from 'node:http2';
import { connect as connectTcp } from 'node:net';
import * as grpc from '@grpc/grpc-js';
import { afterEach, describe, expect, it } from 'vitest';
import { MediaServer, type MediaServerOptions, type TlsOptions } from '../../src/index.ts';
import { framePath } from '../support/frame-path.ts';
import { connect, eventRequest } from '../support/grpc-client.ts';

const pem = (name: string): Buffer => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));
const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const thing of open.splice(0).reverse()) await thing.close();
});

async function start(tls?: TlsOptions, options: Partial<MediaServerOptions<undefined>> = {}) {
  const server = new MediaServer({
    agents: [{ id: 'demo', name: 'Demo' }],
    verify: { enforce: false },
    framePath,
    ...options,
  });
  open.push({ close: () => server.close({ graceMs: 0 }) });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0, ...(tls === undefined ? {} : { tls }) });
  return { server, port };
}

function client(port: number, credentials?: grpc.ChannelCredentials, options?: grpc.ChannelOptions) {
  const made = connect(port, credentials, options);
  open.push(made);
  return made;
}

const START = eventRequest('c1', 1);
const serverTls = { key: pem('server.key'), cert: pem('server.pem') };

describe('clear text', () => {
  it('serves gRPC and HTTP/1.1 probes on one port', async () => {
    const { port } = await start();
    expect(await client(port).turn(START)).toMatchObject({ code: 0 });
    const health = await fetch(`http://127.0.0.1:${port}/health`);
    expect([health.status, await health.json()]).toMatchObject([200, { status: 'healthy', service: 'byova-media' }]);
    const ping = await fetch(`http://127.0.0.1:${port}/agent/v1/ping`);
    expect(await ping.json()).toMatchObject({
      serviceType: 'REQUIRED',
      serviceState: 'online',
      message: 'byova-media is ONLINE',
    });
    expect((await fetch(`http://127.0.0.1:${port}/nothing`)).status).toBe(404);
    expect((await fetch(`http://127.0.0.1:${port}/health`, { method: 'POST' })).status).toBe(404);
  });

  it('serves the probes over HTTP/2 too', async () => {
    const { port } = await start();
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    open.push(session);
    const stream = session.request({ ':path': '/health' });
    const headers = await new Promise<Record<string, unknown>>((resolve) => stream.once('response', resolve));
    stream.resume();
    expect(headers[':status']).toBe(200);
  });

  it('tells clients that a thousand calls fit on one connection', async () => {
    const { port } = await start();
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    open.push(session);
    const settings = await new Promise<{ maxConcurrentStreams?: number }>((resolve) =>
      session.once('remoteSettings', resolve),
    );
    expect(settings.maxConcurrentStreams).toBeGreaterThanOrEqual(1000);
  });

  it('tolerates keepalive pings while no call is open', async () => {
    const { port } = await start();
    const session = connectHttp2(`http://127.0.0.1:${port}`);
    open.push(session);
    await new Promise((resolve) => session.once('connect', resolve));
    for (let ping = 0; ping < 200; ping += 1) {
      await new Promise<void>((resolve, reject) =>
        session.ping((error) => (error === null ? resolve() : reject(error))),
      );
    }
    expect(session.closed).toBe(false);
  });

  it('survives a peer that speaks neither', async () => {
    const { port } = await start();
    for (const noise of ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nrubbish-rubbish-rubbish', '\u0000\u0001\u0002', 'GET']) {
      const socket = connectTcp(port, '127.0.0.1');
      socket.on('error', () => {});
      socket.resume();
      socket.end(noise);
      await new Promise((resolve) => socket.once('close', resolve));
    }
    expect(await client(port).turn(START)).toMatchObject({ code: 0 });
  });
});

describe('TLS', () => {
  const trust = pem('test-ca.pem');
  const clientTls = (name: string) => grpc.credentials.createSsl(trust, pem(`${name}.key`), pem(`${name}.pem`));

  it('serves gRPC', async () => {
    const { port } = await start(serverTls);
    expect(await client(port, grpc.credentials.createSsl(trust)).turn(START)).toMatchObject({ code: 0 });
  });

  it.each<[string, Partial<TlsOptions>, string, number]>([
    ['a client of the authority', {}, 'client', 0],
    ['a client of another authority', {}, 'outsider', 14],
    ['the subject that is allowed', { clientSubject: ['insight-orchestrator.test.example'] }, 'client', 0],
    ['another subject', { clientSubject: ['insight-orchestrator.test.example'] }, 'stranger', 14],
    [
      'a subject that a function allows',
      { clientSubject: ({ commonName }) => commonName.startsWith('somebody') },
      'stranger',
      0,
    ],
    [
      'a function that throws',
      {
        clientSubject: () => {
          throw new Error('no');
        },
      },
      'client',
      14,
    ],
  ])('asks for a client certificate: %s', async (_title, options, name, code) => {
    const { port } = await start({ ...serverTls, clientCa: trust, ...options });
    const outcome = await client(port, clientTls(name)).turn(START);
    expect(outcome.code).toBe(code);
  });

  it('refuses a client without a certificate', async () => {
    const { port } = await start({ ...serverTls, clientCa: trust });
    expect((await client(port, grpc.credentials.createSsl(trust)).turn(START)).code).toBe(14);
  });

  it('refuses a check of subjects without an authority to vouch for them', async () => {
    await expect(start({ ...serverTls, clientSubject: ['x'] })).rejects.toMatchObject({ code: 'OPTIONS_INVALID' });
  });
});

describe('closing', () => {
  it('reports NOT_SERVING, refuses new calls, lets a turn finish, and ends the calls', async () => {
    const { server, port } = await start();
    const ends: string[] = [];
    const { promise: working, resolve: work } = Promise.withResolvers<void>();
    const { promise: draining, resolve: drain } = Promise.withResolvers<number>();
    server.on('draining', ({ event }) => drain(event.graceMs));
    server.on('session_end', ({ event }) => void ends.push(event.reason));
    server.on('session_start', () => working);
    const caller = client(port);
    const turn = caller.turn(START);
    while (server.stats.turns === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    const closing = server.close({ graceMs: 5000 });
    expect(await draining).toBe(5000);
    expect(await caller.unary('/grpc.health.v1.Health/Check', Buffer.alloc(0))).toMatchObject({
      code: 0,
      messages: [Buffer.from([0x08, 2])],
    });
    expect(await caller.turn(eventRequest('c2', 1))).toMatchObject({ code: 14 });
    expect(ends).toEqual([]);
    work();
    expect(await turn).toMatchObject({ code: 0 });
    await closing;
    expect(ends).toEqual(['drain']);
    expect(server.stats).toEqual({ sessions: 0, turns: 0, conversations: 0, rpcs: 0, connections: 0, queuedBytes: 0 });
    await expect(server.listen()).rejects.toMatchObject({ code: 'SERVER_CLOSED' });
  });

  it('does not wait longer than the grace time for a turn that hangs', async () => {
    const { server, port } = await start();
    server.on('session_start', () => new Promise(() => {}));
    const turn = client(port).turn(START);
    while (server.stats.turns === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await server.close({ graceMs: 50 });
    expect((await turn).code).toBe(0);
    expect(server.stats.sessions).toBe(0);
  });

  it('closes a server that never listened, and twice', async () => {
    const server = new MediaServer({ agents: [{ id: 'demo', name: 'Demo' }], verify: { enforce: false } });
    await Promise.all([server.close(), server.close()]);
  });

  it('says when the port is taken, and can listen on another', async () => {
    const { port } = await start();
    const server = new MediaServer({ agents: [{ id: 'demo', name: 'Demo' }], verify: { enforce: false } });
    open.push({ close: () => server.close({ graceMs: 0 }) });
    await expect(server.listen({ host: '127.0.0.1', port })).rejects.toMatchObject({ code: 'EADDRINUSE' });
    await server.listen({ host: '127.0.0.1', port: 0 });
    await expect(server.listen({ port: 0 })).rejects.toMatchObject({ code: 'SERVER_LISTENING' });
  });
});
