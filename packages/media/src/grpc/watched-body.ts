// The messages of an RPC on the way to Connect: followed, so that a client that sends half of one does not hold the RPC open.
import type { LimitName, OnLimit } from '../wire/limit-name.ts';
import { HEAD_BYTES } from './lane/frame-reader.ts';
import type { MessageWatch, WatchedRpc } from './lane/message-watch.ts';

/** Follows the bytes of one RPC. */
export class WatchedBody implements WatchedRpc {
  readonly #watch: MessageWatch;
  readonly #onLimit: OnLimit;
  readonly #onExpired: () => void;
  awaitedSince: number;
  awaitsFirst = true;
  readonly #head: Buffer = Buffer.alloc(HEAD_BYTES);
  #headLength = 0;
  /** Bytes of the message behind the head that have not come. */
  #left = 0;

  /** @param onExpired - ends the RPC with DEADLINE_EXCEEDED */
  constructor(watch: MessageWatch, onLimit: OnLimit, onExpired: () => void) {
    this.#watch = watch;
    this.#onLimit = onLimit;
    this.#onExpired = onExpired;
    this.awaitedSince = watch.tick;
  }

  expire(limit: LimitName): void {
    this.awaitedSince = 0;
    this.#onLimit(limit);
    this.#onExpired();
  }

  /** Gives what `source` gives. */
  async *read(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    this.#watch.add(this);
    try {
      for await (const piece of source) {
        this.#follow(piece);
        yield piece;
      }
    } finally {
      this.#watch.delete(this);
    }
  }

  #follow(piece: Uint8Array): void {
    for (let at = 0; at < piece.length; ) {
      const taken = Math.min(this.#left === 0 ? HEAD_BYTES - this.#headLength : this.#left, piece.length - at);
      if (this.#left === 0) {
        this.#head.set(piece.subarray(at, at + taken), this.#headLength);
        this.#headLength += taken;
        if (this.#headLength === HEAD_BYTES) this.#left = this.#head.readUInt32BE(1);
      } else this.#left -= taken;
      at += taken;
      if (this.#headLength === HEAD_BYTES && this.#left === 0) this.#complete();
    }
    if (this.#headLength > 0 && this.awaitedSince === 0) this.awaitedSince = this.#watch.tick;
  }

  #complete(): void {
    this.#headLength = 0;
    this.awaitedSince = 0;
    this.awaitsFirst = false;
  }
}
