// The measurements of a run, each against one server: a window under load, and memory per open call.
import { setTimeout as delay } from 'node:timers/promises';
import type { Remote } from '../ipc.ts';
import type { LoadCommands } from '../load/load-commands.ts';
import type { LoadWindow } from '../load/recorder.ts';
import type { ServerCommands } from '../servers/server-commands.ts';
import { TURNS, type TurnName } from '../utterance.ts';
import { type CallMemory, LOTS, openIdleCalls } from './idle-calls.ts';

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

/** Opens idle calls in lots of so many, and gives what one of them keeps. */
export async function measureMemory(bench: Bench, callsOfLot: number): Promise<CallMemory> {
  const { load, port, connections, authorization, tls } = bench;
  await load.call('connect', { port, connections, authorization, tls });
  const { perCall } = await openIdleCalls(bench, callsOfLot * LOTS);
  await load.call('disperse', null);
  await load.call('disconnect', null);
  return perCall;
}
