// Agents for the cases that need one of their own: a long welcome, odd chunk sizes, failures, and a slow reply.
import { setTimeout as sleep } from 'node:timers/promises';
import { CallAbortedError } from '@byova/media';
import type { AgentHandlers } from './demo.ts';
import { tell } from './tell.ts';

/** Bytes of mu-law in a second. */
const SECOND = 8000;

async function* seconds(count: number, signal: AbortSignal, everyMs: number): AsyncGenerator<Uint8Array> {
  for (let second = 0; second < count && !signal.aborted; second += 1) {
    yield new Uint8Array(SECOND).fill(0x20 + second);
    await sleep(everyMs, undefined, { signal }).catch(() => {});
  }
}

export const special: Readonly<Record<string, Partial<AgentHandlers>>> = {
  /** C11: eight seconds of welcome, made while they are sent. */
  'long-welcome': { start: ({ session }) => session.play(({ signal }) => seconds(8, signal, 400)) },

  /** C19: a reply that takes long to make, and tells when it was stopped. */
  'slow-stream': {
    utterance: ({ session }) =>
      session.play(({ signal }) => {
        signal.addEventListener('abort', () => {
          const reason = signal.reason instanceof CallAbortedError ? signal.reason.reason : 'unknown';
          tell({ aborted: reason, atMs: Date.now() });
        });
        return seconds(20, signal, 300);
      }),
  },

  /** C26: pieces of 40, 70 000 and 60 bytes. */
  'odd-chunks': {
    start: ({ session }) =>
      session.play([new Uint8Array(40).fill(0x11), new Uint8Array(70_000).fill(0x22), new Uint8Array(60).fill(0x33)]),
  },

  /** C27: a handler that throws, and one that never returns. */
  throws: {
    digits: () => {
      throw new Error('secret detail of the inside');
    },
  },
  hangs: { digits: () => new Promise(() => {}) },
};
