// What the RPCs of one connection may have queued and held together, and the line of those that wait for room.
import type { OutputBudget } from './output-budget.ts';
import { type OutputOwner, OutputShare, SLICE_BYTES } from './output-share.ts';

/** Gives each its turn, until there is no room. True when all had theirs. */
function wakeInOrder(line: ReadonlySet<OutputShare>): boolean {
  if (line.size > 0) for (const share of line) if (!share.takeTurn()) return false;
  return true;
}

/** The budget of one connection: a part of its server's. A client that does not read uses up its own and no other's. */
export class ConnectionBudget {
  /** The bounds, which all connections of a server share. */
  readonly limits: OutputBudget;
  /** Bytes that are queued, held, or kept for a waiter that was woken. */
  takenBytes = 0;
  #queuedBytes = 0;
  #grantedBytes = 0;
  /** What shares have queued of which the socket took nothing between the last two sweeps. */
  #idleBytes = 0;
  /** The sweep before which the socket took something last. */
  #movedInSweep = -1;
  /** The sweep before which nothing was queued but idle bytes. */
  #ranDryInSweep = -1;
  /** Waiters, in order. */
  readonly #line = new Set<OutputShare>();
  /** Waiters to begin a reply that is held. They come after those that have begun, which would else wait for each other. */
  readonly #beginners = new Set<OutputShare>();
  /** The reply that is completed beyond the bound. */
  #chosen: OutputShare | undefined;

  constructor(limits: OutputBudget) {
    this.limits = limits;
  }

  /** Opens the share of an RPC. */
  open(owner: OutputOwner): OutputShare {
    const share = new OutputShare(this, owner);
    this.limits.opened(share);
    return share;
  }

  /** The stream of a share is gone. */
  close(share: OutputShare): void {
    this.limits.closed(share);
  }

  /** Bytes that may be sent now. Negative where guarantees went beyond the bound. */
  get roomToSend(): number {
    const { maxConnectionBytes, roomBytes } = this.limits;
    return Math.min(maxConnectionBytes - this.#queuedBytes - this.#grantedBytes, roomBytes);
  }

  /** Bytes that may be held now until their replies are complete. */
  get roomToHold(): number {
    const { maxHoldingBytes, roomBytes } = this.limits;
    return Math.min(maxHoldingBytes - this.takenBytes, roomBytes);
  }

  /** Whether a share may take of what is left: when it is its turn, and when no other waits. */
  isFree(inTurn: boolean): boolean {
    return inTurn || this.#line.size === 0;
  }

  /**
   * Whether a reply that is held may begin: not while the client is behind with those before. On a connection without any other
   * it always may.
   */
  mayBegin(inTurn: boolean): boolean {
    if (this.takenBytes === 0) return true;
    const { maxConnectionBytes, usualReplyBytes } = this.limits;
    const isFirst = inTurn || this.#line.size + this.#beginners.size === 0;
    return isFirst && this.#queuedBytes <= maxConnectionBytes && this.roomToHold >= usualReplyBytes;
  }

  /**
   * Whether a reply is completed beyond the bound. One of a connection is when nothing is on its way out: all that is taken is
   * then held by replies that wait for each other.
   */
  chooses(share: OutputShare): boolean {
    if (this.#chosen === undefined && this.#queuedBytes === 0) this.#chosen = share;
    return this.#chosen === share;
  }

  /** A reply is held no more. `bytes` is what it came to. */
  finish(share: OutputShare, bytes: number): void {
    if (this.#chosen === share) this.#chosen = undefined;
    if (bytes > 0) this.limits.learn(bytes);
    this.wake();
  }

  /** Counts bytes that were queued, or taken by the socket. */
  queue(change: number): void {
    this.#queuedBytes += change;
    this.limits.queuedBytes += change;
    this.take(change);
    if (change > 0) return;
    this.#movedInSweep = this.limits.sweep;
    if (this.#queuedBytes <= this.#idleBytes) this.#ranDryInSweep = this.limits.sweep;
  }

  /** Counts bytes that do not move. */
  countIdle(change: number): void {
    this.#idleBytes += change;
  }

  /**
   * Whether bytes that did not move before this sweep could have: nothing of the connection did, or all else had gone out. HTTP/2
   * serves streams in the order of their ids (RFC 9218, 10), so on a busy connection one may wait as long as it takes to serve
   * those before it.
   */
  get hadRoomForIdle(): boolean {
    const { sweep } = this.limits;
    return this.#movedInSweep !== sweep || this.#ranDryInSweep === sweep;
  }

  /** Counts bytes that are kept for waiters. */
  grant(change: number): void {
    this.#grantedBytes += change;
    this.take(change);
  }

  /** Counts bytes that are held. */
  take(change: number): void {
    this.takenBytes += change;
    this.limits.takenBytes += change;
  }

  /** Lets a share wait in line; where it is in line, it keeps its place. */
  join(share: OutputShare): void {
    (share.waitsToBegin ? this.#beginners : this.#line).add(share);
    // Another connection may have to give back what it waits for.
    if (this.limits.roomBytes < this.limits.usualReplyBytes) this.limits.block(this);
  }

  /** A share waits no more. */
  leave(share: OutputShare): void {
    this.#line.delete(share);
    this.#beginners.delete(share);
  }

  /** Wakes those for which there is room now, here and on other connections of the server. To be called when bytes were given back. */
  wake(): void {
    this.wakeOwn();
    this.limits.wakeBlocked();
  }

  /** Wakes those on this connection, in order. False when the server's bound holds the next one back. */
  wakeOwn(): boolean {
    if (!wakeInOrder(this.#line)) return !this.#isBlocked(SLICE_BYTES);
    return wakeInOrder(this.#beginners) || !this.#isBlocked(this.limits.usualReplyBytes);
  }

  /** Whether the server has too little room. */
  #isBlocked(bytes: number): boolean {
    if (this.limits.roomBytes >= bytes) return false;
    this.limits.block(this);
    return true;
  }
}
