// Leases in files: one versioned file per key, which says who holds the lease and until when by the machine's own clock.
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { StoreTamperedError } from '../errors/store-errors.ts';
import { MACHINE_CLOCK, machineNow } from './machine-time.ts';
import type { Lease } from './token-store.ts';
import { type FileVersion, newVersionId, readLatest, writeNext } from './versioned-file.ts';

/** What a lease's file says. */
interface HeldLease {
  readonly owner: string;
  readonly fence: number;
  /** Which clock `heldAt` is of. */
  readonly clock: string;
  /** When it was taken or renewed; ms of that clock. */
  readonly heldAt: number;
  /** For how long from then; ms. 0 once it was released. */
  readonly ttlMs: number;
}

/** Leases of another clock that are watched at once: no more are in the way after a restart of the machine. */
const MAX_WATCHED = 1000;

export class FileLeases {
  readonly #directory: string;
  readonly #drafts: string;
  /** When this process first saw a lease whose clock it cannot read; by the file's id. */
  readonly #watched = new Map<string, number>();

  constructor(directory: string, drafts: string) {
    this.#directory = directory;
    this.#drafts = drafts;
  }

  /**
   * Takes a lease for `ttlMs`, unless another holds it.
   *
   * @param guard - what every call to the disk goes through
   */
  async acquire(
    name: string,
    ttlMs: number,
    guard: <T>(work: () => Promise<T>) => Promise<T>,
  ): Promise<Lease | undefined> {
    const folder = join(this.#directory, name);
    const owner = randomUUID();
    const previous = await readLatest(folder);
    const held = readLease(previous);
    if (previous !== undefined && held !== undefined && this.#leftMs(previous, held) > 0) return undefined;
    const fence = (held?.fence ?? 0) + 1;
    const write = (after: FileVersion | undefined, holdMs: number): Promise<boolean> => {
      const lease: HeldLease = { owner, fence, clock: MACHINE_CLOCK, heldAt: machineNow(), ttlMs: holdMs };
      return writeNext(folder, {
        previous: after,
        id: newVersionId(),
        text: JSON.stringify(lease),
        drafts: this.#drafts,
      });
    };
    if (!(await write(previous, ttlMs))) return undefined;
    const again = (holdMs: number): Promise<boolean> =>
      guard(async () => {
        const latest = await readLatest(folder);
        const now = readLease(latest);
        return latest !== undefined && now?.owner === owner && this.#leftMs(latest, now) > 0 && write(latest, holdMs);
      });
    return { fence, renew: () => again(ttlMs), release: async () => void (await again(0)) };
  }

  /** Ms for which a lease is still held. */
  #leftMs({ id }: FileVersion, { clock, heldAt, ttlMs }: HeldLease): number {
    const now = machineNow();
    // Where the system does not name its clock, a time that has not come is one of before a restart.
    if (clock === MACHINE_CLOCK && heldAt <= now) return heldAt + ttlMs - now;
    // Held by another clock, whose time says nothing here: a holder that lives renews within `ttlMs` of when it is first seen.
    const seenAt = this.#watched.get(id) ?? now;
    this.#watched.set(id, seenAt);
    const [oldest] = this.#watched.keys();
    if (this.#watched.size > MAX_WATCHED && oldest !== undefined) this.#watched.delete(oldest);
    return seenAt + ttlMs - now;
  }
}

function readLease(file: FileVersion | undefined): HeldLease | undefined {
  if (file === undefined) return undefined;
  try {
    const { owner, fence, clock, heldAt, ttlMs } = JSON.parse(file.text) as Record<string, unknown>;
    if (
      typeof owner === 'string' &&
      typeof fence === 'number' &&
      typeof clock === 'string' &&
      typeof heldAt === 'number' &&
      typeof ttlMs === 'number'
    ) {
      return { owner, fence, clock, heldAt, ttlMs };
    }
  } catch {
    // Falls through to the error below.
  }
  throw new StoreTamperedError(
    'A lease of the token store is not one that this store wrote. Delete the folder "leases".',
  );
}
