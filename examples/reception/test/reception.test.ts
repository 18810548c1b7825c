// Each path through the reception, called by the simulator.
import { assertCallPassed, type CallReport, type CallStep, placeCall } from '@byova/simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createReception } from '../create-server.ts';

const server = createReception();
let target = '';
beforeAll(async () => {
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  target = `http://127.0.0.1:${port}`;
});
afterAll(() => server.close({ graceMs: 0 }));

const voice = (name: string): string => new URL(`../caller/${name}.wav`, import.meta.url).pathname;

async function call(...script: CallStep[]): Promise<CallReport> {
  const report = await placeCall({ target, organization: 'o1', pace: 'fast', script });
  assertCallPassed(report);
  return report;
}

it('takes an account number that the caller corrects', async () => {
  const report = await call(
    { expect: 'prompt' },
    { press: '1' },
    { expect: 'prompt' },
    { press: '1111#' },
    { expect: 'prompt' },
    { press: '2' },
    { expect: 'prompt' },
    { press: '4711#' },
    { expect: 'prompt' },
    { press: '1' },
    { expect: 'transfer', metadata: { queue: 'billing', account_ends_in: '11' } },
  );
  expect(JSON.stringify(report.terminal)).not.toContain('4711');
});

it('understands a word, and takes a message', async () => {
  const report = await call(
    { waitForPrompt: {} },
    { say: voice('support') },
    { expect: 'prompt' },
    { waitForPrompt: {} },
    { say: voice('invoice') },
    { expect: 'transfer', metadata: { queue: 'support' } },
  );
  expect(String(report.terminal?.metadata?.['summary'])).toMatch(/^Left a message of \d s$/);
});

it('reads out the hours and asks again', async () => {
  await call(
    { expect: 'prompt' },
    { press: '3' },
    { expect: 'prompt' },
    { press: '2' },
    { expect: 'prompt' },
    { hangUp: true },
  );
});

it('hands over a caller who presses other keys, and says goodbye to silence', async () => {
  const lost = await call(
    { expect: 'prompt' },
    { press: '9' },
    { expect: 'prompt' },
    { press: '8' },
    { expect: 'transfer' },
  );
  expect(lost.terminal?.metadata).toEqual({ queue: 'general' });
  await call({ expect: 'end', withinMs: 120_000 });
});
