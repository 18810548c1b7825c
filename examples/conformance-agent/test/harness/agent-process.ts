// Starts the agent as a process of its own, as a partner would run it, and reads the facts that it tells.
import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

export type AudioMode = 'wav' | 'chunk';

/** A fact that the agent told. */
export type Fact = Readonly<Record<string, unknown>>;

/** A running agent. */
export interface AgentProcess {
  readonly port: number;
  readonly mode: AudioMode;
  readonly facts: Fact[];
  /** Waits for a fact, also one told before. */
  fact(matches: (fact: Fact) => boolean): Promise<Fact>;
  /** Sends a signal and waits for the end of the process; gives its exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
  kill(signal: NodeJS.Signals): void;
}

const DEADLINE_MS = 15_000;
const root = new URL('../../', import.meta.url);

/** Starts an agent on a free port; without a token's check unless `verify` says what to verify against. */
export async function startAgent(
  mode: AudioMode,
  verify: Readonly<Record<string, string>> = { BYOVA_VERIFY: 'off' },
): Promise<AgentProcess> {
  const child: ChildProcess = spawn(process.execPath, ['--expose-gc', '--conditions=@byova/source', 'agent.ts'], {
    cwd: root,
    env: { ...process.env, PORT: '0', AUDIO_MODE: mode, COUNT_TIMERS: '1', ...verify },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const facts: Fact[] = [];
  const waiting = new Set<() => void>();
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));

  const port = await new Promise<number>((resolve, reject) => {
    const { stdout } = child;
    if (stdout === null) return reject(new Error('the agent has no output'));
    createInterface({ input: stdout }).on('line', (line) => {
      const listening = /^listening on (\d+)$/.exec(line);
      if (listening !== null) resolve(Number(listening[1]));
      else if (line.startsWith('{')) {
        facts.push(JSON.parse(line));
        for (const look of waiting) look();
      }
    });
    child.once('exit', (code) => reject(new Error(`the agent ended with ${code} before it listened`)));
  });

  return {
    port,
    mode,
    facts,
    fact(matches) {
      return new Promise((resolve, reject) => {
        const timer = setTimeout(() => {
          waiting.delete(look);
          reject(new Error(`the agent did not tell it; it told ${JSON.stringify(facts.slice(-10))}`));
        }, DEADLINE_MS);
        const look = (): void => {
          const found = facts.find(matches);
          if (found === undefined) return;
          clearTimeout(timer);
          waiting.delete(look);
          resolve(found);
        };
        waiting.add(look);
        look();
      });
    },
    async stop(signal = 'SIGTERM') {
      child.kill(signal);
      return exited;
    },
    kill: (signal) => void child.kill(signal),
  };
}
