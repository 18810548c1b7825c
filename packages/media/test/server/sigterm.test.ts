// A process that is told to go while it holds fifty calls: they finish, new ones are refused, and it ends by itself.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { type CallStep, placeCall } from '@byova/simulator';
import { expect, it, onTestFinished } from 'vitest';

const PROGRAM = fileURLToPath(new URL('./draining-agent.ts', import.meta.url));
const CALLS = 50;

interface Program {
  readonly child: ChildProcessByStdio<null, Readable, null>;
  readonly port: string;
  /** Waits for a line of its output that begins so; gives the rest of it. */
  line(begin: string): Promise<string>;
}

async function start(graceMs: number): Promise<Program> {
  const child = spawn(process.execPath, ['--conditions=@byova/source', PROGRAM], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, GRACE_MS: String(graceMs) },
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  const lines = createInterface({ input: child.stdout });
  const line = (begin: string): Promise<string> =>
    new Promise((resolve) => {
      const look = (text: string): void => {
        if (!text.startsWith(begin)) return;
        lines.off('line', look);
        resolve(text.slice(begin.length));
      };
      lines.on('line', look);
    });
  return { child, port: await line('listening on '), line };
}

function call(port: string, name: string, script: readonly CallStep[]) {
  const target = `http://127.0.0.1:${port}`;
  return placeCall({ target, organization: 'o1', conversationId: name, pace: 'real_time', script });
}

it('finishes the scripts of fifty calls, takes no new one, and exits with 0', async () => {
  const { child, port, line } = await start(60_000);
  const keys = ['1', '2', '3', '4', '5', '9'];
  const script = [
    ...keys.flatMap((key): CallStep[] => [{ waitForPrompt: {} }, { press: key }]),
    { expect: 'transfer' },
  ];
  const calls = Array.from({ length: CALLS }, (_, n) => call(port, `c${n}`, script as CallStep[]));
  await line('fifty calls');
  const exited = once(child, 'exit');
  const draining = line('draining');
  child.kill('SIGTERM');
  await draining;

  const late = await call(port, 'late', [{ expect: 'prompt' }]);
  expect(late.failure?.message).toContain('UNAVAILABLE');
  for (const report of await Promise.all(calls)) {
    expect(report.outcome, report.failure?.message).toBe('transferred');
    expect(report.terminal?.metadata).toEqual({ keys: '123459' });
    expect(report.violations).toEqual([]);
  }
  expect(await exited).toEqual([0, null]);
});

it('hands over those that are left at a short deadline, and exits with 0', async () => {
  const { child, port, line } = await start(300);
  const script: readonly CallStep[] = [{ expect: 'transfer', name: 'server_draining', withinMs: 20_000 }];
  const calls = Array.from({ length: CALLS }, (_, n) => call(port, `c${n}`, script));
  await line('fifty calls');
  const exited = once(child, 'exit');
  const draining = line('draining');
  child.kill('SIGTERM');
  await draining;
  for (const report of await Promise.all(calls)) expect(report.outcome, report.failure?.message).toBe('transferred');
  expect(await exited).toEqual([0, null]);
});
