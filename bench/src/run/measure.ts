// The measurements of a run, each against one server: a window under load, and memory per open call.
import { setTimeout as delay } from 'node:timers/promises';
import type { Remote } from '../ipc.ts';
import type { LoadCommands } from '../load/load-commands.ts';
import type { LoadWindow } from '../load/recorder.ts';
import type { ServerCommands } from '../servers/server-commands.ts';
import { TURNS, type TurnName } from '../utterance.ts';

/** Callers of {@link measureMemory} begin over this time, so that the load is no burst. */
const IDLE_RAMP_MS = 500;

/** Lots of idle calls that are not counted: they fill what the server's start left of its pages, and are compiled for. */
const FIRST_LOTS = 4;

/** Lots that are. */
const LOTS = 6;

/** With the shorter welcome, so that it has been heard when memory is looked at. */
const IDLE_TURN: TurnName = 'hurried';

/** Time for the welcome's playback to end, so that only what stays is counted. */
const IDLE_SETTLE_MS = 500;

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

/** Memory of one open call, in bytes. */
export interface CallMemory {
  readonly rssBytes: number;
  readonly heapBytes: number;
}

/**
 * Options of Node for a server whose memory is measured. V8's young generation grows in two or three steps, some ten megabytes
 * each, whenever a server has allocated enough: with Node's own options it is such a step that decides between servers, by falling
 * among the lots that are counted or before them.
 */
export const MEMORY_NODE_ARGS: readonly string[] = ['--max-semi-space-size=1'];

/** Opens idle calls in lots, and divides the memory that all but the first few add. */
export async function measureMemory(bench: Bench, calls: number): Promise<CallMemory> {
  const { server, load, port, connections, authorization, tls } = bench;
  const { promptMs, turnFrames } = TURNS[IDLE_TURN];
  const idle = { turn: IDLE_TURN, rampMs: IDLE_RAMP_MS, decisionFrame: turnFrames, idle: true };
  await server.call('answerWith', { promptMs });
  await load.call('connect', { port, connections, authorization, tls });
  const openLot = async () => {
    await load.call('start', { calls, ...idle });
    await delay(IDLE_SETTLE_MS);
    return await server.call('memory', null);
  };
  const openLots = async (lots: number) => {
    for (let lot = 1; lot < lots; lot += 1) await openLot();
    return await openLot();
  };
  const before = await openLots(FIRST_LOTS);
  const after = await openLots(LOTS);
  await load.call('disperse', null);
  await load.call('disconnect', null);
  return {
    rssBytes: (after.rssBytes - before.rssBytes) / (calls * LOTS),
    heapBytes: (after.heapBytes - before.heapBytes) / (calls * LOTS),
  };
}
