// The clock of a dialled call: what it waits for, who goes by it, and that it is given back.
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { type MediaServer, prompt } from '../../src/index.ts';
import { dial } from '../../src/testing/index.ts';
import { createServerWith, failureOf, welcome } from '../support/dialled.ts';

describe('work in real time', () => {
  const answering = (work: () => Promise<string>): MediaServer => {
    const server = createServerWith({ limits: { turnTimeoutMs: 2000 }, onError: 'end' });
    server.on('session_start', async ({ session }) => {
      await session.listen({ prompt: welcome });
      const name = await work();
      await session.transfer({ name });
    });
    return server;
  };

  it.each<[string, () => Promise<string>]>([
    ['a file', async () => (await readFile(new URL(import.meta.url), 'utf8')).slice(0, 6)],
    ['a timer of its own', () => sleep(80, '// The')],
    [
      'a socket',
      async () => {
        const peer = createServer((_, response) => setTimeout(() => response.end('// The'), 60));
        await new Promise<void>((resolve) => peer.listen(0, '127.0.0.1', resolve));
        const { port } = peer.address() as AddressInfo;
        const text = await (await fetch(`http://127.0.0.1:${port}`)).text();
        await new Promise<unknown>((resolve) => peer.close(resolve));
        return text;
      },
    ],
    [
      'work in another thread that Node does not tell of',
      async () => {
        const { scrypt } = await import('node:crypto');
        return new Promise((resolve) => scrypt('a', 'b', 32, () => resolve('// The')));
      },
    ],
  ])('is waited for: %s', async (_name, work) => {
    const call = await dial(answering(work));
    await call.heard(welcome);
    await call.say({ ms: 700 });
    expect((await call.transferred()).name).toBe('// The');
    expect(call.elapsedMs).toBeLessThan(10_000);
  });

  it('is waited for while the caller is silent, too: the clock goes no faster than a real one', async () => {
    const server = createServerWith();
    let done = false;
    server.on('session_start', async ({ session }) => {
      await session.play(welcome);
      await sleep(100);
      done = true;
    });
    const call = await dial(server);
    await call.heard(welcome);
    await call.wait(5000);
    expect(done).toBe(true);
    await call.hangUp();
  });
});

describe('the clock', () => {
  const listening = async (): Promise<MediaServer> => {
    const server = createServerWith({ verify: { enforce: false } });
    server.on('session_start', ({ session }) => session.end({ prompt: prompt.silence(60) }));
    await server.listen({ host: '127.0.0.1', port: 0 });
    return server;
  };

  it('is the real one for a server that listens, and cannot be another', async () => {
    const server = await listening();
    expect((await failureOf(dial(server, { clock: 'fake' }))).code).toBe('CLOCK_UNAVAILABLE');
    const startedMs = performance.now();
    await (await dial(server)).ended();
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(55);
  });

  it('is given back when the call is over', async () => {
    const server = createServerWith();
    server.on('session_start', ({ session }) => session.end({ prompt: prompt.silence(60) }));
    await (await dial(server)).ended();
    const real = await dial(server, { clock: 'real' });
    const startedMs = performance.now();
    await real.ended();
    expect(performance.now() - startedMs).toBeGreaterThanOrEqual(55);
  });

  it('is given back to a server that is closed in the middle of a call', async () => {
    const server = createServerWith({ limits: { endGraceMs: 50 } });
    server.on('session_start', ({ session }) => session.listen({ prompt: welcome }).then(() => {}));
    server.on('session_end', () => new Promise<never>(() => {}));
    const call = await dial(server);
    await call.heard(welcome, { until: 'start' });
    expect((await failureOf(dial(server, { clock: 'real' }))).code).toBe('CLOCK_UNAVAILABLE');
    await server.close({ graceMs: 10 });
    expect((await failureOf(dial(server))).code).toBe('SERVER_UNUSABLE');
  });

  it('does not jump back for the server', async () => {
    const server = createServerWith();
    server.on('session_start', ({ session }) => session.listen({ noInputMs: 0 }).then(() => {}));
    const durations: number[] = [];
    server.on('session_end', ({ event }) => void durations.push(Math.round(event.durationMs)));
    for (let calls = 0; calls < 2; calls += 1) {
      const call = await dial(server);
      await call.wait(60_000);
      await call.hangUp();
    }
    expect(durations).toEqual([60_000, 60_000]);
  });

  it('makes a call come out the same each time, to the ms', async () => {
    const server = createServerWith();
    server.on('session_start', async ({ session }) => {
      for (let turn = 0; turn < 4; turn += 1) await session.listen({ prompt: welcome });
      await session.end();
    });
    const timelines = new Set<string>();
    for (let calls = 0; calls < 5; calls += 1) {
      const call = await dial(server);
      for (let turn = 0; turn < 4; turn += 1) {
        await call.heard(welcome);
        if (turn % 2 === 0) await call.say({ ms: 777 });
        else await call.press('5');
      }
      await call.ended();
      timelines.add(call.timeline);
    }
    expect(timelines.size).toBe(1);
  });
});
