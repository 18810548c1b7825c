// The embedded default: encrypted files in a folder, safe between the processes of one machine, and between kills.
import { createHash } from 'node:crypto';
import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { isByovaError } from '../errors/byova-error.ts';
import { StoreTamperedError, StoreUnavailableError } from '../errors/store-errors.ts';
import { InvalidOptionsError } from '../errors/usage-errors.ts';
import { FileLeases } from './file-leases.ts';
import { openPrivateFolder } from './private-folder.ts';
import { createRecordCipher, type EncryptionKeys, type RecordCipher } from './record-cipher.ts';
import { checkKey, checkLeaseTime } from './store-key.ts';
import type { JsonValue, Lease, StoreCallOptions, StoredRecord, TokenStore, WriteCondition } from './token-store.ts';
import { errorCode, type FileVersion, newVersionId, readLatest, writeNext } from './versioned-file.ts';

/** Options of {@link FileTokenStore}. */
export interface FileTokenStoreOptions {
  /**
   * The folder: made when it is missing, for its owner alone. One that every user may write into is refused at the first call. On a
   * local disk; a network file system is not safe.
   */
  readonly directory: string;
  /** Default: the environment variable `BYOVA_TOKEN_STORE_KEY`. */
  readonly encryption?: EncryptionKeys;
}

/** A deleted record leaves this behind, sealed, so that versions go on and a deletion cannot be forged. */
interface Content {
  readonly value?: JsonValue;
}

interface OpenRecord {
  readonly file: FileVersion | undefined;
  readonly sealed: string;
  readonly content: Content;
}

/** A draft this old was left by a process that was killed. */
const ABANDONED_MS = 3_600_000;

/**
 * Keeps records in encrypted files.
 *
 * AES-256-GCM, with the record's key bound in: a file copied to another tenant does not open. Several processes of one
 * machine may use one folder; the leases between them go by the machine's own clock, which setting the time does not move. A record that was changed from outside is a {@link StoreTamperedError} at every read, never an
 * empty store; removing files altogether cannot be noticed, so guard the folder.
 *
 * @example
 * ```ts
 * import { mkdtemp, rm } from 'node:fs/promises';
 * import { FileTokenStore, generateEncryptionKey } from '@byova/auth';
 *
 * const directory = await mkdtemp('/tmp/tokens-');
 * const store = new FileTokenStore({ directory, encryption: generateEncryptionKey() });
 * await store.set('a', { n: 1 }, { expectedVersion: undefined });
 * console.log((await store.get('a'))?.value); // { n: 1 }
 * await rm(directory, { recursive: true });
 * ```
 */
export class FileTokenStore implements TokenStore {
  readonly #directory: string;
  readonly #cipher: RecordCipher;
  readonly #leases: FileLeases;
  #ready: Promise<void> | undefined;

  /** @throws InvalidOptionsError without a directory. Nothing is opened before the first call. */
  constructor(options: FileTokenStoreOptions) {
    if (typeof options.directory !== 'string' || options.directory === '') {
      throw new InvalidOptionsError('directory: give the folder that the records are kept in.');
    }
    this.#directory = options.directory;
    this.#cipher = createRecordCipher(options.encryption);
    this.#leases = new FileLeases(join(options.directory, 'leases'), this.#drafts);
  }

