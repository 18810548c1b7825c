// Servers that the tests start by themselves, from Debian's packages, on a free port and in a folder that goes with them.
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer } from 'node:net';

/** A server that was started for a test. */
export interface LocalServer {
  readonly url: string;
  stop(): Promise<void>;
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** The first of the programs that is installed. */
export function findProgram(paths: readonly string[], debianPackage: string): string {
  const found = paths.find((path) => existsSync(path));
  if (found === undefined) {
    throw new Error(`Not installed: ${paths.join(' or ')}. Install it: apt-get install ${debianPackage}`);
  }
  return found;
}

/** Asks until it answers. */
export async function until(ready: () => Promise<boolean>, process: ChildProcess, what: string): Promise<void> {
  for (let tries = 0; tries < 400; tries += 1) {
    if (process.exitCode !== null) throw new Error(`${what} ended with ${process.exitCode} before it answered.`);
    if (await ready().catch(() => false)) return;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  throw new Error(`${what} did not answer.`);
}
