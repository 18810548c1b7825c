// Responses between the core, which pushes, and the RPC, which pulls as fast as its socket takes them. The producer of
// audio is told to wait while too much is queued.

import type { RpcFailure, RpcOutput } from '../wire/port.ts';
import type { AgentResponse } from '../wire/response.ts';
import { statusError } from './status.ts';

/** Audio that may be queued before the producer waits: half a minute, or what a fast client takes in a blink. */
export const HIGH_WATER_BYTES = 262_144;

/** Both ends of the responses of one RPC. */
export interface ResponseQueue {
  readonly output: RpcOutput;
  /** What was sent, in order; ends when the RPC is completed, throws its status when it failed. */
  responses(): AsyncGenerator<AgentResponse>;
  /** The RPC is gone: what is queued is dropped, nobody waits any more. */
  close(): void;
}

function audioBytes(response: AgentResponse): number {
  let bytes = 0;
  for (const { audio } of response.prompts) bytes += audio.length;
  return bytes;
}

/** Makes the queue of one RPC. `check` throws for a response that could not be written: `send` does, too. */
export function createResponseQueue(check: (response: AgentResponse) => void): ResponseQueue {
  const queue: AgentResponse[] = [];
  const drainers: (() => void)[] = [];
  let queuedBytes = 0;
  let over = false;
  let failure: { readonly code: RpcFailure; readonly message: string } | undefined;
  let wake: (() => void) | undefined;

  const wakeDrainers = (): void => {
    for (const resolve of drainers.splice(0)) resolve();
  };
  const end = (): void => {
    over = true;
    wakeDrainers();
    wake?.();
  };

  return {
    output: {
      send(response) {
        if (over) return;
        check(response);
        queue.push(response);
        queuedBytes += audioBytes(response);
        wake?.();
      },
      get queuedBytes() {
        return queuedBytes;
      },
      drained() {
        if (over || queuedBytes <= HIGH_WATER_BYTES) return undefined;
        return new Promise((resolve) => drainers.push(resolve));
      },
      complete: end,
      fail(code, message) {
        if (over) return;
        failure = { code, message };
        end();
      },
    },
    async *responses() {
      for (;;) {
        const next = queue.shift();
        if (next !== undefined) {
          yield next;
          queuedBytes -= audioBytes(next);
          if (queuedBytes <= HIGH_WATER_BYTES) wakeDrainers();
        } else if (over) {
          if (failure !== undefined) throw statusError(failure.code, failure.message);
          return;
        } else {
          await new Promise<void>((resolve) => {
            wake = resolve;
          });
          wake = undefined;
        }
      }
    },
    close() {
      queue.length = 0;
      queuedBytes = 0;
      end();
    },
  };
}
