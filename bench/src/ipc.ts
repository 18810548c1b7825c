// Commands to a child process over Node's IPC channel, with types: a table names each command's argument and result.
import type { ChildProcess } from 'node:child_process';

const ANSWER_MS = 120_000;

/** The commands of one kind of child: name to argument and result. All of it must survive JSON. */
export type CommandTable<T> = { readonly [K in keyof T]: { readonly argument: unknown; readonly result: unknown } };

/** The child's side: one function per command. */
export type CommandHandlers<T extends CommandTable<T>> = {
  readonly [K in keyof T]: (argument: T[K]['argument']) => T[K]['result'] | Promise<T[K]['result']>;
};

interface Command {
  readonly id: number;
  readonly name: string;
  readonly argument: unknown;
}

interface Answer {
  readonly id: number;
  readonly result?: unknown;
  readonly failure?: string;
}

/** The parent's side of a child that answers commands. */
export interface Remote<T extends CommandTable<T>> {
  /** Asks and waits; rejects when the command fails, the child ends or the answer takes longer than two minutes. */
  call<K extends keyof T & string>(name: K, argument: T[K]['argument']): Promise<T[K]['result']>;
  /** Closes the channel, on which the child ends by itself, and waits for that. */
  close(): Promise<void>;
}

/** Answers the parent's commands until it closes the channel; then runs `onClose` and lets the process end. */
export function serveCommands<T extends CommandTable<T>>(handlers: CommandHandlers<T>, onClose: () => void): void {
  const table = handlers as Readonly<Record<string, (argument: unknown) => unknown>>;
  process.on('message', async ({ id, name, argument }: Command) => {
    let answer: Answer;
    try {
      answer = { id, result: await table[name]?.(argument) };
    } catch (error) {
      answer = { id, failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    }
    if (process.connected) process.send?.(answer);
  });
  process.on('disconnect', onClose);
}

/** Talks to a child that runs {@link serveCommands}. `label` names the child in errors. */
export function connectCommands<T extends CommandTable<T>>(child: ChildProcess, label: string): Remote<T> {
  const waiting = new Map<number, PromiseWithResolvers<unknown>>();
  const ended = Promise.withResolvers<void>();
  let lastId = 0;

  child.on('message', ({ id, result, failure }: Answer) => {
    const waiter = waiting.get(id);
    waiting.delete(id);
    if (failure === undefined) waiter?.resolve(result);
    else waiter?.reject(new Error(`${label}: ${failure}`));
  });
  child.on('exit', (code, signal) => {
    const error = new Error(
      `${label} ended (${signal ?? `exit code ${code}`}) before it answered; see its output above.`,
    );
    for (const waiter of waiting.values()) waiter.reject(error);
    waiting.clear();
    ended.resolve();
  });

  return {
    async call<K extends keyof T & string>(name: K, argument: T[K]['argument']): Promise<T[K]['result']> {
      if (!child.connected) throw new Error(`${label} has ended; "${name}" cannot be asked.`);
      const id = ++lastId;
      const waiter = Promise.withResolvers<T[K]['result']>();
      waiting.set(id, waiter as PromiseWithResolvers<unknown>);
      const timer = setTimeout(() => waiter.reject(new Error(`${label} did not answer "${name}" in time.`)), ANSWER_MS);
      child.send({ id, name, argument } satisfies Command);
      try {
        return await waiter.promise;
      } finally {
        clearTimeout(timer);
        waiting.delete(id);
      }
    },
    async close() {
      if (child.connected) child.disconnect();
      await ended.promise;
    },
  };
}
