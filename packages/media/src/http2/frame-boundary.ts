// Knows of a stream of HTTP/2 frames whether it stands between two of them: only there may another be put in.
import { FRAME_HEAD_BYTES, payloadBytes } from './frames.ts';

/** Follows one direction of a connection. */
export interface FrameBoundary {
  /** Whether the bytes so far end with a whole frame. */
  readonly between: boolean;
  /** Goes on by what was sent. */
  follow(bytes: Uint8Array): void;
}

class Follower implements FrameBoundary {
  readonly #head = new Uint8Array(FRAME_HEAD_BYTES);
  #headLength = 0;
  /** Of the payload. */
  #left = 0;

  get between(): boolean {
    return this.#left === 0 && this.#headLength === 0;
  }

  follow(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#left > 0) {
        const taken = Math.min(this.#left, bytes.length - at);
        this.#left -= taken;
        at += taken;
      } else if (this.#headLength === 0 && bytes.length - at >= FRAME_HEAD_BYTES) {
        this.#left = payloadBytes(bytes, at);
        at += FRAME_HEAD_BYTES;
      } else {
        this.#head[this.#headLength] = bytes[at] ?? 0;
        this.#headLength += 1;
        at += 1;
        if (this.#headLength < FRAME_HEAD_BYTES) continue;
        this.#left = payloadBytes(this.#head, 0);
        this.#headLength = 0;
      }
    }
  }
}

/** Makes a follower that stands before the first frame. */
export function createFrameBoundary(): FrameBoundary {
  return new Follower();
}
