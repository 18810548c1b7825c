// RPCs whose client owes a message: the first one, or the rest of one that has begun. One timer looks after all of them, since
// a timer for each message would cost more than the message.
import type { LimitName } from '../../wire/limit-name.ts';

/** How often the RPCs are looked through: a deadline is late by at most so much. */
const TICK_MS = 1000;

/** An RPC that is looked after. */
export interface WatchedRpc {
  /** The tick at which it began to wait for its client; 0 while it does not. */
  readonly awaitedSince: number;
  /** Whether it waits for its first message. */
  readonly awaitsFirst: boolean;
  /** Ends it: its client sent nothing in time. */
  expire(limit: LimitName): void;
}

/** What a {@link MessageWatch} needs. */
export interface MessageWatchOptions {
  /** From the headers of an RPC to its first message, in ms. */
  readonly firstMessageMs: number;
  /** From the first byte of a message to its last, in ms. */
  readonly messageMs: number;
}

/** Ends RPCs whose clients do not send what they owe. */
export class MessageWatch {
  readonly #firstTicks: number;
  readonly #messageTicks: number;
  readonly #rpcs = new Set<WatchedRpc>();
  #timer: NodeJS.Timeout | undefined;
  /** A small whole number, so that an RPC notes it without an allocation. */
  #tick = 1;

  constructor({ firstMessageMs, messageMs }: MessageWatchOptions) {
    this.#firstTicks = Math.ceil(firstMessageMs / TICK_MS);
    this.#messageTicks = Math.ceil(messageMs / TICK_MS);
  }

  /** The tick of now. */
  get tick(): number {
    return this.#tick;
  }

  add(rpc: WatchedRpc): void {
    this.#rpcs.add(rpc);
    this.#timer ??= setInterval(this.#look, TICK_MS).unref();
  }

  delete(rpc: WatchedRpc): void {
    this.#rpcs.delete(rpc);
    if (this.#rpcs.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  readonly #look = (): void => {
    this.#tick += 1;
    for (const rpc of this.#rpcs) {
      const { awaitedSince, awaitsFirst } = rpc;
      if (awaitedSince === 0) continue;
      // The tick in which it began had begun before it: it counts from the next.
      if (this.#tick - awaitedSince <= (awaitsFirst ? this.#firstTicks : this.#messageTicks)) continue;
      rpc.expire(awaitsFirst ? 'firstMessageMs' : 'messageMs');
    }
  };
}
