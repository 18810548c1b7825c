// The part of a connection's budget that one RPC takes: what it has queued, what its reply holds until it is complete, and
// whether its source may be pulled further.
import type { ConnectionBudget } from './connection-budget.ts';

/** Bytes of a ms of audio: mu-law at 8 kHz. */
export const BYTES_PER_MS = 8;

/**
 * The least that a source is pulled for: half a second. Less would make a message of every few bytes. Every RPC may have as much
 * queued, so that no reply waits for another's end.
 */
export const SLICE_BYTES = 4000;

/** The sender of the bytes that a share counts: the answers of one RPC, on their way to its stream. */
export interface OutputOwner {
  /** Bytes that were sent and that the socket has not taken. */
  readonly queuedBytes: number;
  /** Called when the socket has taken none of them for too long. The owner resets its stream. */
  onStalled(): void;
}

/** Follows the bytes of a share on their way out, to know when what they say is heard. */
export interface OutputWatcher {
  /** Called when the socket has taken `bytes` more, after they were counted. */
  onTaken(bytes: number): void;
}

/** What one RPC takes of the budgets of its connection and its server. It gives back exactly what it took. */
export class OutputShare {
  readonly #connection: ConnectionBudget;
  /** Unset when the stream is gone, which would be kept in memory with its owner. */
  #owner: OutputOwner | undefined;
  #watcher: OutputWatcher | undefined;
  #queuedBytes = 0;
  /** What the reply holds until it is complete. */
  #heldBytes = 0;
  /** What is counted for that: from the first byte on what a reply usually comes to, then what it holds if that is more. */
  #reservedBytes = 0;
  /** Room that is kept for a waiter that was woken, until its next bytes are counted. */
  #grantedBytes = 0;
  #waiter: PromiseWithResolvers<void> | undefined;
  #waitsToHold = false;
  #released = false;
  /** For how many sweeps of the server the socket took none of what is queued, though nothing else was in the way. */
  #idleSweeps = 0;
  /** What the last sweep found queued of which the socket had taken none. */
  #idleBytes = 0;
  #moved = false;

  constructor(connection: ConnectionBudget, owner: OutputOwner) {
    this.#connection = connection;
    this.#owner = owner;
  }

  /** Bytes that were sent and that the socket has not taken, as counted last. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /** What this share takes of its connection's budget, in bytes. */
  get takenBytes(): number {
    return this.#queuedBytes + this.#reservedBytes + this.#grantedBytes;
  }

  /** Whether its reply is held until it is complete, and has begun. */
  get holding(): boolean {
    return this.#reservedBytes > 0;
  }

  /** Whether it waits to begin such a reply. */
  get waitsToBegin(): boolean {
    return this.#waitsToHold && !this.holding;
  }

  /** Lets `watcher` follow what is taken from now on, in place of the one before. */
  watch(watcher: OutputWatcher | undefined): void {
    this.#watcher = watcher;
  }

  /** Counts what is queued. To be called when bytes were sent, and when the socket has taken some. */
  count(queuedBytes: number): void {
    const change = queuedBytes - this.#queuedBytes;
    // Node calls back for what was written even when the stream is gone.
    if (change === 0 || this.#owner === undefined) return;
    this.#queuedBytes = queuedBytes;
    this.#connection.queue(change);
    if (change > 0) {
      this.#dropGrant();
      return;
    }
    this.#idleSweeps = 0;
    this.#moved = true;
    this.#countIdle(0);
    if (this.#waiter !== undefined && !this.#tryWake(false)) this.#join();
    this.#connection.wake();
    this.#watcher?.onTaken(-change);
  }

  /**
   * Bytes that the reply may take now, at least {@link SLICE_BYTES}; 0 when it has to {@link wait}. They are counted when they
   * are sent or held, and not before.
   *
   * @param toHold - whether the reply is held until it is complete
   */
  room(toHold: boolean): number {
    return this.#released ? Number.MAX_SAFE_INTEGER : this.#find(toHold, false);
  }

  /** `inTurn`: no other waiter goes first. */
  #find(toHold: boolean, inTurn: boolean): number {
    return Math.max(this.#grantedBytes, toHold ? this.#roomToHold(inTurn) : this.#roomToSend(inTurn));
  }

  #roomToSend(inTurn: boolean): number {
    const connection = this.#connection;
    const shared = connection.isFree(inTurn) ? connection.roomToSend : 0;
    const room = Math.min(shared, connection.limits.maxReplyBytes - this.#queuedBytes);
    if (room >= SLICE_BYTES) return room;
    // However much others have queued: else a few streams that are not read would hold back all others of a connection.
    return this.#queuedBytes === 0 ? SLICE_BYTES : 0;
  }

  #roomToHold(inTurn: boolean): number {
    const connection = this.#connection;
    if (!this.holding) return connection.mayBegin(inTurn) ? connection.limits.usualReplyBytes : 0;
    const reserved = this.#reservedBytes - this.#heldBytes;
    if (reserved >= SLICE_BYTES) return reserved;
    const shared = connection.isFree(inTurn) ? connection.roomToHold : 0;
    if (shared >= SLICE_BYTES) return shared;
    return connection.chooses(this) ? SLICE_BYTES : 0;
  }

  /** Resolves when there is room, or when none is needed any more; undefined where that is so now. */
  wait(toHold: boolean): Promise<void> | undefined {
    if (this.room(toHold) > 0) return undefined;
    this.#waitsToHold = toHold;
    this.#waiter ??= Promise.withResolvers<void>();
    const { promise } = this.#waiter;
    this.#join();
    return promise;
  }

  /** Ends the wait for room that is not wanted any more. */
  stopWaiting(): void {
    this.#resolve();
    this.#dropGrant();
  }

  /** Whether it waits for what it has queued itself. */
  get #isFull(): boolean {
    return !this.#waitsToHold && this.#queuedBytes + SLICE_BYTES > this.#connection.limits.maxReplyBytes;
  }

