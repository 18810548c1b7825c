// Many callers on one frame clock: each has its own instant within the 20 ms of a frame, so that frames leave evenly,
// as those of independent calls do. The clock is open-loop: a frame that is late is sent at once, never left out.
import { FRAME_MS } from '../audio.ts';
import { TURNS, TURNS_PER_CALL } from '../utterance.ts';
import { type Call, createCall } from './call.ts';
import type { LoadConnection } from './http2/connection.ts';
import type { CrowdRequest } from './load-commands.ts';
import { createMessages } from './messages.ts';
import type { Recorder } from './recorder.ts';

/** The clock's step where frames leave together: those that are due within it. */
const TICK_MS = 1;

/** Where they leave apart, a look at the clock that came so soon after the one before had nothing to do in between. */
const WAITING_MS = 0.02;

/** What a crowd needs. */
export interface CrowdOptions extends CrowdRequest {
  /** Callers are dealt out to these in turn. */
  readonly connections: readonly LoadConnection[];
  /** The id of a conversation that has not been. */
  readonly nextId: () => Buffer;
  readonly recorder: Recorder;
}

/** What became of idle callers that were woken. */
export interface Awakening {
  /** Those that got their reply and a good end. */
  readonly answered: number;
  /** The first failure of another; empty when there is none. */
  readonly firstFailure: string;
}

/** Callers that run until they are dispersed. */
export interface Crowd {
  /** Resolves when every caller is in an audio RPC. */
  readonly underWay: Promise<void>;
  /** Idle callers finish their turn and their conversation, so many at a time. */
  wake(atOnce: number): Promise<Awakening>;
  /** Every caller hangs up; resolves when all their RPCs are over. */
  disperse(): Promise<void>;
}

/** Starts a crowd. */
export function startCrowd(options: CrowdOptions): Crowd {
  const { calls, connections, recorder } = options;
  if (connections.length === 0) throw new Error('Connect before callers start.');
  const script = TURNS[options.turn];
  const messages = createMessages(script);
  const callers = Array.from({ length: calls }, (_, index): Call => {
    const connection = connections[index % connections.length];
    if (connection === undefined) throw new Error('Unreachable: the index is within the connections.');
    return createCall({ ...options, connection, script, messages, firstTurns: 1 + (index % TURNS_PER_CALL) });
  });
  const stepMs = FRAME_MS / calls;
  const rampStepMs = options.rampMs / calls;
  let beganAt = 0;
  let lookedAtMs = 0;
  let step = 0;
  let timer: NodeJS.Timeout | undefined;
  let immediate: NodeJS.Immediate | undefined;

  function tick(): void {
    const nowMs = performance.now();
    const elapsedMs = nowMs - beganAt;
    const lateMs = elapsedMs - step * stepMs;
    if (lateMs >= 0) recorder.late(lateMs);
    else if (nowMs - lookedAtMs < WAITING_MS) recorder.waited(nowMs - lookedAtMs);
    lookedAtMs = nowMs;
    while (step * stepMs <= elapsedMs) {
      const index = step % calls;
      if (index * rampStepMs <= elapsedMs) callers[index]?.step();
      step++;
    }
    wind();
  }

  function wind(): void {
    if (options.apart === true) immediate = setImmediate(tick);
    else timer = setTimeout(tick, TICK_MS);
  }

  function startClock(): void {
    beganAt = performance.now();
    step = 0;
    wind();
  }

  function stopClock(): void {
    clearTimeout(timer);
    clearImmediate(immediate);
  }

  startClock();
  const underWay = Promise.all(callers.map((caller) => caller.underWay)).then(() => {
    // Idle callers have nothing more to send: their clock would only wake the process.
    if (options.idle) stopClock();
  });

  return {
    underWay,
    async wake(atOnce) {
      startClock();
      const failures: string[] = [];
      const sleepers = callers.values();
      const wakeOneByOne = async () => {
        for (const caller of sleepers) {
          const failure = await caller.finish();
          if (failure !== '') failures.push(failure);
        }
      };
      await Promise.all(Array.from({ length: atOnce }, wakeOneByOne));
      stopClock();
      return { answered: calls - failures.length, firstFailure: failures[0] ?? '' };
    },
    async disperse() {
      stopClock();
      await Promise.all(callers.map((caller) => caller.hangUp()));
    },
  };
}
