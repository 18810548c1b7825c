// Where the Webex API stands. One host serves every commercial region; webex/rest.md 1.5.
import { InvalidOptionsError } from '../errors/usage-errors.ts';
import { withoutTrailing } from '../text/without-trailing.ts';

/** A Webex cloud. `commercial` is the one for every region of the public cloud. */
export type WebexRegion = 'commercial' | 'us_gov' | 'integration';

const BASE_URLS: Readonly<Record<WebexRegion, string>> = Object.freeze({
  commercial: 'https://webexapis.com/v1',
  us_gov: 'https://api-usgov.webex.com/v1',
  integration: 'https://integration.webexapis.com/v1',
});

const LOOPBACK = /^(?:localhost|127(?:\.\d{1,3}){3}|\[::1\])$/;

/** Whether a host name is this machine's own. */
export function isLoopback(hostname: string): boolean {
  return LOOPBACK.test(hostname);
}

/**
 * The base URL of a region, or the one given, without a slash at its end.
 *
 * @throws InvalidOptionsError when it is no URL, or would send secrets in clear text to another machine
 */
export function resolveBaseUrl(region: WebexRegion = 'commercial', baseUrl?: string): URL {
  const text = baseUrl ?? BASE_URLS[region];
  if (text === undefined) {
    throw new InvalidOptionsError(`region: one of ${Object.keys(BASE_URLS).join(', ')}.`);
  }
  const url = URL.parse(text);
  if (url === null) throw new InvalidOptionsError('baseUrl: not a URL. Give one as https://webexapis.com/v1.');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && isLoopback(url.hostname))) {
    throw new InvalidOptionsError(
      'baseUrl: must be https, unless it is on this machine: secrets would be sent in clear text.',
    );
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new InvalidOptionsError('baseUrl: must have no user, password, query or fragment.');
  }
  url.pathname = withoutTrailing(url.pathname, '/');
  return url;
}
