// A handler that fails fails the test, although the caller is answered by policy: with its cause, unless it is expected.
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { MediaServer, Session } from '../../src/index.ts';
import { type DialedCall, dial, parseCallScenario, runScenario } from '../../src/testing/index.ts';
import { createServerWith, failureOf, goodbye, menu, welcome } from '../support/dialled.ts';

class Broken extends Error {}

function crashing(options: Parameters<typeof createServerWith>[0] = {}): MediaServer {
  const server = createServerWith(options);
  server.on('session_start', async ({ session }) => {
    await session.listen({ prompt: welcome });
  });
  server.on('dtmf_input', () => {
    throw new Broken('the database is gone');
  });
  return server;
}

/** A call in which the handler of the digits has thrown. */
async function crash(server: MediaServer, options: Parameters<typeof dial>[1] = {}): Promise<DialedCall> {
  const call = await dial(server, options);
  await call.heard(welcome);
  await call.say({ ms: 600 });
  await call.wait(1500);
  await call.press('1');
  return call;
}

describe('a handler that throws', () => {
  it.each<[string, (call: DialedCall) => Promise<unknown>]>([
    ['transferred', (call) => call.transferred()],
    ['ended', (call) => call.ended()],
    ['heard', (call) => call.heard()],
    ['heardAll', (call) => call.heardAll()],
    ['event', (call) => call.event()],
    ['wait', (call) => call.wait(60_000)],
    ['expectNothing', (call) => call.expectNothing({ forMs: 60_000 })],
    ['hangUp', (call) => call.wait(3000).then(() => call.hangUp())],
  ])('fails the next %s, with its cause', async (_name, act) => {
    const call = await crash(crashing());
    const failure = await failureOf(act(call));
    expect(failure.code).toBe('AGENT_FAILED');
    expect(failure.message).toMatch(/^The handler of 'dtmf_input' threw: Error: the database is gone\n.*'expected'/);
    expect(failure.message).toMatch(
      /\n +\d+\.\d{3} {2}! The handler of 'dtmf_input' threw: Error: the database is gone\n/,
    );
    expect(failure.cause).toMatchObject({ code: 'HANDLER_FAILED', cause: expect.any(Broken) });
    expect(call.errors).toEqual([failure.cause]);
  });

  it('fails each thing that the test does afterwards', async () => {
    const call = await crash(crashing());
    await failureOf(call.transferred());
    expect((await failureOf(call.press('1'))).code).toBe('AGENT_FAILED');
    expect((await failureOf(call.hangUp())).code).toBe('AGENT_FAILED');
    expect(call.timeline.match(/the database is gone/g)).toHaveLength(1);
  });

  it('is seen under each policy, also where the call goes on', async () => {
    for (const onError of ['transfer', 'end', 'continue'] as const) {
      const call = await crash(crashing({ onError }));
      expect((await failureOf(call.wait(5000))).code).toBe('AGENT_FAILED');
    }
  });

  it('is seen by the hang-up, when it is the handler of the end', async () => {
    const server = createServerWith();
    server.on('session_start', ({ session }) => session.listen().then(() => {}));
    server.on('session_end', async () => {
      await sleep(5);
      throw new Broken('too late');
    });
    const call = await dial(server);
    await call.heardAll();
    const failure = await failureOf(call.hangUp());
    expect(failure.message).toMatch(/^The handler of 'session_end' threw: Error: too late/);
    expect(call.outcome).toBe('hung_up');
  });

  it('is seen where the handler of errors throws as well', async () => {
    const server = crashing();
    server.on('error', () => {
      throw new Broken('and the report');
    });
    const call = await crash(server);
    expect((await failureOf(call.transferred())).code).toBe('AGENT_FAILED');
    expect(call.errors.map(({ cause }) => String(cause))).toEqual([
      'Error: the database is gone',
      'Error: and the report',
    ]);
  });

  it('may throw anything', async () => {
    const server = createServerWith();
    server.on('session_start', () => {
      throw {
        toString: () => {
          throw new Broken('no text');
        },
      };
    });
    const failure = await failureOf((await dial(server)).transferred());
    expect(failure.message).toMatch(/^The handler of 'session_start' threw: something that cannot be shown/);
  });

  it('is the failure of its own call alone', async () => {
    const server = createServerWith();
    server.on('session_start', async ({ session }: { session: Session }) => {
      if (session.parameters['crash'] === true) throw new Broken('this one');
      await session.end({ prompt: goodbye });
    });
    const [broken, sound] = await Promise.all([dial(server, { parameters: { crash: true } }), dial(server)]);
    const failure = failureOf(broken.transferred());
    expect((await sound.ended()).name).toBe('');
    expect((await failure).code).toBe('AGENT_FAILED');
    expect(sound.errors).toEqual([]);
  });
});

describe('a handler that takes too long', () => {
  it('fails the call with the time-out', async () => {
    const server = createServerWith({ limits: { turnTimeoutMs: 5000 } });
    server.on('session_start', () => new Promise(() => {}));
    const failure = await failureOf((await dial(server)).transferred());
    expect(failure).toMatchObject({ code: 'AGENT_FAILED', cause: { code: 'TURN_TIMEOUT' } });
  });
});

describe('input that nothing handles', () => {
  it('fails the call that the policy finishes for it', async () => {
    const server = createServerWith();
    // Misspelt, so that it is never called.
    server.on('session_resumed', async ({ session }) => session.end());
    const failure = await failureOf((await dial(server)).heard(menu));
    expect(failure.code).toBe('AGENT_FAILED');
    expect(failure.message).toMatch(/^Twice in a row nothing handled what the caller did/);
  });
});

describe('a call that is dialled for its errors', () => {
  it('goes on, and has them', async () => {
    const call = await crash(crashing(), { errors: 'expected' });
    expect((await call.transferred()).name).toBe('agent_error');
    expect(call.errors).toMatchObject([{ code: 'HANDLER_FAILED', cause: { message: 'the database is gone' } }]);
    expect(call.timeline).toContain('the database is gone');
  });

  it('leaves nothing behind at the server', async () => {
    const server = crashing();
    const first = await crash(server, { errors: 'expected' });
    await first.transferred();
    const second = await crash(server, { errors: 'expected' });
    await second.transferred();
    expect([first.errors.length, second.errors.length]).toEqual([1, 1]);
  });
});

describe('a scenario', () => {
  const steps = (name: string): string =>
    `steps: [{ say: { ms: 600 } }, { wait: 1500 }, { press: "1" }, { expect: transfer${name} }]`;

  it('fails with a handler that throws', async () => {
    const failure = await failureOf(runScenario(crashing(), parseCallScenario(steps(''))));
    expect(failure.code).toBe('AGENT_FAILED');
  });

  it('that names the event of the policy expects it', async () => {
    const report = await runScenario(crashing(), parseCallScenario(steps(', name: agent_error')));
    expect(report).toMatchObject({ outcome: 'transferred', ending: { name: 'agent_error' } });
  });
});
