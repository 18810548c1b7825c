// Reads a token without believing it: its parts, its header, its claims. webex/rest.md section 5.
import { JwsRefusedError } from './errors.ts';
import { parseStrictObject } from './strict-json.ts';

/** A token of Webex has about 900 characters. What is longer is not even looked up. */
export const MAX_TOKEN = 8192;
const COMPACT = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)$/;
const HEADER_MEMBERS: ReadonlySet<string> = new Set(['alg', 'kid', 'typ']);

/** The claims of a data source's token, typed and not yet believed. */
export interface DataSourceClaims {
  readonly iss: string;
  /** Webex sends one; a list is read as well. */
  readonly aud: readonly string[];
  readonly sub: string;
  /** The nonce of the data source. */
  readonly jti: string;
  /** Seconds since 1970. */
  readonly iat: number;
  /** Seconds since 1970. */
  readonly exp: number;
  /** Seconds since 1970; Webex sends none. */
  readonly nbf: number | undefined;
  readonly url: string;
  readonly schemaId: string;
  /** UUID in lower case. */
  readonly organization: string;
}

/** A token that was read. */
export interface ReadToken {
  readonly kid: string;
  readonly claims: DataSourceClaims;
}

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

function decode(part: string): Readonly<Record<string, unknown>> {
  const bytes = Buffer.from(part, 'base64url');
  // Bits that base64 leaves unused must be nought, or one token had many texts.
  const text = bytes.toString('base64url') === part ? new TextDecoder('utf-8', { fatal: false }).decode(bytes) : '';
  const value = text.includes('\ufffd') ? undefined : parseStrictObject(text);
  if (value === undefined) throw new JwsRefusedError('malformed');
  return value;
}

function readHeader(header: Readonly<Record<string, unknown>>): string {
  if (header['alg'] !== 'RS256') throw new JwsRefusedError('algorithm', 'Only RS256 is taken.');
  const other = Object.keys(header).find((name) => !HEADER_MEMBERS.has(name));
  // "jku", "jwk", "x5u", "crit" and their like would let whoever calls say what to trust.
  if (other !== undefined) throw new JwsRefusedError('algorithm', 'The header has a member that is not taken.');
  const { typ, kid } = header;
  if ((typ ?? 'JWT') !== 'JWT') throw new JwsRefusedError('algorithm', 'The type is not JWT.');
  if (typeof kid !== 'string' || kid === '' || kid.length > 256) throw new JwsRefusedError('malformed');
  return kid;
}

function readClaims(payload: Readonly<Record<string, unknown>>): DataSourceClaims {
  const text = (name: string): string => {
    const value = payload[name];
    if (typeof value !== 'string' || value === '' || value.length > 2048) {
      throw new JwsRefusedError('claims', `The claim ${name} is missing or no text.`);
    }
    return value;
  };
  const time = (name: string): number => {
    const value = payload[name];
    if (typeof value !== 'number' || !Number.isFinite(value) || value < 0 || value > 1e11) {
      throw new JwsRefusedError('claims', `The claim ${name} is missing or no time.`);
    }
    return value;
  };
  const audience = payload['aud'];
  const list = Array.isArray(audience) ? audience : [audience];
  if (list.length === 0 || list.length > 20 || !list.every((one) => typeof one === 'string' && one !== '')) {
    throw new JwsRefusedError('claims', 'The claim aud is missing or no text.');
  }
  const organization = text('com.cisco.org.uuid');
  if (!UUID.test(organization)) throw new JwsRefusedError('claims', 'The claim com.cisco.org.uuid is no UUID.');
  return {
    iss: text('iss'),
    aud: list as readonly string[],
    sub: text('sub'),
    jti: text('jti'),
    iat: time('iat'),
    exp: time('exp'),
    nbf: (payload['nbf'] ?? undefined) === undefined ? undefined : time('nbf'),
    url: text('com.cisco.datasource.url'),
    schemaId: text('com.cisco.datasource.schema.uuid'),
    organization: organization.toLowerCase(),
  };
}

/** @throws JwsRefusedError */
export function readToken(token: string): ReadToken {
  if (token.length > MAX_TOKEN) throw new JwsRefusedError('malformed');
  const [, header, payload] = COMPACT.exec(token) ?? [];
  if (header === undefined || payload === undefined) throw new JwsRefusedError('malformed');
  const kid = readHeader(decode(header));
  return { kid, claims: readClaims(decode(payload)) };
}

/**
 * The token of an `authorization` header: `Bearer`, one space, and nothing else.
 *
 * @throws JwsRefusedError
 */
export function readBearer(authorization: string | null | undefined): string {
  if (typeof authorization !== 'string' || authorization === '') throw new JwsRefusedError('missing');
  const [, token] = /^Bearer ([^\s,]+)$/i.exec(authorization.length > MAX_TOKEN + 10 ? '' : authorization) ?? [];
  if (token === undefined) throw new JwsRefusedError('malformed');
  return token;
}
