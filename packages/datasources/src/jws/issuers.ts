// Who may sign. An issuer that is not on the list is refused before anything is fetched: its name came from whoever called.
import { DataSourceOptionsError } from './errors.ts';

/** The identity brokers of Webex's regions. The two of the test environment are not among them: name them if you need them. */
export const PRODUCTION_ISSUERS: readonly string[] = Object.freeze([
  'https://idbroker.webex.com/idb',
  'https://idbroker-eu.webex.com/idb',
  'https://idbroker-b-us.webex.com/idb',
  'https://idbroker-ca.webex.com/idb',
]);

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Where an issuer keeps its keys. */
export function keySetUrl(issuer: string): string {
  return `${issuer}/oauth2/v2/keys/verificationjwk`;
}

/** @throws DataSourceOptionsError when an issuer is no URL, or its keys would come over an open line */
export function checkIssuers(issuers: readonly string[]): ReadonlySet<string> {
  if (issuers.length === 0)
    throw new DataSourceOptionsError('issuers: the list is empty, so no token could be verified.');
  for (const issuer of issuers) {
    const url = URL.parse(issuer);
    const isSafe = url?.protocol === 'https:' || (url?.protocol === 'http:' && LOOPBACK.test(url.hostname));
    if (
      url === null ||
      !isSafe ||
      url.search !== '' ||
      url.hash !== '' ||
      url.username !== '' ||
      issuer.endsWith('/')
    ) {
      throw new DataSourceOptionsError(
        `issuers: "${issuer}" must be https (http only on this machine), without query, fragment and slash at its end.`,
      );
    }
  }
  return new Set(issuers);
}
