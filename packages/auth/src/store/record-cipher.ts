// Encrypts records with AES-256-GCM. The record's key and version are bound in, so that a record moved to another tenant, or
// an old one put back under a new version, does not open.
import { createCipheriv, createDecipheriv, createHash, randomBytes } from 'node:crypto';
import { StoreKeyError, StoreTamperedError } from '../errors/store-errors.ts';
import { InvalidOptionsError } from '../errors/usage-errors.ts';

/** The environment variable that keys are read from when none are given: one, or several separated by commas, the first is used to write. */
export const KEY_VARIABLE = 'BYOVA_TOKEN_STORE_KEY';

/**
 * Keys of 32 bytes, in base64 or hex. The first encrypts; all decrypt, so that a key is changed by putting a new one in
 * front. A function is called once, at the first use: for a key management service.
 */
export type EncryptionKeys = string | readonly string[] | (() => Promise<string | readonly string[]>);

/** Seals and opens records of one store. */
export interface RecordCipher {
  seal(key: string, version: string, text: string): Promise<string>;
  /** @throws StoreTamperedError, StoreKeyError */
  open(key: string, version: string, sealed: string): Promise<string>;
  /** Whether a sealed record was written with the key that is first now. */
  isCurrent(sealed: string): Promise<boolean>;
}

interface NamedKey {
  readonly id: string;
  readonly bytes: Buffer;
}

const KEY_BYTES = 32;
const IV_BYTES = 12;
const TAG_BYTES = 16;
const FORMAT = 'v1';

/**
 * A new random key, in base64: keep it where your other secrets are.
 *
 * @example
 * ```ts
 * import { generateEncryptionKey } from '@byova/auth';
 *
 * console.log(Buffer.from(generateEncryptionKey(), 'base64').length); // 32
 * ```
 */
export function generateEncryptionKey(): string {
  return randomBytes(KEY_BYTES).toString('base64');
}

function toKey(text: string): NamedKey {
  const trimmed = text.trim();
  const bytes = Buffer.from(trimmed, /^[0-9a-f]{64}$/i.test(trimmed) ? 'hex' : 'base64');
  if (bytes.length !== KEY_BYTES) {
    throw new StoreKeyError(
      'An encryption key must be 32 bytes in base64 or hex. Make one: node -p "crypto.randomBytes(32).toString(\'base64\')".',
    );
  }
  // Names the key in each record, and tells nothing of it.
  const id = createHash('sha256').update('byova-token-store-key\n').update(bytes).digest('hex').slice(0, 16);
  return { id, bytes };
}

async function resolveKeys(keys: EncryptionKeys | undefined): Promise<readonly NamedKey[]> {
  const given = typeof keys === 'function' ? await keys() : (keys ?? process.env[KEY_VARIABLE]);
  const texts = (typeof given === 'string' ? given.split(',') : (given ?? [])).filter((text) => text.trim() !== '');
  if (texts.length === 0) {
    throw new StoreKeyError(
      `There is no encryption key. Set ${KEY_VARIABLE}, for example to what this prints: node -p "crypto.randomBytes(32).toString('base64')".`,
    );
  }
  return texts.map(toKey);
}

/** Keys are resolved at the first use; a failed attempt is made again at the next. */
export function createRecordCipher(keys: EncryptionKeys | undefined): RecordCipher {
  if (keys !== undefined && typeof keys !== 'string' && typeof keys !== 'function' && !Array.isArray(keys)) {
    throw new InvalidOptionsError('encryption: must be a key, a list of keys, or a function that gives them.');
  }
  let resolved: Promise<readonly NamedKey[]> | undefined;
  const ring = (): Promise<readonly NamedKey[]> => {
    resolved ??= resolveKeys(keys).catch((error: unknown) => {
      resolved = undefined;
      throw error;
    });
    return resolved;
  };
  const associated = (id: string, key: string, version: string): Buffer =>
    Buffer.from(JSON.stringify(['byova-token-store', FORMAT, id, key, version]));

  return {
    async seal(key, version, text) {
      const [current] = await ring();
      if (current === undefined) throw new StoreKeyError(`There is no encryption key. Set ${KEY_VARIABLE}.`);
      const iv = randomBytes(IV_BYTES);
      const cipher = createCipheriv('aes-256-gcm', current.bytes, iv);
      cipher.setAAD(associated(current.id, key, version));
      const data = Buffer.concat([cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
      return [FORMAT, current.id, iv.toString('base64url'), data.toString('base64url')].join('.');
    },

    async open(key, version, sealed) {
      const [format, id, iv, data, ...rest] = sealed.trim().split('.');
      const ivBytes = Buffer.from(iv ?? '', 'base64url');
      const bytes = Buffer.from(data ?? '', 'base64url');
      if (
        format !== FORMAT ||
        id === undefined ||
        rest.length > 0 ||
        ivBytes.length !== IV_BYTES ||
        bytes.length < TAG_BYTES
      ) {
        throw new StoreTamperedError(`Record ${key} is not one that this store wrote. Restore it from a backup.`);
      }
      const match = (await ring()).find((one) => one.id === id);
      if (match === undefined) {
        throw new StoreKeyError(
          `Record ${key} was encrypted with key ${id}, which is not among those given. Add that key after the current one.`,
        );
      }
      const decipher = createDecipheriv('aes-256-gcm', match.bytes, ivBytes);
      decipher.setAAD(associated(id, key, version));
      decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
      try {
        return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString('utf8');
      } catch {
        throw new StoreTamperedError(
          `Record ${key} was changed by something else, or belongs elsewhere. Restore it from a backup, or delete it and authorize again.`,
        );
      }
    },

    async isCurrent(sealed) {
      return sealed.split('.')[1] === (await ring())[0]?.id;
    },
  };
}
