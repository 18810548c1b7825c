// The bank: what all three ways of writing its dialogue know.
import type { JsonObject, MediaServerOptions } from '@byova/media';

/** How a bank is served. */
export type BankOptions = Pick<MediaServerOptions, 'audioMode' | 'verify' | 'pathDelayMs'>;

/** The longest that the bank waits for a key, in ms. */
export const NO_INPUT_MS = 5000;

const ACCOUNTS = new Map([
  ['123456', '4321'],
  ['00420042', '0007'],
]);

/** Whether there is such an account; asked for as a database is. */
export async function knows(account: string): Promise<boolean> {
  return ACCOUNTS.has(account);
}

/** Whether this is the account's PIN. */
export async function opens(account: string, pin: string): Promise<boolean> {
  return ACCOUNTS.get(account) === pin;
}

/** What the flow is given with a transfer. */
export function handOver(account: string, reason: 'asked' | 'pin'): JsonObject {
  return { reason, account_ends_in: account.slice(-2), authenticated: reason === 'asked' };
}
