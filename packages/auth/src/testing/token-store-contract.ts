// What every token store must do, as tests that any runner can run.
import assert from 'node:assert/strict';
import type { JsonValue, TokenStore } from '../store/token-store.ts';

/** A test of the contract. */
export interface ContractCase {
  readonly name: string;
  run(): Promise<void>;
}

/** What the contract runs against. */
export interface TokenStoreContract {
  /** An empty store; called once per test. */
  create(): Promise<TokenStore>;
  /** Another store on the same records, as another process would open it. Without it those tests are left out. */
  reopen?(store: TokenStore): Promise<TokenStore>;
  /** Lets a lease of `ms` run out: waits so long, or sets the store's clock forward. */
  pass(ms: number): Promise<void>;
}

const SECRET = 'a-refresh-token-nobody-may-see';

/**
 * The contract of {@link TokenStore}. Run every case against a store of your own.
 *
 * @example
 * ```ts
 * import { MemoryTokenStore } from '@byova/auth';
 * import { tokenStoreContract } from '@byova/auth/testing';
 *
 * const cases = tokenStoreContract({
 *   create: async () => new MemoryTokenStore(),
 *   pass: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
 * });
 * for (const { name, run } of cases) {
 *   await run(); // in a test runner: test(name, run)
 *   console.log(`ok ${name}`);
 * }
 * ```
 */
