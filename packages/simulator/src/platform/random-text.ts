// Random texts that look like Webex's: tokens, codes, client ids. They come from the system's generator, since a platform
// may stand open on a developer's network.
import { randomBytes, randomInt, randomUUID } from 'node:crypto';

/** Letters and digits, `length` of them: no `_` and no `-`, since some programs split tokens there. */
export function randomLetters(length: number): string {
  let text = '';
  while (text.length < length)
    text += randomBytes(length)
      .toString('base64')
      .replaceAll(/[^A-Za-z0-9]/g, '');
  return text.slice(0, length);
}

/** A token as Webex writes it: something opaque, the cluster, the organization. */
export function randomToken(orgId: string): string {
  return `${randomLetters(64)}_PF84_${orgId}`;
}

/** A client id: `C` and 64 hexadecimal digits. */
export function randomClientId(): string {
  return `C${randomBytes(32).toString('hex')}`;
}

/** A code that a person types: eight letters that cannot be mistaken for one another, in two groups. */
export function randomUserCode(): string {
  const letters = 'BCDFGHJKLMNPQRSTVWXZ';
  const group = (): string => Array.from({ length: 4 }, () => letters[randomInt(letters.length)]).join('');
  return `${group()}-${group()}`;
}

/** The id of a request that brought none. */
export function randomTrackingId(): string {
  return `ROUTER_${randomUUID()}`;
}
