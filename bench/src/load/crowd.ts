// Many callers on one frame clock: each has its own instant within the 20 ms of a frame, so that frames leave evenly,
// as those of independent calls do. The clock is open-loop: a frame that is late is sent at once, never left out.
import type { ClientHttp2Session } from 'node:http2';
import { FRAME_MS } from '../audio.ts';
import { TURNS_PER_CALL } from '../utterance.ts';
import { type Call, createCall } from './call.ts';
import type { CallFrames } from './frames.ts';
import type { Recorder } from './recorder.ts';

/** The clock's step: frames that are due within it leave together. */
const TICK_MS = 1;

/** What a crowd needs. */
export interface CrowdOptions {
  readonly calls: number;
  /** Callers begin evenly spread over this time, in ms. */
  readonly rampMs: number;
  readonly decisionFrame: number;
  readonly idle: boolean;
  readonly stamped?: boolean;
  /** Callers are dealt out to these in turn. */
  readonly connections: readonly ClientHttp2Session[];
  /** What callers say who they are with; where nobody asks, nothing. */
  readonly authorization: string | undefined;
  readonly nextConversation: () => CallFrames;
  readonly recorder: Recorder;
}

/** Callers that run until they are dispersed. */
export interface Crowd {
  /** Resolves when every caller is in an audio RPC. */
  readonly underWay: Promise<void>;
  /** Every caller hangs up; resolves when all their RPCs are over. */
  disperse(): Promise<void>;
}

/** Starts a crowd. */
export function startCrowd(options: CrowdOptions): Crowd {
  const { calls, connections, recorder } = options;
  if (connections.length === 0) throw new Error('Connect before callers start.');
  const callers = Array.from({ length: calls }, (_, index): Call => {
    const connection = connections[index % connections.length];
    if (connection === undefined) throw new Error('Unreachable: the index is within the connections.');
    return createCall({ ...options, connection, firstTurns: 1 + (index % TURNS_PER_CALL) });
  });
  const beganAt = performance.now();
  const stepMs = FRAME_MS / calls;
  const rampStepMs = options.rampMs / calls;
  let step = 0;
  let timer = setTimeout(tick, TICK_MS);

  function tick(): void {
    const elapsedMs = performance.now() - beganAt;
    recorder.late(elapsedMs - step * stepMs);
    while (step * stepMs <= elapsedMs) {
      const index = step % calls;
      if (index * rampStepMs <= elapsedMs) callers[index]?.step();
      step++;
    }
    timer = setTimeout(tick, TICK_MS);
  }

  const underWay = Promise.all(callers.map((caller) => caller.underWay)).then(() => {
    // Idle callers have nothing more to send: their clock would only wake the process.
    if (options.idle) clearTimeout(timer);
  });

  return {
    underWay,
    async disperse() {
      clearTimeout(timer);
      await Promise.all(callers.map((caller) => caller.hangUp()));
    },
  };
}
