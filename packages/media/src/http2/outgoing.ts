// What Node's HTTP/2 sends at once, put together: it comes as a head and a payload for each frame, a dozen pieces for a reply,
// and a socket makes objects of its own for each.
import type { Writable } from 'node:stream';
import { releaseCopy } from './release.ts';

/** Told when something was written, or could not be. */
export type Done = (error?: Error | null) => void;

/** A reply of two seconds and all that goes with it. What is more is written piece by piece. */
const BYTES = 65_536;

/** So many buffers are kept for whoever writes next: connections write now and then, and each by itself would keep one for good. */
const MAX_SPARE = 16;

/** Each of its own memory, not in the pool that small buffers share. */
const spare: Buffer[] = [];

/** Puts together what is sent at once. */
export interface Outgoing {
  /** From here on pieces belong together. */
  open(): void;
  /** Takes a piece; false when it does not belong to others and is to be written by itself. */
  add(bytes: Uint8Array, done: Done | undefined): boolean;
  /** Writes what was taken. */
  writeTo(socket: Writable): void;
}

class Pieces implements Outgoing {
  #open = false;
  #pieces: Uint8Array[] = [];
  #done: (Done | undefined)[] = [];
  #length = 0;

  open(): void {
    this.#open = true;
  }

  add(bytes: Uint8Array, done: Done | undefined): boolean {
    if (!this.#open) return false;
    this.#pieces.push(bytes);
    this.#done.push(done);
    this.#length += bytes.length;
    return true;
  }

  writeTo(socket: Writable): void {
    this.#open = false;
    if (this.#pieces.length === 0) return;
    if (this.#pieces.length === 1 || this.#length > BYTES) this.#writeEach(socket);
    else this.#writeTogether(socket);
    this.#pieces = [];
    this.#done = [];
    this.#length = 0;
  }

  #writeEach(socket: Writable): void {
    socket.cork();
    for (const [index, bytes] of this.#pieces.entries()) {
      const done = this.#done[index];
      socket.write(bytes, (error) => {
        releaseCopy(bytes);
        done?.(error);
      });
    }
    socket.uncork();
  }

  #writeTogether(socket: Writable): void {
    const buffer = spare.pop() ?? Buffer.allocUnsafeSlow(BYTES);
    let length = 0;
    for (const bytes of this.#pieces) {
      buffer.set(bytes, length);
      length += bytes.length;
      releaseCopy(bytes);
    }
    const told = this.#done;
    socket.write(buffer.subarray(0, length), (error) => {
      if (spare.length < MAX_SPARE) spare.push(buffer);
      for (const done of told) done?.(error);
    });
  }
}

/** Makes what puts together what one connection sends. */
export function createOutgoing(): Outgoing {
  return new Pieces();
}
