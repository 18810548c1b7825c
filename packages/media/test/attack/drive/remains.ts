// What a server still holds when all that attackers had opened is over: it has to be nothing.
import type { AttackedServer } from '../server/attacked-server.ts';
import type { ServerFigures } from '../server/facts.ts';
import { closeLeftSockets } from './attacking-socket.ts';

/** How long a server may take to see that all has ended; an idle session ends after half a second. */
const SETTLE_MS = 15_000;

/** Between two looks, in ms. */
const LOOK_EVERY_MS = 20;

/** What a server holds that is counted. */
export type Held = ServerFigures['stats'];

/** What a server holds that was just started. */
export const NOTHING: Held = { sessions: 0, turns: 0, conversations: 0, rpcs: 0, connections: 0 };

/** Waits until a server holds no more than `allowed`, at most for so long; undefined when the server has ended. */
export async function settle(
  server: AttackedServer,
  allowed: Held,
  withinMs: number = SETTLE_MS,
): Promise<ServerFigures | undefined> {
  closeLeftSockets();
  const untilMs = performance.now() + withinMs;
  for (;;) {
    const figures = await server.figures();
    if (figures === undefined || describeRemains(figures, allowed) === undefined) return figures;
    if (performance.now() > untilMs) return figures;
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY_MS));
  }
}

/** Says what a server holds beyond `allowed`; undefined for nothing. */
export function describeRemains({ stats, started, ended }: ServerFigures, allowed: Held): string | undefined {
  const names = Object.keys(allowed) as (keyof Held)[];
  const more = names
    .filter((name) => stats[name] > allowed[name])
    .map((name) => `${name} ${stats[name] - allowed[name]}`);
  if (more.length === 0 && stats.sessions === 0 && started > ended)
    more.push(`calls without an end ${started - ended}`);
  return more.length === 0 ? undefined : more.join(', ');
}

/** Memory of JavaScript and of buffers. */
export function heldBytes({ heapBytes, externalBytes }: ServerFigures): number {
  return heapBytes + externalBytes;
}
