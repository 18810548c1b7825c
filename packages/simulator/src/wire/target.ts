// Where the agent listens, from a URL.
import { SimulatorError } from '../errors.ts';

/** A target, taken apart. */
export interface Target {
  /** `host:port`, an IPv6 address in brackets. */
  readonly address: string;
  readonly secure: boolean;
}

/** Reads `http://host:port` or `https://host:port`. Throws `INVALID_OPTION` for anything else. */
export function parseTarget(text: string): Target {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const secure = url?.protocol === 'https:';
  const plain = url?.protocol === 'http:';
  const bare = url?.pathname === '/' && url.search === '' && url.hash === '' && url.username === '';
  if (url === undefined || (!secure && !plain) || !bare) {
    throw new SimulatorError('INVALID_OPTION', `target must be http://host:port or https://host:port, not "${text}".`);
  }
  const port = url.port === '' ? (secure ? '443' : '80') : url.port;
  return { address: `${url.hostname}:${port}`, secure };
}