  /** Waits in line for what others give back. A reply at its own bound waits for itself, and keeps no other waiting. */
  #join(): void {
    if (!this.#isFull) this.#connection.join(this);
  }

  /** Called when it is this waiter's turn. False when there is no room, and it stays in line. */
  takeTurn(): boolean {
    if (!this.#isFull) return this.#tryWake(true);
    this.#connection.leave(this);
    return true;
  }

  /** Wakes the waiter and keeps the room for it. */
  #tryWake(inTurn: boolean): boolean {
    if (this.#find(this.#waitsToHold, inTurn) === 0) return false;
    if (this.waitsToBegin) this.#reserve(this.#connection.limits.usualReplyBytes);
    else if (this.#grantedBytes === 0) {
      this.#grantedBytes = SLICE_BYTES;
      this.#connection.grant(SLICE_BYTES);
    }
    this.#resolve();
    return true;
  }

  #dropGrant(): void {
    if (this.#grantedBytes === 0) return;
    this.#connection.grant(-this.#grantedBytes);
    this.#grantedBytes = 0;
    this.#connection.wake();
  }

  #reserve(bytes: number): void {
    this.#connection.take(bytes - this.#reservedBytes);
    this.#reservedBytes = bytes;
  }

  #resolve(): void {
    this.#connection.leave(this);
    this.#waiter?.resolve();
    this.#waiter = undefined;
  }

  /** Counts what the reply holds until it is complete, in bytes. 0 when it was sent or dropped. */
  hold(bytes: number): void {
    if (this.#released) return;
    if (bytes === 0) {
      this.#stopHolding();
      return;
    }
    this.#heldBytes = bytes;
    this.#reserve(Math.max(this.holding ? this.#reservedBytes : this.#connection.limits.usualReplyBytes, bytes));
    this.#dropGrant();
  }

  #stopHolding(): void {
    if (!this.holding) return;
    const bytes = this.#heldBytes;
    this.#heldBytes = 0;
    this.#reserve(0);
    this.#connection.finish(this, bytes);
  }

  /** Called when no source waits for this RPC any more. What is queued counts until the socket has taken it. */
  release(): void {
    if (this.#released) return;
    this.#stopHolding();
    this.#released = true;
    this.stopWaiting();
  }

  /** Called when the RPC's stream is gone, and what was queued with it. */
  close(): void {
    if (this.#owner === undefined) return;
    this.#watcher = undefined;
    this.release();
    this.count(0);
    this.#owner = undefined;
    this.#connection.close(this);
  }

  #countIdle(bytes: number): void {
    if (bytes === this.#idleBytes) return;
    this.#connection.countIdle(bytes - this.#idleBytes);
    this.#idleBytes = bytes;
  }

  /**
   * Called by the server from time to time. True when the socket took nothing during `maxIdleSweeps` of them in which it could
   * have: the owner knows.
   */
  sweep(maxIdleSweeps: number): boolean {
    const owner = this.#owner;
    if (owner === undefined) return false;
    this.count(owner.queuedBytes);
    if (this.#queuedBytes === 0 || this.#moved) this.#idleSweeps = 0;
    else if (this.#connection.hadRoomForIdle) this.#idleSweeps += 1;
    this.#countIdle(this.#moved ? 0 : this.#queuedBytes);
    this.#moved = false;
    if (this.#idleSweeps <= maxIdleSweeps) return false;
    this.#idleSweeps = 0;
    owner.onStalled();
    return true;
  }
}
