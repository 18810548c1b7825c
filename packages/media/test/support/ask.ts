// Asks one question on a core driven by hand, and keeps how it went.
import type { Session } from '../../src/index.ts';
import { prompt } from '../../src/index.ts';
import type { TestCore, TestRpc } from './core-harness.ts';

/** 100 ms of audio, each told from the others by its bytes. */
export const ASK = prompt.bytes(new Uint8Array(800).fill(1));
export const AGAIN = prompt.bytes(new Uint8Array(800).fill(2));
export const WRONG = prompt.bytes(new Uint8Array(800).fill(3));

/** How a question went. */
export interface Asked<T> {
  readonly value: T | undefined;
  readonly error: unknown;
  readonly done: boolean;
}

/** Runs `script` as the whole call, and keeps what it gives. */
export function ask<T>(core: TestCore, script: (session: Session) => Promise<T>): Asked<T> {
  const asked: { value: T | undefined; error: unknown; done: boolean } = {
    value: undefined,
    error: undefined,
    done: false,
  };
  core.on('session_start', async ({ session }) => {
    try {
      asked.value = await script(session);
    } catch (error) {
      asked.error = error;
      throw error;
    } finally {
      asked.done = true;
    }
  });
  core.say('session_start');
  return asked;
}

/** Which of the prompts above an RPC brought. */
export function heard(rpc: TestRpc): 'ask' | 'again' | 'wrong' | number | undefined {
  const byte = rpc.responses.find(({ type }) => type === 'chunk')?.prompts[0]?.audio[0];
  return byte === undefined ? undefined : (([undefined, 'ask', 'again', 'wrong'] as const)[byte] ?? byte);
}

/** What an RPC told the platform about the next input. */
export function told(rpc: TestRpc): NonNullable<TestRpc['responses'][number]['expectation']> | undefined {
  return rpc.responses.at(-1)?.expectation;
}
