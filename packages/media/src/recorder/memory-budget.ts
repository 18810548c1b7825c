// How much the recordings of all calls may hold in memory.

/** A number of bytes that is shared. */
export interface MemoryBudget {
  /** Takes so many bytes; false when there are not so many left. */
  take(bytes: number): boolean;
  give(bytes: number): void;
  /** Bytes that are taken. */
  readonly taken: number;
}

/** Makes a budget. */
export function createMemoryBudget(maxBytes: number): MemoryBudget {
  let taken = 0;
  return {
    take(bytes) {
      if (taken + bytes > maxBytes) return false;
      taken += bytes;
      return true;
    },
    give(bytes) {
      taken -= bytes;
    },
    get taken() {
      return taken;
    },
  };
}
