// Each path through the reception, called by the simulator: what the caller was told, and what the flow was given.
import { fileURLToPath } from 'node:url';
import { assertCallPassed, type CallReport, type CallStep, placeCall } from '@byova/simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createReception } from '../create-server.ts';
import { promptsIn, repliesIn } from '../prompts-in.ts';

const server = createReception({ verify: { enforce: false } });
let target = '';
beforeAll(async () => {
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  target = `http://127.0.0.1:${port}`;
});
afterAll(() => server.close({ graceMs: 0 }));

const say = (path: string): CallStep => ({ say: fileURLToPath(new URL(`../${path}.wav`, import.meta.url)) });
/** The caller listens to the end, then presses keys. */
const press = (keys: string): readonly CallStep[] => [{ waitForPrompt: {} }, { press: keys }];

async function call(script: readonly CallStep[], pace: 'fast' | 'real_time' = 'fast'): Promise<CallReport> {
  const report = await placeCall({ target, organization: 'o1', pace, script });
  assertCallPassed(report);
  return report;
}

it('takes an account number that the caller corrects, and passes on only its end', async () => {
  const report = await call([
    ...press('1'),
    ...press('1112#'),
    ...press('2'),
    ...press('284719#'),
    ...press('1'),
    { expect: 'transfer', metadata: { queue: 'billing', account_ends_in: '19' } },
  ]);
  expect(repliesIn(report.prompts)).toEqual([
    'welcome menu',
    'account',
    'ends-in 1 2 correct',
    'account',
    'ends-in 1 9 correct',
    'connect',
  ]);
  // Moments are left out: they may have any digits.
  const words = (key: string, value: unknown) => (key === 'atMs' || key === 'heardMs' ? undefined : value);
  expect(JSON.stringify([report.terminal, report.summary, report.timeline], words)).not.toContain('2847');
});

it.each([
  ['gives none', [{ expect: 'transfer', withinMs: 120_000 }], ['account', 'account']],
  ['gives too few digits and then a star', [...press('12#'), ...press('12*45#')], ['account', 'account']],
  [
    'never confirms',
    [...press('1111#'), ...press('2'), ...press('2222#'), ...press('2'), ...press('3333#'), ...press('2')],
    ['account', 'ends-in 1 1 correct', 'account', 'ends-in 2 2 correct', 'account', 'ends-in 3 3 correct'],
  ],
] satisfies [string, CallStep[], string[]][])('hands a caller to billing who %s', async (_, script, replies) => {
  const report = await call([...press('1'), ...script]);
  expect(repliesIn(report.prompts)).toEqual(['welcome menu', ...replies, 'connect']);
  expect(report.terminal?.metadata).toEqual({ queue: 'billing', summary: 'No account number' });
});

it('understands a word, and takes a message', async () => {
  const report = await call([
    { waitForPrompt: {} },
    say('caller/support'),
    { waitForPrompt: {} },
    say('caller/invoice'),
    { expect: 'transfer', metadata: { queue: 'support' } },
  ]);
  expect(repliesIn(report.prompts)).toEqual(['welcome menu', 'concern', 'connect']);
  expect(String(report.terminal?.metadata['summary'])).toMatch(/^Left a message of [3-6] s$/);
});

it('hands a caller to support who says nothing', async () => {
  const report = await call([...press('2'), { expect: 'transfer', withinMs: 120_000 }]);
  expect(repliesIn(report.prompts)).toEqual(['welcome menu', 'concern', 'concern', 'connect']);
  expect(report.terminal?.metadata).toEqual({ queue: 'support', summary: 'Left no message' });
});

it('stops the welcome for a caller who asks for the hours, reads them out, and asks again', async () => {
  const report = await call(
    [{ expect: 'prompt' }, { wait: 600 }, say('caller/hours'), { expect: 'prompt' }, { wait: 500 }, { hangUp: true }],
    'real_time',
  );
  const [welcome, hours] = report.prompts;
  expect(welcome?.cutBy).toBe('speech');
  expect(welcome && promptsIn(welcome)).toEqual([
    { name: 'welcome', heard: true },
    { name: 'menu', heard: false },
  ]);
  expect(hours && promptsIn(hours).map(({ name }) => name)).toEqual(['hours', 'menu']);
});

it('reads out the hours by key and by both words for them', async () => {
  const report = await call([
    ...press('3'),
    { waitForPrompt: {} },
    say('test/words/hours-9'),
    { waitForPrompt: {} },
    say('test/words/hours-opening-9'),
    { waitForPrompt: {} },
    { hangUp: true },
  ]);
  expect(repliesIn(report.prompts)).toEqual(['welcome menu', 'hours menu', 'hours menu', 'hours menu']);
});

it('hands over a caller who presses other keys or says other words', async () => {
  const keys = await call([...press('9'), ...press('8'), { expect: 'transfer' }]);
  const words = await call([
    { waitForPrompt: {} },
    say('test/words/other-elephant'),
    { waitForPrompt: {} },
    say('caller/invoice'),
    { expect: 'transfer' },
  ]);
  for (const report of [keys, words]) {
    expect(repliesIn(report.prompts)).toEqual(['welcome menu', 'not-understood', 'connect']);
    expect(report.terminal?.metadata).toEqual({ queue: 'general', summary: 'Chose nothing of the menu' });
  }
});

it('asks a silent caller twice, and says goodbye', async () => {
  const report = await call([{ expect: 'end', withinMs: 120_000 }]);
  expect(report.outcome).toBe('ended');
  expect(repliesIn(report.prompts)).toEqual(['welcome menu', 'menu', 'goodbye']);
});

it('is left with nothing when a caller hangs up in the middle of a prompt', async () => {
  await call([{ expect: 'prompt' }, { hangUp: true }]);
  await expect.poll(() => server.stats).toMatchObject({ sessions: 0, turns: 0, rpcs: 0 });
});