export function tokenStoreContract(contract: TokenStoreContract): readonly ContractCase[] {
  const { create, reopen, pass } = contract;
  const cases: ContractCase[] = [];
  const add = (name: string, body: (store: TokenStore) => Promise<void>): void => {
    cases.push({
      name,
      run: async () => {
        const store = await create();
        try {
          await body(store);
        } finally {
          await store.close();
        }
      },
    });
  };
  const write = async (store: TokenStore, key: string, value: JsonValue, expected?: string): Promise<string> => {
    const version = await store.set(key, value, { expectedVersion: expected });
    assert.ok(version !== undefined, 'the write was expected to succeed');
    return version;
  };

  add('has nothing at first', async (store) => {
    assert.equal(await store.get('a'), undefined);
    assert.deepEqual(await store.list(''), []);
  });

  add('gives back what was written, with its version', async (store) => {
    const value = { text: 'ünïcödé ✓ "\\', number: 1.5, nothing: null, list: [true, { deep: 'x' }] };
    const version = await write(store, 'a', value);
    assert.deepEqual(await store.get('a'), { value, version });
    assert.deepEqual((await store.get('a'))?.version, version);
  });

  add('does not share objects with its caller', async (store) => {
    const value = { list: [1] };
    await write(store, 'a', value);
    value.list.push(2);
    assert.deepEqual((await store.get('a'))?.value, { list: [1] });
  });

  add('keeps large records whole', async (store) => {
    const value = { text: 'x'.repeat(100_000) };
    await write(store, 'a', value);
    assert.deepEqual((await store.get('a'))?.value, value);
  });

  add('writes only over what was expected', async (store) => {
    const first = await write(store, 'a', 1);
    assert.equal(await store.set('a', 2, { expectedVersion: undefined }), undefined);
    assert.equal(await store.set('a', 2, { expectedVersion: 'another' }), undefined);
    assert.equal((await store.get('a'))?.value, 1);
    const second = await write(store, 'a', 2, first);
    assert.notEqual(second, first);
    assert.equal(await store.set('a', 3, { expectedVersion: first }), undefined);
    assert.equal((await store.get('a'))?.value, 2);
    assert.equal(await store.set('b', 1, { expectedVersion: first }), undefined);
  });

  add('deletes only what was expected, and never gives a version twice', async (store) => {
    const first = await write(store, 'a', 1);
    assert.equal(await store.delete('a', { expectedVersion: 'another' }), false);
    assert.equal(await store.delete('a', { expectedVersion: first }), true);
    assert.equal(await store.delete('a', { expectedVersion: first }), false);
    assert.equal(await store.get('a'), undefined);
    assert.equal(await store.set('a', 2, { expectedVersion: first }), undefined);
    assert.notEqual(await write(store, 'a', 1), first);
  });

  add('lists keys by prefix, in order', async (store) => {
    for (const key of ['b/2', 'a', 'b/10', 'b/1', 'B/1', 'c']) await write(store, key, 1);
    const gone = await write(store, 'b/3', 1);
    await store.delete('b/3', { expectedVersion: gone });
    assert.deepEqual(await store.list('b/'), ['b/1', 'b/10', 'b/2']);
    assert.deepEqual(await store.list(''), ['B/1', 'a', 'b/1', 'b/10', 'b/2', 'c']);
    assert.deepEqual(await store.list('b%'), []);
  });

  add('tells keys apart that look alike', async (store) => {
    const keys = ['a', 'A', 'a/b', 'a%2Fb', '..', 'a/../b', 'x'.repeat(400), `${'x'.repeat(399)}y`];
    for (const key of keys) await write(store, key, key);
    for (const key of keys) assert.equal((await store.get(key))?.value, key);
  });

  add('refuses keys that another store could not keep', async (store) => {
    for (const key of ['', 'ü', 'a b', 'a\nb', 'x'.repeat(401)]) {
      await assert.rejects(store.get(key), { code: 'OPTIONS_INVALID' });
      await assert.rejects(store.set(key, 1, { expectedVersion: undefined }), { code: 'OPTIONS_INVALID' });
    }
  });

  add('loses no update among fifty at once', async (store) => {
    await write(store, 'n', 0);
    const increment = async (): Promise<void> => {
      for (;;) {
        const record = await store.get('n');
        const next = Number(record?.value) + 1;
        if ((await store.set('n', next, { expectedVersion: record?.version })) !== undefined) return;
      }
    };
    await Promise.all(Array.from({ length: 50 }, increment));
    assert.equal((await store.get('n'))?.value, 50);
  });

  add('lets one of many create a record', async (store) => {
    const versions = await Promise.all(
      Array.from({ length: 20 }, (_, index) => store.set('a', index, { expectedVersion: undefined })),
    );
    assert.equal(versions.filter((version) => version !== undefined).length, 1);
  });

  add('gives a lease to one at a time, with a growing fence', async (store) => {
    const first = await store.acquireLease('a', { ttlMs: 60_000 });
    assert.ok(first !== undefined);
    assert.equal(await store.acquireLease('a', { ttlMs: 60_000 }), undefined);
    const other = await store.acquireLease('b', { ttlMs: 60_000 });
    assert.ok(other !== undefined);
    assert.equal(await first.renew(), true);
    await first.release();
    assert.equal(await first.renew(), false);
    const second = await store.acquireLease('a', { ttlMs: 60_000 });
    assert.ok(second !== undefined && second.fence > first.fence);
    await first.release();
    assert.equal(await store.acquireLease('a', { ttlMs: 60_000 }), undefined);
    await second.release();
  });

  add('gives one lease to many who ask at once', async (store) => {
    const leases = await Promise.all(Array.from({ length: 20 }, () => store.acquireLease('a', { ttlMs: 60_000 })));
    assert.equal(leases.filter((lease) => lease !== undefined).length, 1);
  });

  add('takes a lease back when its time is over', async (store) => {
    const first = await store.acquireLease('a', { ttlMs: 100 });
    await pass(300);
    assert.equal(await first?.renew(), false);
    const second = await store.acquireLease('a', { ttlMs: 60_000 });
    assert.ok(first !== undefined && second !== undefined && second.fence > first.fence);
    await first.release();
    assert.equal(await second.renew(), true);
  });

  add('a lease is no record', async (store) => {
    await store.acquireLease('a', { ttlMs: 60_000 });
    assert.deepEqual(await store.list(''), []);
    assert.equal(await store.get('a'), undefined);
  });

  add('heeds a signal', async (store) => {
    const signal = AbortSignal.abort(new Error('enough'));
    await assert.rejects(store.get('a', { signal }), /enough/);
    await assert.rejects(store.set('a', 1, { expectedVersion: undefined, signal }), /enough/);
    await assert.rejects(store.list('', { signal }), /enough/);
    await assert.rejects(store.acquireLease('a', { ttlMs: 1000, signal }), /enough/);
    assert.equal(await store.get('a'), undefined);
  });

  add('shows no record when it is printed', async (store) => {
    await write(store, 'a', { refreshToken: SECRET });
    await store.get('a');
    const { inspect } = await import('node:util');
    assert.ok(!inspect(store, { depth: 20, showHidden: true }).includes(SECRET), 'inspect shows a record');
    assert.ok(!JSON.stringify(store).includes(SECRET), 'JSON.stringify shows a record');
  });

  if (reopen !== undefined) {
    add('is read and written by two that have it open', async (store) => {
      const other = await reopen(store);
      const version = await write(store, 'a', 1);
      assert.deepEqual(await other.get('a'), { value: 1, version });
      await write(other, 'a', 2, version);
      assert.equal(await store.set('a', 3, { expectedVersion: version }), undefined);
      assert.equal((await store.get('a'))?.value, 2);
      const lease = await store.acquireLease('l', { ttlMs: 60_000 });
      assert.equal(await other.acquireLease('l', { ttlMs: 60_000 }), undefined);
      await lease?.release();
      assert.ok((await other.acquireLease('l', { ttlMs: 60_000 })) !== undefined);
      await other.close();
    });
  }
  return cases;
}
