// The server as a process of its own, for the demo.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

/** A running server. */
export interface ServerProcess {
  /** The first line that matches, waited for. */
  line(pattern: RegExp): Promise<string>;
  /** Asks it to end; gives its exit code. */
  end(): Promise<number | null>;
}

export function startServer(env: Readonly<Record<string, string>>): ServerProcess {
  const program = fileURLToPath(new URL('./server.ts', import.meta.url));
  const child: ChildProcess = spawn(process.execPath, ['--conditions=@byova/source', program], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  // A demo that fails leaves nothing running.
  process.once('exit', () => child.kill('SIGKILL'));
  const lines: string[] = [];
  const waiting = new Set<() => void>();
  if (child.stdout === null) throw new Error('no output');
  createInterface(child.stdout).on('line', (line) => {
    console.log(`            server: ${line}`);
    lines.push(line);
    for (const look of [...waiting]) look();
  });
  return {
    line: (pattern) =>
      new Promise((resolve, reject) => {
        const look = (): void => {
          const found = lines.find((line) => pattern.test(line));
          if (found === undefined) return;
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        child.once('exit', (code) => reject(new Error(`The server ended with ${code} before it printed ${pattern}.`)));
        look();
      }),
    end: async () => {
      child.kill('SIGTERM');
      const [code] = await once(child, 'exit');
      return code;
    },
  };
}
