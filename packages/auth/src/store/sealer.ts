// What the stores on a server write for a value: sealed, or in the clear when whoever runs the server answers for that.
import { StoreTamperedError } from '../errors/store-errors.ts';
import { createRecordCipher, type EncryptionKeys } from './record-cipher.ts';
import type { JsonValue } from './token-store.ts';

/** Keys, or `'plaintext'`: the records are then as safe as the server that keeps them. */
export type StoreEncryption = EncryptionKeys | 'plaintext';

/** Turns values into what is stored, and back. */
export interface Sealer {
  seal(key: string, version: string, value: JsonValue): Promise<string>;
  /** @throws StoreTamperedError, StoreKeyError */
  open(key: string, version: string, stored: string): Promise<JsonValue>;
}

const PLAIN = 'plain.';

export function createSealer(encryption: StoreEncryption | undefined): Sealer {
  const cipher = encryption === 'plaintext' ? undefined : createRecordCipher(encryption);
  return {
    async seal(key, version, value) {
      const text = JSON.stringify(value);
      return cipher === undefined ? PLAIN + text : cipher.seal(key, version, text);
    },
    async open(key, version, stored) {
      // A record in the clear among sealed ones would be a way around the seal.
      if (cipher !== undefined) return JSON.parse(await cipher.open(key, version, stored)) as JsonValue;
      if (!stored.startsWith(PLAIN)) {
        throw new StoreTamperedError(
          `Record ${key} is encrypted, or not one that this store wrote. Give the store its key.`,
        );
      }
      return JSON.parse(stored.slice(PLAIN.length)) as JsonValue;
    },
  };
}
