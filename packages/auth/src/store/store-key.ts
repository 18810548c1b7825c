// What every store asks of a key, so that a key that is good in one is good in all.
import { InvalidOptionsError } from '../errors/usage-errors.ts';

/** @throws InvalidOptionsError when a key is not 1 to 400 printable ASCII characters */
export function checkKey(key: string): void {
  if (!/^[\x21-\x7e]{1,400}$/.test(key)) {
    throw new InvalidOptionsError('key: must be 1 to 400 printable ASCII characters without spaces.');
  }
}

/** @throws InvalidOptionsError when a lease time is not 1 ms to 1 hour */
export function checkLeaseTime(ttlMs: number): void {
  if (!Number.isFinite(ttlMs) || ttlMs < 1 || ttlMs > 3_600_000) {
    throw new InvalidOptionsError('ttlMs: must be 1 to 3,600,000.');
  }
}
