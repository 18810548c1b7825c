// The partner's program as a process of its own, for the demo.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A running partner. */
export interface Partner {
  /** Everything it printed. */
  readonly lines: readonly string[];
  /** The first line that matches, waited for. */
  line(pattern: RegExp): Promise<string>;
  /** Its customers, and whether their tokens work. */
  customers(): Promise<unknown>;
  /** Kills it in the middle of whatever it does. */
  kill(): Promise<void>;
  /** Asks it to end. */
  end(): Promise<number | null>;
}

export function startPartner(port: number, env: Readonly<Record<string, string>>): Partner {
  const child: ChildProcess = spawn(
    process.execPath,
    ['--conditions=@byova/source', fileURLToPath(new URL('./partner.ts', import.meta.url))],
    { env: { ...process.env, ...env, PORT: String(port) }, stdio: ['ignore', 'pipe', 'inherit'] },
  );
  // A demo that fails leaves nothing running.
  process.once('exit', () => child.kill('SIGKILL'));
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  if (child.stdout === null) throw new Error('no output');
  createInterface(child.stdout).on('line', (line) => {
    console.log(`            partner: ${line}`);
    lines.push(line);
    for (const look of [...waiting]) look();
  });
  return {
    lines,
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find((line) => pattern.test(line));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        child.once('exit', (code) => reject(new Error(`The partner ended with ${code} before it printed ${pattern}.`)));
        look();
      }),
    customers: async () => (await fetch(`http://127.0.0.1:${port}/customers`)).json(),
    kill: async () => {
      child.kill('SIGKILL');
      await once(child, 'exit');
    },
    end: async () => {
      child.kill('SIGTERM');
      const [code] = await once(child, 'exit');
      return code;
    },
  };
}
