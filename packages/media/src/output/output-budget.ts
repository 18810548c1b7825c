// What a server may have queued for its callers and not yet on its sockets. Without a bound of its own, a client that reads
// slowly fills memory, and Node's HTTP/2 refuses new streams of the connection and then ends it.
import { ConnectionBudget } from './connection-budget.ts';
import { BYTES_PER_MS, type OutputShare, SLICE_BYTES } from './output-share.ts';

/** The bounds of a server's output. */
export interface OutputLimits {
  /** Audio of one reply that may wait for the socket, in ms. */
  readonly maxQueuedReplyMs: number;
  /** Bytes of all replies of one connection that may wait for it. */
  readonly maxQueuedBytesPerConnection: number;
  /** The same of all connections, with replies that are held until they are complete. */
  readonly maxQueuedBytes: number;
  /** A stream of which the socket takes nothing for so long, though it could, is reset, in ms; within a half more. */
  readonly stalledReplyTimeoutMs: number;
}

/** The part of the server's budget that one connection may take with replies that are held. */
export const HOLDING_SHARE: number = 1 / 4;

/** How often a share is looked at before its stream counts as stalled. */
const SWEEPS = 4;

/** What a reply is reckoned at before any was held: half a minute. */
const FIRST_REPLY_BYTES: number = 30_000 * BYTES_PER_MS;

/** One reply in so many decides what a reply usually comes to. */
const LEARNING = 8;

/** The budget of a server. Connections have parts of it, and RPCs parts of those. */
export class OutputBudget {
  readonly maxReplyBytes: number;
  readonly maxConnectionBytes: number;
  /** What one connection may take with replies that are held. */
  readonly maxHoldingBytes: number;
  readonly #maxBytes: number;
  readonly #stallMs: number;
  readonly #onStalled: (queuedBytes: number) => void;
  /** Bytes that are queued, held, or kept for a waiter that was woken. */
  takenBytes = 0;
  /** Bytes that were sent and that no socket has taken. */
  queuedBytes = 0;
  /** What a reply that is held until it is complete comes to, in bytes, as far as is known. */
  usualReplyBytes: number = FIRST_REPLY_BYTES;
  readonly #connections = new WeakMap<object, ConnectionBudget>();
  readonly #shares = new Set<OutputShare>();
  /** Connections whose next waiter needs room of the server, in the order in which they get it. */
  readonly #blocked = new Set<ConnectionBudget>();
  #sweeper: NodeJS.Timeout | undefined;
  /** The number of the next look at the shares. */
  sweep = 0;

  /** @param onStalled - called when a stream was reset that had stalled */
  constructor(limits: OutputLimits, onStalled: (queuedBytes: number) => void) {
    this.maxReplyBytes = Math.max(limits.maxQueuedReplyMs * BYTES_PER_MS, SLICE_BYTES);
    this.maxConnectionBytes = limits.maxQueuedBytesPerConnection;
    this.maxHoldingBytes = limits.maxQueuedBytes * HOLDING_SHARE;
    this.#maxBytes = limits.maxQueuedBytes;
    this.#stallMs = limits.stalledReplyTimeoutMs;
    this.#onStalled = onStalled;
  }

  /** Makes a budget that holds nothing back and watches nothing: for a transport in memory. */
  static unbounded(): OutputBudget {
    const infinite = Number.POSITIVE_INFINITY;
    const limits: OutputLimits = {
      maxQueuedReplyMs: infinite,
      maxQueuedBytesPerConnection: infinite,
      maxQueuedBytes: infinite,
      stalledReplyTimeoutMs: infinite,
    };
    return new OutputBudget(limits, () => {});
  }

  /** The budget of a connection, made at its first RPC. `connection`: the object that stands for it. */
  of(connection: object): ConnectionBudget {
    let budget = this.#connections.get(connection);
    if (budget === undefined) {
      budget = new ConnectionBudget(this);
      this.#connections.set(connection, budget);
    }
    return budget;
  }

  /** What may still be taken, in bytes. Negative where guarantees went beyond the bound. */
  get roomBytes(): number {
    return this.#maxBytes - this.takenBytes;
  }

  /** Notes what a reply came to that was held until it was complete. */
  learn(bytes: number): void {
    this.usualReplyBytes += Math.ceil((bytes - this.usualReplyBytes) / LEARNING);
  }

  /** The next waiter of a connection needs room of the server. */
  block(connection: ConnectionBudget): void {
    this.#blocked.add(connection);
  }

  /** Wakes waiters of connections in turn, as far as there is room. */
  wakeBlocked(): void {
    for (let left = this.#blocked.size; left > 0 && this.roomBytes > 0; left -= 1) {
      const [connection] = this.#blocked;
      if (connection === undefined) return;
      this.#blocked.delete(connection);
      // It goes to the end of the line when it needs more.
      if (!connection.wakeOwn()) return;
    }
  }

  /** Watches a share from now on. */
  opened(share: OutputShare): void {
    if (this.#stallMs === Number.POSITIVE_INFINITY) return;
    this.#shares.add(share);
    this.#sweeper ??= setInterval(() => this.#sweep(), this.#stallMs / SWEEPS).unref();
  }

  /** Watches it no more. */
  closed(share: OutputShare): void {
    this.#shares.delete(share);
    if (this.#shares.size > 0) return;
    clearInterval(this.#sweeper);
    this.#sweeper = undefined;
  }

  #sweep(): void {
    for (const share of this.#shares) {
      const { queuedBytes } = share;
      if (share.sweep(SWEEPS)) this.#onStalled(queuedBytes);
    }
    this.sweep += 1;
  }
}
