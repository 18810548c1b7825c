// Whatever stands in options, and whatever the functions in them give back: makers throw typed errors alone, and calls of a
// server with an odd function end in order, beside twenty of another server that finish.
import { isByovaError, MediaServer } from '@byova/media';
import { expect, it, onTestFinished } from 'vitest';
import { connectFast, type FastClient, type FastContent } from '../support/fast-client.ts';
import { framePath } from '../support/frame-path.ts';
import { CALLBACKS } from './callbacks.ts';
import { collectStrayErrors, goodCall, SPEECH, served, TONE } from './good-calls.ts';
import { MAKERS } from './makers.ts';
import { makeOdd, ODD_NAMES } from './odd-values.ts';
import { RUN_MS, rounds } from './rounds.ts';
import { pickTrial } from './trials.ts';

const GOOD_CALLS = 20;
const ODD_SERVERS = 12;
const ANSWERED_MS = 10_000;

const stray = collectStrayErrors();

/** Errors of Node about a port, a host name or a certificate have a code, too. */
function isCoded(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string';
}

it('an odd option is refused by a typed error, or taken', { timeout: RUN_MS + 60_000 }, async () => {
  await rounds('odd options', async (pick) => {
    const { method, args, title } = pickTrial(pick, MAKERS);
    let thrown: unknown;
    try {
      await method.call(undefined, args);
    } catch (error) {
      thrown = error;
    }
    const typed = thrown === undefined || isByovaError(thrown);
    expect(typed || (method.name.startsWith('server.listen') && isCoded(thrown)), `${title}: ${String(thrown)}`).toBe(
      true,
    );
    expect(stray, title).toEqual([]);
  });
});

async function listen(server: MediaServer<unknown>): Promise<FastClient> {
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return connectFast(port);
}

function newServer(options: Partial<ConstructorParameters<typeof MediaServer<unknown>>[0]> = {}): MediaServer<unknown> {
  return new MediaServer<unknown>({
    agents: [{ id: 'demo', name: 'Demo' }],
    verify: { enforce: false },
    limits: { turnTimeoutMs: 300 },
    errorPrompt: TONE,
    framePath,
    ...options,
  });
}

const SCRIPT: readonly (readonly FastContent[])[] = [
  ['start'],
  SPEECH,
  [{ keys: '1' }],
  ['no_input'],
  ['custom_event'],
  ['session_end'],
];

/** Calls a server one of whose functions gives an odd value, until nothing is left to say. */
async function oddCall(callback: (typeof CALLBACKS)[number], odd: string): Promise<readonly string[]> {
  const { options, prepare } = callback.serve(() => makeOdd(odd));
  const server = newServer(options);
  prepare?.(server);
  server.on('session_start', ({ session }) => void session.play(TONE));
  server.on('utterance', ({ session }) => session.play(TONE));
  server.on('dtmf_input', () => {
    throw new Error('for the policy');
  });
  server.on('no_input', ({ session }) => session.play(TONE));
  const client = await listen(server);
  const statuses: string[] = [];
  for (const contents of SCRIPT) {
    statuses.push((await client.rpc({ conversationId: 'bad', contents, resetAfterMs: ANSWERED_MS })).status);
  }
  client.destroy();
  await server.close({ graceMs: 0 });
  return statuses;
}

it('an odd value that a function gives costs its own server alone', { timeout: RUN_MS + 60_000 }, async () => {
  const server = newServer();
  server.on('session_start', ({ session }) => session.play(TONE, { bargeIn: false }));
  server.on('dtmf_input', ({ session }) => session.play(TONE, { bargeIn: false }));
  server.on('custom_event', ({ session }) => session.transfer());
  const client = await listen(server);
  onTestFinished(async () => {
    await client.close();
    await server.close({ graceMs: 0 });
  });
  await rounds('odd functions', async (pick, n) => {
    const trials = Array.from({ length: ODD_SERVERS }, () => ({
      callback: CALLBACKS[pick(CALLBACKS.length)] as (typeof CALLBACKS)[number],
      odd: ODD_NAMES[pick(ODD_NAMES.length)] as string,
    }));
    const titles = trials.map(({ callback, odd }) => `${callback.name} gives ${odd}`);
    const [statuses, ...others] = await Promise.all([
      Promise.all(trials.map(({ callback, odd }) => oddCall(callback, odd))),
      ...Array.from({ length: GOOD_CALLS }, (_, index) => goodCall(client, `good-${n}-${index}`)),
    ]);
    for (const outcome of others) expect(outcome, titles.join('\n')).toEqual(served('chunk'));
    for (const [index, answered] of statuses.entries()) expect(answered, titles[index]).not.toContain('reset');
    expect(stray, titles.join('\n')).toEqual([]);
  });
});
