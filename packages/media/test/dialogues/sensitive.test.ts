// What is marked as sensitive appears in no log of any level, in no error that is told and in no entry that is watched, over
// whole calls and also where things go wrong.
import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import { type Logger, MediaServer, type MediaServerOptions, prompt, type Session } from '@byova/media';
import { type CallReport, type CallStep, placeCall } from '@byova/simulator';
import { expect, it, onTestFinished } from 'vitest';

const PIN = '739146';
const SECOND = '852637';
const tone = prompt.tone({ frequencyHz: 440, durationMs: 60 });
const SPEECH = readFileSync(new URL('../fixtures/speech/number-m7.wav', import.meta.url));

type Options = Partial<MediaServerOptions<undefined>>;

/** Runs a call on an agent, and gives everything that was told of it to anybody but its handlers. */
async function tell(
  agent: (session: Session<undefined>) => Promise<unknown>,
  script: readonly CallStep[],
  options: Options = {},
): Promise<{ readonly text: string; readonly told: readonly unknown[]; readonly report: CallReport }> {
  const told: unknown[] = [];
  const write =
    (level: string) =>
    (...entry: unknown[]) =>
      void told.push([level, ...entry]);
  const logger: Logger = { debug: write('debug'), info: write('info'), warn: write('warn'), error: write('error') };
  const server = new MediaServer({
    agents: [{ id: 'demo', name: 'Demo' }],
    verify: { enforce: false },
    errorPrompt: tone,
    ...options,
    logger,
  });
  onTestFinished(() => server.close({ graceMs: 0 }));
  server.use({ name: 'watch', observe: (observation) => void told.push(['observed', observation]) });
  server.on('error', ({ event }) => void told.push(['error event', event]));
  server.on('session_end', ({ event }) => void told.push(['session_end', event]));
  server.on('session_start', ({ session, log }) => {
    log.info({}, 'the call begins');
    return agent(session);
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const report = await placeCall({ target: `http://127.0.0.1:${port}`, organization: 'o1', pace: 'fast', script });
  const text = inspect(told, { depth: null, showHidden: true, maxArrayLength: null, maxStringLength: null });
  // The capture works, whatever it captured.
  expect(text).toContain('the call begins');
  expect(text).toContain('session_end');
  expect(text).toMatch(/dtmf_received|speech_ended/);
  return { text, told, report };
}

function holdsNone(text: string): void {
  for (const secret of [PIN, SECOND, [...PIN].join(', '), [...PIN].join("', '")]) expect(text).not.toContain(secret);
}

const press = (keys: string): readonly CallStep[] => [{ waitForPrompt: {} }, { press: keys }];
const question = { prompt: tone, max: 6, sensitive: true } as const;

it('digits of a call that goes well', async () => {
  const { text, report } = await tell(
    async (session) => {
      const first = await session.collectDigits({ ...question, validate: (digits) => digits === SECOND });
      const chosen = await session.menu({ prompt: tone, choices: { [PIN]: 'a' }, sensitive: true });
      await session.transfer({ metadata: { ok: first.status === 'ok' && chosen.status === 'ok' } });
    },
    [...press(PIN), ...press(SECOND), ...press(PIN), { expect: 'transfer', metadata: { ok: true } }],
  );
  expect(report.failure).toBeUndefined();
  holdsNone(text);
  holdsNone(inspect(report.timeline, { depth: null }));
});

it.each([
  ['throws', () => Promise.reject(new Error(`no account ${PIN}`, { cause: { digits: PIN } }))],
  ['throws what is no error', () => Promise.reject(`no account ${PIN}`)],
  ['hangs', () => new Promise<boolean>(() => {})],
  ['never accepts', () => Promise.resolve(false)],
])('digits that a validator %s on', async (_title, validate) => {
  const { text } = await tell(
    async (session) => {
      const answer = await session.collectDigits({ ...question, validate });
      await session.end({ name: answer.status });
    },
    [...press(PIN), ...press(SECOND)],
    { limits: { turnTimeoutMs: 300 } },
  );
  holdsNone(text);
});

it('digits that no question takes, and those that come while the agent thinks', async () => {
  const { text } = await tell(
    async (session) => {
      session.expect({ mode: 'dtmf', dtmf: { length: 6 }, sensitive: true });
      await session.play(tone, { bargeIn: false });
    },
    [...press(PIN), ...press(SECOND)],
    { onUnhandled: 'end' },
  );
  holdsNone(text);
});

it('utterances, also where the recognizer fails with what it understood', async () => {
  const { text, told } = await tell(
    async (session) => {
      await session.listen({ prompt: tone, sensitive: true });
      await session.menu({
        prompt: tone,
        choices: { '1': 'a' },
        sensitive: true,
        recognize: (utterance) => {
          throw new Error(`not understood: ${PIN}`, { cause: utterance });
        },
      });
    },
    [{ waitForPrompt: {} }, { say: SPEECH }, { waitForPrompt: {} }, { say: SPEECH }, { waitForPrompt: {} }],
  );
  holdsNone(text);
  expect(text).toContain('HANDLER_FAILED');
  const holdsAudio = (value: unknown, seen = new Set<unknown>()): boolean => {
    if (value instanceof Uint8Array) return true;
    if (typeof value !== 'object' || value === null || seen.has(value)) return false;
    seen.add(value);
    return Reflect.ownKeys(value).some((key) => holdsAudio(Reflect.get(value, key), seen));
  };
  expect(holdsAudio(told)).toBe(false);
});

it('is told where it is not sensitive: the grep above would find it', async () => {
  const { text } = await tell(
    (session) =>
      session.collectDigits({
        ...question,
        sensitive: false,
        validate: (digits) => {
          throw new Error(`no account ${digits}`);
        },
      }),
    press(PIN),
  );
  expect(text).toContain(PIN);
});
