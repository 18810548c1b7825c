// The three measurements of a run, each against one server: which frame lets it know that a caller has finished, a window
// under load, and memory per open call.
import { setTimeout as delay } from 'node:timers/promises';
import type { Remote } from '../ipc.ts';
import type { LoadCommands } from '../load/load-commands.ts';
import type { LoadWindow } from '../load/recorder.ts';
import type { ServerCommands } from '../servers/server-commands.ts';
import { mode } from '../statistics.ts';
import { TURNS, type TurnName } from '../utterance.ts';

/** Callers of a calibration, spread over a frame; each needs one turn. */
const CALIBRATION_CALLS = 5;
/** Beyond a turn. */
const CALIBRATION_MS = 600;
const CALIBRATION_ATTEMPTS = 3;
const AGREEMENT = 0.8;

/** Callers of {@link measureMemory} begin over this time, so that the load is no burst. */
const IDLE_RAMP_MS = 500;

/** With the shorter welcome, so that it has been heard when memory is looked at. */
const IDLE_TURN: TurnName = 'hurried';

/** Time for the welcome's playback to end, so that only what stays is counted. */
const IDLE_SETTLE_MS = 1000;

/** A server to be measured and the load beside it. */
export interface Bench {
  readonly server: Remote<ServerCommands>;
  readonly load: Remote<LoadCommands>;
  readonly port: number;
  /** What the server's callers say who they are with. */
  readonly authorization: string;
  readonly connections: number;
  /** Whether the server speaks TLS. */
  readonly tls: boolean;
}

/** A window under load. */
export interface LoadedWindow extends LoadWindow {
  /** CPU time of the server's process over the caller frames that it counted, in µs. */
  readonly cpuMicrosPerFrame: number;
  /** The server's CPU time as a share of one core. */
  readonly serverCpuShare: number;
  /** Frames that the server counted over those that the load sent. */
  readonly deliveredShare: number;
}

/** What callers do in a window. */
export interface WindowRequest {
  readonly calls: number;
  readonly turn: TurnName;
  /** Callers begin over this time. Over one turn, their utterances end evenly spread, as those of independent calls do. */
  readonly rampMs: number;
  /** After the last caller has begun, before anything is measured. */
  readonly settleMs: number;
  readonly ms: number;
  readonly decisionFrame: number;
  /** Whether each frame leaves at its own instant. Default: those of a millisecond together. */
  readonly apart?: boolean;
}

/** Runs callers for a while and measures once all of them talk. */
export async function measureWindow(bench: Bench, request: WindowRequest): Promise<LoadedWindow> {
  const { server, load, port, connections, authorization, tls } = bench;
  const { calls, turn, rampMs, decisionFrame, apart = false } = request;
  await server.call('answerWith', { promptMs: TURNS[turn].promptMs });
  await load.call('connect', { port, connections, authorization, tls });
  await load.call('start', { calls, turn, rampMs, decisionFrame, apart, idle: false });
  await delay(request.settleMs);
  const [before] = await Promise.all([server.call('usage', null), load.call('begin', null)]);
  await delay(request.ms);
  const [after, window] = await Promise.all([server.call('usage', null), load.call('end', null)]);
  await load.call('disperse', null);
  await load.call('disconnect', null);
  const cpuMicros = after.cpuMicros - before.cpuMicros;
  const frames = after.framesReceived - before.framesReceived;
  return {
    ...window,
    cpuMicrosPerFrame: cpuMicros / frames,
    serverCpuShare: cpuMicros / 1e6 / window.seconds,
    deliveredShare: frames / window.framesSent,
  };
}

/**
 * Lets the server's code be compiled before anything counts: with hurried turns, since it is the code of turns that takes
 * long to be.
 */
export async function warmUp(bench: Bench, calls: number, ms: number): Promise<void> {
  const { turnMs, turnFrames } = TURNS.hurried;
  const request = { turn: 'hurried', rampMs: turnMs, settleMs: 0, decisionFrame: turnFrames } as const;
  await measureWindow(bench, { ...request, calls, ms });
}

/** What {@link findDecisionFrame} found. */
export interface DecisionFrame {
  readonly frame: number;
  /** Whether nearly all callers agree. They do, unless the machine was held up while they called. */
  readonly certain: boolean;
}

/**
 * Finds the frame of a turn on which this server knows that the caller has finished: with few callers and frames 20 ms
 * apart, it is the last frame that was sent before the server first showed that it knew.
 */
export async function findDecisionFrame(bench: Bench, turn: TurnName): Promise<DecisionFrame> {
  const lastFrames: number[] = [];
  let failure = '';
  for (let attempt = 1; attempt <= CALIBRATION_ATTEMPTS; attempt++) {
    const window = await measureWindow(bench, {
      calls: CALIBRATION_CALLS,
      turn,
      rampMs: 0,
      settleMs: 0,
      ms: TURNS[turn].turnMs + CALIBRATION_MS,
      decisionFrame: TURNS[turn].turnFrames - 1,
    });
    lastFrames.push(...window.lastFrames);
    failure = window.firstFailure;
    const found = mode(window.lastFrames);
    if (found !== undefined && found.share >= AGREEMENT) return { frame: found.value, certain: true };
  }
  if (lastFrames.length === 0) throw new Error(`No caller got a reply. ${failure}`);
  // A machine that holds up a sign lets more frames be sent before it, never fewer.
  return { frame: Math.min(...lastFrames), certain: false };
}

/** Memory of one open call, in bytes. */
export interface CallMemory {
  readonly rssBytes: number;
  readonly heapBytes: number;
}

/**
 * Opens idle calls twice and divides the memory that the second lot adds: what grows once, such as V8's young
 * generation, has grown with the first.
 */
export async function measureMemory(bench: Bench, calls: number): Promise<CallMemory> {
  const { server, load, port, connections, authorization, tls } = bench;
  const { promptMs, turnFrames } = TURNS[IDLE_TURN];
  const idle = { turn: IDLE_TURN, rampMs: IDLE_RAMP_MS, decisionFrame: turnFrames, idle: true };
  await server.call('answerWith', { promptMs });
  await load.call('connect', { port, connections, authorization, tls });
  await load.call('start', { calls, ...idle });
  await delay(IDLE_SETTLE_MS);
  const before = await server.call('memory', null);
  await load.call('start', { calls, ...idle });
  await delay(IDLE_SETTLE_MS);
  const after = await server.call('memory', null);
  await load.call('disperse', null);
  await load.call('disconnect', null);
  return {
    rssBytes: (after.rssBytes - before.rssBytes) / calls,
    heapBytes: (after.heapBytes - before.heapBytes) / calls,
  };
}
