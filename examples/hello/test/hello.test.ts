// The program as a partner runs it: a process of its own, called by the simulator.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { decodeMulaw, readWav } from '@byova/media/audio';
import { assertCallPassed, type CallReport, type CallStep, placeCall } from '@byova/simulator';
import { afterAll, beforeAll, expect, it } from 'vitest';

const program = spawn(process.execPath, ['--conditions=@byova/source', 'agent.ts'], {
  cwd: new URL('../', import.meta.url),
  env: { ...process.env, PORT: '0', BYOVA_VERIFY: 'off' },
  stdio: ['ignore', 'pipe', 'inherit'],
});
let target = '';

beforeAll(async () => {
  const [line] = await Promise.race([
    once(program.stdout, 'data'),
    once(program, 'exit').then(([code]) =>
      Promise.reject(new Error(`The program ended with ${code} before it listened.`)),
    ),
  ]);
  target = `http://127.0.0.1:${/^listening on (\d+)$/m.exec(String(line))?.[1]}`;
});
afterAll(async () => {
  const ended = once(program, 'exit');
  program.kill();
  await ended;
});

async function call(pace: 'fast' | 'real_time', ...script: CallStep[]): Promise<CallReport> {
  const report = await placeCall({ target, organization: 'o1', pace, script });
  assertCallPassed(report);
  return report;
}

const words = fileURLToPath(new URL('../../reception/caller/invoice.wav', import.meta.url));

/** From one ms to another, as bytes, to look for in other audio. */
function piece(samples: Int16Array, fromMs = 0, toMs = samples.length / 8): Buffer {
  return Buffer.from(samples.slice(fromMs * 8, toMs * 8).buffer);
}

it('says back what it heard, and hands over on a key', async () => {
  const { prompts, outcome } = await call(
    'real_time',
    { waitForPrompt: {} },
    { say: words },
    { expect: 'prompt', withinMs: 3000 },
    { wait: 500 },
    { press: '0' },
    { expect: 'transfer' },
  );
  expect(outcome).toBe('transferred');
  const [welcome, echo] = prompts;
  expect(welcome).toMatchObject({ interruptible: false, heardMs: welcome?.durationMs });
  expect(echo).toMatchObject({ interruptible: true, cutBy: 'key' });
  const said = decodeMulaw(readWav(readFileSync(words)).data);
  expect(echo && piece(echo.samples).includes(piece(said, 1000, 3000))).toBe(true);
});

it('asks a silent caller whether anyone is there, and says goodbye', async () => {
  const { prompts, outcome } = await call('fast', { expect: 'end', withinMs: 60_000 });
  expect(outcome).toBe('ended');
  const file = (name: string): Int16Array =>
    decodeMulaw(readWav(readFileSync(new URL(`../prompts/${name}.wav`, import.meta.url))).data);
  for (const [index, name] of ['welcome', 'still-there', 'goodbye'].entries()) {
    const heard = prompts[index];
    expect(heard && piece(heard.samples).includes(piece(file(name))), name).toBe(true);
  }
});
