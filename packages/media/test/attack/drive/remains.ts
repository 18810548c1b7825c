// What a server still holds when all that attackers had opened is over: it has to be nothing.
import type { AttackedServer } from '../server/attacked-server.ts';
import type { ServerFigures } from '../server/facts.ts';
import { closeLeftSockets } from './attacking-socket.ts';

/** How long a server may take to see that all has ended; an idle session ends after half a second. */
const SETTLE_MS = 15_000;

/** Between two looks, in ms. */
const LOOK_EVERY_MS = 20;

/** What a server holds that is counted. */
export type Held = ServerFigures['stats'] & {
  /** Calls that began, and whose `session_end` has not been emitted though their session is gone. */
  readonly callsWithoutEnd: number;
};

/** What a server holds that was just started. */
export const NOTHING: Held = {
  sessions: 0,
  turns: 0,
  conversations: 0,
  rpcs: 0,
  connections: 0,
  callsWithoutEnd: 0,
};

/** What a server holds by its figures. */
export function heldOf({ stats, started, ended }: ServerFigures): Held {
  return { ...stats, callsWithoutEnd: Math.max(0, started - ended - stats.sessions) };
}

/** Waits until a server holds no more than `allowed`, at most for so long; undefined when the server has ended. */
export async function settle(
  server: AttackedServer,
  allowed: Held,
  withinMs: number = SETTLE_MS,
): Promise<Held | undefined> {
  closeLeftSockets();
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const figures = await server.figures();
    if (figures === undefined) return undefined;
    const held = heldOf(figures);
    if (describeRemains(held, allowed) === undefined || performance.now() > untilMs) return held;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Says what a server holds beyond `allowed`; undefined for nothing. */
export function describeRemains(held: Held, allowed: Held): string | undefined {
  const names = Object.keys(allowed) as (keyof Held)[];
  const more = names.filter((name) => held[name] > allowed[name]);
  return more.length === 0 ? undefined : more.map((name) => `${name} ${held[name] - allowed[name]}`).join(', ');
}

/** Memory of JavaScript and of buffers. */
export function heldBytes({ heapBytes, externalBytes }: ServerFigures): number {
  return heapBytes + externalBytes;
}
