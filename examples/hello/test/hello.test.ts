// The program as a partner runs it: a process of its own, called by the simulator.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { assertCallPassed, placeCall } from '@byova/simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';

const root = new URL('../', import.meta.url);
const program = spawn(process.execPath, ['--conditions=@byova/source', 'agent.ts'], {
  cwd: root,
  env: { ...process.env, PORT: '0' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
let target = '';

beforeAll(async () => {
  const [line] = await once(program.stdout, 'data');
  target = `http://127.0.0.1:${/listening on (\d+)/.exec(String(line))?.[1]}`;
});
afterAll(() => program.kill());

const words = new URL('../../reception/caller/invoice.wav', import.meta.url).pathname;

it('says back what it heard, and hands over on a key', async () => {
  const report = await placeCall({
    target,
    organization: 'o1',
    pace: 'real_time',
    script: [
      { waitForPrompt: {} },
      { say: words },
      { expect: 'prompt', withinMs: 3000 },
      { press: '1' },
      { expect: 'transfer' },
    ],
  });
  assertCallPassed(report);
  expect(report.outcome).toBe('transferred');
});

it('says goodbye to silence', async () => {
  const report = await placeCall({
    target,
    organization: 'o1',
    pace: 'fast',
    script: [{ expect: 'end', withinMs: 60_000 }],
  });
  assertCallPassed(report);
});
