// Calls in which nothing happens, opened in lots: what each of them keeps of memory.
import { setTimeout as delay } from 'node:timers/promises';
import type { Remote } from '../ipc.ts';
import type { LoadCommands } from '../load/load-commands.ts';
import type { ServerCommands } from '../servers/server-commands.ts';
import { TURNS, type TurnName } from '../utterance.ts';

/** Calls are opened in so many lots, so that what the opening leaves behind is not all there at once. */
export const LOTS = 10;

/** Lots that do not count: they fill what the server's start left of its pages, and code is compiled for them. */
const FIRST_LOTS = 4;

/** Callers of a lot begin over this time, so that the load is no burst. */
const RAMP_MS = 500;

/** Time for the welcome's playback to end, so that only what stays is counted. */
const SETTLE_MS = 500;

/** With the shorter welcome, so that it has been heard when memory is looked at. */
const TURN: TurnName = 'hurried';

/**
 * Options of Node for a server whose memory is measured. V8's young generation grows in two or three steps, some ten megabytes
 * each, whenever a server has allocated enough: with Node's own options it is such a step that decides between servers, by falling
 * among the lots that are counted or before them.
 */
export const MEMORY_NODE_ARGS: readonly string[] = ['--max-semi-space-size=1'];

/** Memory in bytes: of one open call, or of a process. */
export interface CallMemory {
  readonly rssBytes: number;
  readonly heapBytes: number;
}

/** What opening calls did to a server. */
export interface IdleCalls {
  readonly perCall: CallMemory;
  /** The whole process, when all were open. */
  readonly inAll: CallMemory;
}

/** Opens calls on a server that the load is connected to, and divides the memory that all but the first lots add. */
export async function openIdleCalls(
  { server, load }: { readonly server: Remote<ServerCommands>; readonly load: Remote<LoadCommands> },
  calls: number,
): Promise<IdleCalls> {
  const { promptMs, turnFrames } = TURNS[TURN];
  const crowd = { turn: TURN, rampMs: RAMP_MS, decisionFrame: turnFrames, idle: true } as const;
  await server.call('answerWith', { promptMs });
  const openedBy = (lot: number) => Math.floor((calls * lot) / LOTS);
  const memories: CallMemory[] = [];
  for (let lot = 1; lot <= LOTS; lot += 1) {
    await load.call('start', { ...crowd, calls: openedBy(lot) - openedBy(lot - 1) });
    await delay(SETTLE_MS);
    memories.push(await server.call('memory', null));
  }
  const before = memories[FIRST_LOTS - 1];
  const inAll = memories.at(-1);
  if (before === undefined || inAll === undefined) throw new Error('Unreachable: there are more lots than that.');
  const counted = calls - openedBy(FIRST_LOTS);
  const perCall = {
    rssBytes: (inAll.rssBytes - before.rssBytes) / counted,
    heapBytes: (inAll.heapBytes - before.heapBytes) / counted,
  };
  return { perCall, inAll };
}
