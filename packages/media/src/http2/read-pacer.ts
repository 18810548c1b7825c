// Reads busy connections not for each frame but for a few at once: what the kernel and the event loop cost for a read is
// more than what a frame costs. A connection is read again after a moment, which is a small part of a frame's 20 ms.

/** A connection whose reading can be put off. */
export interface PacedReader {
  /** Begins to read again. */
  readOn(): void;
}

/** Puts off reading. */
export interface ReadPacer {
  readonly intervalMs: number;
  /** Ms. */
  now(): number;
  /** The reader has stopped; it is told to go on after the interval. */
  hold(reader: PacedReader): void;
}

class Pacer implements ReadPacer {
  readonly intervalMs: number;
  #held: PacedReader[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(intervalMs: number) {
    this.intervalMs = intervalMs;
  }

  now(): number {
    return performance.now();
  }

  hold(reader: PacedReader): void {
    this.#held.push(reader);
    // Not unref'ed: a connection that is not read keeps no process alive, and there are calls on it.
    this.#timer ??= setTimeout(this.#release, this.intervalMs);
  }

  readonly #release = (): void => {
    const held = this.#held;
    this.#held = [];
    this.#timer = undefined;
    for (const reader of held) reader.readOn();
  };
}

/** Makes a pacer. */
export function createReadPacer(intervalMs: number): ReadPacer {
  return new Pacer(intervalMs);
}