  /** @throws StoreTamperedError, StoreKeyError, StoreUnavailableError */
  async get(key: string, options: StoreCallOptions = {}): Promise<StoredRecord | undefined> {
    checkKey(key);
    return this.#guard(options.signal, async () => {
      const { file, content } = await this.#read(key);
      return file === undefined || content.value === undefined ? undefined : { value: content.value, version: file.id };
    });
  }

  /** @throws StoreTamperedError, StoreKeyError, StoreUnavailableError */
  async set(key: string, value: JsonValue, options: WriteCondition & StoreCallOptions): Promise<string | undefined> {
    checkKey(key);
    return this.#guard(options.signal, () => this.#write(key, { value }, options.expectedVersion));
  }

  /** @throws StoreTamperedError, StoreKeyError, StoreUnavailableError */
  async delete(key: string, options: { readonly expectedVersion: string } & StoreCallOptions): Promise<boolean> {
    checkKey(key);
    return this.#guard(options.signal, async () => (await this.#write(key, {}, options.expectedVersion)) !== undefined);
  }

  /** @throws StoreTamperedError, StoreKeyError, StoreUnavailableError */
  async list(prefix: string, options: StoreCallOptions = {}): Promise<readonly string[]> {
    return this.#guard(options.signal, async () => {
      const keys: string[] = [];
      for (const key of await this.#keys()) {
        if (key.startsWith(prefix) && (await this.#read(key)).content.value !== undefined) keys.push(key);
      }
      return keys.sort();
    });
  }

  async acquireLease(key: string, options: { readonly ttlMs: number } & StoreCallOptions): Promise<Lease | undefined> {
    checkKey(key);
    checkLeaseTime(options.ttlMs);
    return this.#guard(options.signal, () =>
      this.#leases.acquire(nameOf(key), options.ttlMs, (work) => this.#guard(undefined, work)),
    );
  }

  /**
   * Encrypts every record with the key that is first now. When it has ended on every machine, the old key can go.
   *
   * @returns how many records were written anew
   */
  async rotateKeys(options: StoreCallOptions = {}): Promise<number> {
    return this.#guard(options.signal, async () => {
      let written = 0;
      for (const key of await this.#keys()) {
        options.signal?.throwIfAborted();
        const { file, sealed, content } = await this.#read(key);
        if (file === undefined || (await this.#cipher.isCurrent(sealed))) continue;
        // When another process wrote it meanwhile, it wrote it with its own current key, and the next run looks again.
        if ((await this.#writeAfter(file, key, content)) !== undefined) written += 1;
      }
      return written;
    });
  }

  async close(): Promise<void> {}

  /** Shows where, never what. */
  toJSON(): { readonly directory: string } {
    return { directory: this.#directory };
  }

  get #drafts(): string {
    return join(this.#directory, 'drafts');
  }

  #folder(key: string): string {
    return join(this.#directory, 'records', nameOf(key));
  }

  async #read(key: string): Promise<OpenRecord> {
    const file = await readLatest(this.#folder(key));
    if (file === undefined) return { file, sealed: '', content: {} };
    const [, sealed = ''] = file.text.split('\n');
    return { file, sealed, content: JSON.parse(await this.#cipher.open(key, file.id, sealed)) as Content };
  }

  async #write(key: string, content: Content, expectedVersion: string | undefined): Promise<string | undefined> {
    // What is there is opened before it is replaced: a damaged record is told of, not written over.
    const current = await this.#read(key);
    const version = current.content.value === undefined ? undefined : current.file?.id;
    return version === expectedVersion ? this.#writeAfter(current.file, key, content) : undefined;
  }

  async #writeAfter(previous: FileVersion | undefined, key: string, content: Content): Promise<string | undefined> {
    const id = newVersionId();
    const text = `${key}\n${await this.#cipher.seal(key, id, JSON.stringify(content))}\n`;
    return (await writeNext(this.#folder(key), { previous, id, text, drafts: this.#drafts })) ? id : undefined;
  }

  /** The key of each record, as its file says; it is proven when the record is opened under it. */
  async #keys(): Promise<readonly string[]> {
    const folder = join(this.#directory, 'records');
    const keys: string[] = [];
    for (const name of await readdir(folder)) {
      const file = await readLatest(join(folder, name));
      const key = file?.text.split('\n')[0];
      if (key === undefined) continue;
      if (nameOf(key) !== name) {
        throw new StoreTamperedError(
          `${join(folder, name)} holds the record of another key. Restore it from a backup.`,
        );
      }
      keys.push(key);
    }
    return keys;
  }

  async #guard<T>(signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    signal?.throwIfAborted();
    try {
      // What could not be prepared is prepared again at the next call: somebody may have put it right.
      this.#ready ??= this.#prepare().catch((error: unknown) => {
        this.#ready = undefined;
        throw error;
      });
      await this.#ready;
      return await work();
    } catch (error) {
      if (isByovaError(error)) throw error;
      this.#ready = undefined;
      const code = errorCode(error) ?? 'unknown';
      throw new StoreUnavailableError(
        `The folder of the token store cannot be used (${code}). Check that it exists on a disk with space, and belongs to this user.`,
        error,
      );
    }
  }

  async #prepare(): Promise<void> {
    await openPrivateFolder(this.#directory);
    for (const name of ['records', 'leases', 'drafts']) await openPrivateFolder(join(this.#directory, name));
    for (const name of await readdir(this.#drafts)) {
      const path = join(this.#drafts, name);
      const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Number.POSITIVE_INFINITY }));
      if (Date.now() - mtimeMs > ABANDONED_MS) await unlink(path).catch(() => {});
    }
  }
}

/** A folder's name for a key: the same on file systems that do not tell case apart. */
function nameOf(key: string): string {
  return createHash('sha256').update(key).digest('hex').slice(0, 40);
}
