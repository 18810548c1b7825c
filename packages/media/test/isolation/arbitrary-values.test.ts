// Whatever a program hands over, in JavaScript's full ugliness: its call ends in order, what is refused is a typed error, and
// twenty calls beside it finish. BYOVA_SEED repeats a run, BYOVA_ARBITRARY_MS makes it longer.
import { isByovaError, MediaServer, type MediaServerOptions, MemorySessionStore } from '@byova/media';
import { describe, expect, it, onTestFinished } from 'vitest';
import { connectFast, type FastClient, type FastContent } from '../support/fast-client.ts';
import { framePath } from '../support/frame-path.ts';
import { collectStrayErrors, goodCall, SPEECH, served, settled, TONE } from './good-calls.ts';
import { HAND_OVERS, type HandOver, type HandOverContext, PASSING_EVENTS } from './hand-overs.ts';
import { makeOdd, ODD_NAMES } from './odd-values.ts';
import { RUN_MS, rounds } from './rounds.ts';
import { pickTrial, type Trial } from './trials.ts';

const GOOD_CALLS = 20;
const BAD_CALLS = 24;
/** Longer than any handler may take here. */
const ANSWERED_MS = 10_000;

const stray = collectStrayErrors();

/** What came of the trials of one server. */
interface Outcomes {
  /** What a trial threw, by the id of its call. */
  readonly thrown: Map<string, unknown>;
  /** Codes of what was told to `error`. */
  readonly codes: Set<string>;
}

/** A server whose calls run the trial that is known under their id, and else do their work. */
async function start(trials: Map<string, Trial<HandOver>>, options: Partial<MediaServerOptions<unknown>>) {
  const server = new MediaServer<unknown>({
    agents: [{ id: 'demo', name: 'Demo' }],
    verify: { enforce: false },
    limits: { turnTimeoutMs: 300 },
    errorPrompt: TONE,
    framePath,
    ...options,
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const client = await connectFast(port);
  onTestFinished(async () => {
    await client.close();
    await server.close({ graceMs: 0 });
  });
  const outcomes: Outcomes = { thrown: new Map(), codes: new Set() };
  const run = async (at: HandOver['at'], context: HandOverContext): Promise<unknown> => {
    const trial = trials.get(context.session.id);
    if (trial?.method.at !== at) return context.session.play(TONE, { bargeIn: false });
    try {
      return await trial.method.call(context, trial.args);
    } catch (error) {
      outcomes.thrown.set(context.session.id, error);
      throw error;
    }
  };
  server.on('session_start', (context) => run('session_start', context));
  server.on('dtmf_input', (context) => run('dtmf_input', context));
  server.on('custom_event', ({ session }) => session.transfer({ metadata: { queue: 'billing' } }));
  server.on('utterance', ({ session }) => session.play(TONE, { bargeIn: false }));
  server.on('no_input', ({ session }) => session.play(TONE, { bargeIn: false }));
  server.on('error', ({ event }) => void outcomes.codes.add(event.error.code));
  return { server, client, outcomes };
}

const SCRIPT: readonly (readonly FastContent[])[] = [
  ['start'],
  [{ keys: '1' }],
  SPEECH,
  ['no_input'],
  ['custom_event'],
  ['session_end'],
];

async function badCall(client: FastClient, conversationId: string): Promise<readonly string[]> {
  const statuses: string[] = [];
  for (const contents of SCRIPT) {
    statuses.push((await client.rpc({ conversationId, contents, resetAfterMs: ANSWERED_MS })).status);
  }
  return statuses;
}

const SETTINGS: readonly (readonly [string, Partial<MediaServerOptions<unknown>>])[] = [
  ['in chunk mode', { audioMode: 'chunk' }],
  ['in wav mode', { audioMode: 'wav' }],
  ["with onError 'continue'", { audioMode: 'chunk', onError: 'continue' }],
  ['with a session store', { audioMode: 'chunk', store: new MemorySessionStore(), state: () => ({}) }],
  ['with false starts', { audioMode: 'chunk', interruption: { falseStartMs: 300, isFalseStart: () => true } }],
];

describe.each(SETTINGS)('an odd value handed over %s', (name, options) => {
  it(`costs its own call alone, and ${GOOD_CALLS} beside it finish`, { timeout: RUN_MS + 60_000 }, async () => {
    const trials = new Map<string, Trial<HandOver>>();
    const { server, client, outcomes } = await start(trials, options);
    const good = served(options.audioMode ?? 'chunk');
    await rounds(`odd values ${name}`, async (pick, n) => {
      const bad = Array.from({ length: BAD_CALLS }, (_, index) => `bad-${n}-${index}`);
      for (const id of bad) trials.set(id, pickTrial(pick, HAND_OVERS));
      const titles = bad.map((id) => trials.get(id)?.title);
      const [statuses, ...others] = await Promise.all([
        Promise.all(bad.map((id) => badCall(client, id))),
        ...Array.from({ length: GOOD_CALLS }, (_, index) => goodCall(client, `good-${n}-${index}`)),
      ]);
      for (const outcome of others) expect(outcome, titles.join('\n')).toEqual(good);
      for (const [index, id] of bad.entries()) {
        const title = titles[index] ?? '';
        expect(statuses[index], title).not.toContain('reset');
        const error = outcomes.thrown.get(id);
        if (trials.get(id)?.method.checked === true && outcomes.thrown.has(id)) {
          expect(isByovaError(error) ? error.code : String(error), title).toMatch(
            /^(OPTIONS_INVALID|SESSION_ENDED|TURN_CLOSED)$/,
          );
        }
      }
      expect(outcomes.codes, titles.join('\n')).not.toContain('RESPONSE_UNENCODABLE');
      expect(stray, titles.join('\n')).toEqual([]);
      trials.clear();
      outcomes.thrown.clear();
    });
    await settled(server as never);
    expect(server.stats).toMatchObject({ sessions: 0, turns: 0, rpcs: 0 });
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });
});

describe('an odd value', () => {
  it('returned by a handler whose outcome nothing waits for costs nothing', { timeout: RUN_MS + 60_000 }, async () => {
    const { server, client } = await start(new Map(), {});
    const odd = new Map<string, string>();
    for (const event of PASSING_EVENTS) {
      if (event === 'error') continue;
      // Once for each call: some are large, and one event comes with each frame.
      const made = new Map<string, unknown>();
      server.on(event, ({ session }) => {
        const name = odd.get(session.id);
        if (name !== undefined && !made.has(session.id)) made.set(session.id, makeOdd(name));
        return made.get(session.id);
      });
    }
    const names = [...ODD_NAMES];
    for (let n = 0; names.length > 0; n += 1) {
      const now = names.splice(0, BAD_CALLS);
      for (const [index, name] of now.entries()) odd.set(`bad-${n}-${index}`, name);
      const [statuses, ...others] = await Promise.all([
        Promise.all(now.map((_, index) => badCall(client, `bad-${n}-${index}`))),
        ...Array.from({ length: GOOD_CALLS }, (_, index) => goodCall(client, `good-${n}-${index}`)),
      ]);
      expect(statuses.flat(), now.join('\n')).not.toContain('reset');
      for (const outcome of others) expect(outcome, now.join('\n')).toEqual(served('chunk'));
      expect(stray, now.join('\n')).toEqual([]);
    }
  });
});
