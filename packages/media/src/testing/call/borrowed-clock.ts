// Puts a server on a virtual clock for as long as calls are dialled to it, and gives it its own back.
import type { InProcess } from '../../server/in-process.ts';
import type { Clock } from '../../session/clock.ts';
import { DialError } from '../dial-error.ts';
import { createRealPacer, createVirtualPacer, type PacedCall, type Pacer, type VirtualPacer } from '../time/pacer.ts';
import { createVirtualClock, type VirtualClock } from '../time/virtual-clock.ts';

/** The time of one call. */
export interface CallTime {
  readonly clock: Clock;
  readonly pacer: Pacer;
  /** The call is over: when it was the last one, the server goes by its own clock again. */
  release(): void;
}

interface Borrowed {
  readonly clock: VirtualClock;
  readonly pacer: VirtualPacer;
}

const borrowedBy = new WeakMap<InProcess, Borrowed>();

function giveBack(server: InProcess): void {
  const borrowed = borrowedBy.get(server);
  if (borrowed === undefined) return;
  borrowedBy.delete(server);
  server.onClosing = undefined;
  server.clock.use(server.ownClock);
  borrowed.clock.handOver(server.ownClock);
  borrowed.pacer.stop();
}

function borrow(server: InProcess): Borrowed {
  const clock = createVirtualClock();
  const borrowed = { clock, pacer: createVirtualPacer(clock) };
  server.clock.use(clock);
  // Closing waits by the server's clock, and nobody may be left to move a virtual one: the line of these calls breaks.
  server.onClosing = () => {
    for (const call of borrowed.pacer.calls) call.breakOff();
    giveBack(server);
  };
  borrowedBy.set(server, borrowed);
  return borrowed;
}

function obstacle(server: InProcess): string | undefined {
  if (borrowedBy.has(server)) return undefined;
  if (server.state() !== 'new') return 'it listens, and the calls that come in go by a real clock';
  const calls = server.registry.size;
  return calls > 0 ? `${calls} of its calls go by its own clock` : undefined;
}

/** Takes the time that a call goes by. Throws `CLOCK_UNAVAILABLE`. */
export function takeTime(server: InProcess, wanted: 'fake' | 'real' | undefined, call: PacedCall): CallTime {
  const because = obstacle(server);
  if (wanted === 'fake' && because !== undefined) {
    throw new DialError({
      code: 'CLOCK_UNAVAILABLE',
      message: `The server cannot be put on a fake clock: ${because}. Dial a server that does not listen, or give clock: 'real'.`,
    });
  }
  const borrowed = borrowedBy.get(server);
  if (wanted === 'real' || (wanted === undefined && because !== undefined)) {
    if (borrowed !== undefined) {
      throw new DialError({
        code: 'CLOCK_UNAVAILABLE',
        message: 'Another call to this server goes on, on a fake clock. End it first, or dial without clock: real.',
      });
    }
    const clock = server.ownClock;
    return { clock, pacer: createRealPacer(clock), release: () => {} };
  }
  const { clock, pacer } = borrowed ?? borrow(server);
  pacer.calls.add(call);
  return {
    clock,
    pacer,
    release() {
      pacer.calls.delete(call);
      if (pacer.calls.size === 0 && borrowedBy.get(server)?.clock === clock) giveBack(server);
    },
  };
}
