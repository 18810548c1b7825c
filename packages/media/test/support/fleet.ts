// Several cores on one clock and one session store, as replicas behind a load balancer are; and a store whose answers a
// test can hold back or turn into failures.
import { type MediaServerOptions, MemorySessionStore, type SessionStore } from '../../src/index.ts';
import type { JsonValue } from '../../src/wire/json.ts';
import { createTestCore, type TestCore } from './core-harness.ts';
import { createFakeClock, type FakeClock } from './fake-clock.ts';

/** A store in memory that does as it is told. */
export interface TestStore extends SessionStore {
  /** Awaited before each operation; what it throws the operation throws. */
  before: (operation: 'load' | 'save' | 'delete') => Promise<void> | void;
  /** What is stored of the call that the harness places. */
  record(key?: string): Promise<Readonly<Record<string, JsonValue>> | undefined>;
  readonly saves: number;
}

/** A fleet. */
export interface Fleet {
  readonly clock: FakeClock;
  readonly store: TestStore;
  readonly replicas: readonly TestCore[];
  /** A replica by its number. */
  at(index: number): TestCore;
}

/** Makes a store on a clock. */
export function createTestStore(clock: FakeClock): TestStore {
  const memory = new MemorySessionStore({ clock });
  const never = new AbortController().signal;
  let saves = 0;
  const self: TestStore = {
    before: () => {},
    async load(key, signal) {
      await self.before('load');
      return memory.load(key, signal);
    },
    // As a server far away: what was sent is done, whether or not anybody still waits for it.
    async save(key, value, options) {
      await self.before('save');
      saves += 1;
      return memory.save(key, value, { ...options, signal: never });
    },
    async delete(key, options) {
      await self.before('delete');
      await memory.delete(key, options);
    },
    async record(key = 'o1/c1') {
      return (await memory.load(key, never))?.value as Readonly<Record<string, JsonValue>> | undefined;
    },
    get saves() {
      return saves;
    },
  };
  return self;
}

/** Makes a fleet of replicas that are alike. */
export function createFleet(size: number, options: Partial<MediaServerOptions<never>> = {}): Fleet {
  const clock = createFakeClock();
  const store = createTestStore(clock);
  const replicas = Array.from({ length: size }, () =>
    createTestCore({ ...(options as Partial<MediaServerOptions<unknown>>), clock, store }),
  );
  return {
    clock,
    store,
    replicas,
    at(index) {
      const found = replicas[index];
      if (found === undefined) throw new Error(`There is no replica ${index}.`);
      return found;
    },
  };
}
