// Reads the audio of a role piece by piece: a promise for each piece that is waited for, none for a frame.
import type { LegRole } from '../wire/fork-port.ts';
import type { ConversationPiece, LegAudio } from './conversation.ts';
import type { Leg } from './leg.ts';
import { createLegQueue, type LegQueue } from './leg-queue.ts';

/** What {@link createLegReader} needs. */
export interface LegReaderOptions {
  readonly role: LegRole;
  readonly pieceMs: number;
  readonly maxQueueMs: number;
  readonly onClosed: (reader: LegReader) => void;
}

/** The writing side of {@link LegAudio}. */
export interface LegReader extends LegAudio {
  readonly role: LegRole;
  /** Adds the frame that the leg took last. */
  push(leg: Leg): void;
  /** Nothing more comes; what is queued is still read. */
  end(): void;
}

class Reader implements LegReader {
  readonly role: LegRole;
  readonly #pieceMs: number;
  readonly #queue: LegQueue;
  readonly #onClosed: (reader: LegReader) => void;
  #ended = false;
  #closed = false;
  #waiting: (() => void)[] = [];

  constructor({ role, pieceMs, maxQueueMs, onClosed }: LegReaderOptions) {
    this.role = role;
    // A piece that is longer than the queue would never be whole.
    this.#pieceMs = Math.min(pieceMs, maxQueueMs / 2);
    this.#queue = createLegQueue(maxQueueMs);
    this.#onClosed = onClosed;
  }

  get droppedMs(): number {
    return this.#queue.droppedMs;
  }

  push(leg: Leg): void {
    if (this.#closed) return;
    this.#queue.push(leg);
    if (this.#waiting.length > 0 && this.#queue.has(this.#pieceMs)) this.#wake();
  }

  end(): void {
    this.#ended = true;
    this.#wake();
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#queue.clear();
    this.#wake();
    this.#onClosed(this);
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<ConversationPiece, void, undefined> {
    try {
      while (!this.#closed) {
        const piece = this.#queue.take(this.#ended ? 0 : this.#pieceMs);
        if (piece !== undefined) yield piece;
        else if (this.#ended) return;
        else await new Promise<void>((resolve) => this.#waiting.push(resolve));
      }
    } finally {
      this.close();
    }
  }
}

/** Makes a reader. */
export function createLegReader(options: LegReaderOptions): LegReader {
  return new Reader(options);
}
