// Verifies who sent a webhook: HMAC over the very bytes that came, with every secret that is good now, in constant time.
//
// `X-Spark-Signature` is HMAC-SHA1 in hex. The form of `X-Webex-Signature` is reported in several ways: `SHA-256=<hex>,
// SHA-512=<hex>`, `sha256=<hex>`, bare; all are read. Where the stronger header is present, it decides: webex/rest.md 3.3.
import { createHmac, timingSafeEqual } from 'node:crypto';

type Algorithm = 'sha1' | 'sha256' | 'sha512';

/**
 * Why a signature was not accepted.
 *
 * - `missing`: neither header is there.
 * - `unreadable`: no digest of a known form, more than four, or a header of more than 1,024 characters.
 * - `mismatch`: not the digest of these bytes under any of the secrets.
 */
export type SignatureProblem = 'missing' | 'unreadable' | 'mismatch';

/** The outcome of {@link verifyWebhookSignature}. */
export type SignatureResult =
  | { readonly ok: true; readonly algorithm: Algorithm }
  | { readonly ok: false; readonly problem: SignatureProblem };

/** What is verified. */
export interface SignedWebhook {
  /** The bytes as they came. A parsed and re-serialised body has another signature. */
  readonly body: Uint8Array;
  /** Value of `X-Spark-Signature`. */
  readonly sparkSignature?: string | null | undefined;
  /** Value of `X-Webex-Signature`. */
  readonly webexSignature?: string | null | undefined;
  /** Any of these may have signed it: two while a secret is being changed. */
  readonly secrets: readonly string[];
}

interface Claim {
  readonly algorithm: Algorithm;
  readonly digest: Buffer;
}

const BYTES: Readonly<Record<Algorithm, number>> = { sha1: 20, sha256: 32, sha512: 64 };

/** Both digests of `X-Webex-Signature` in hex, with names and quotes, take 230 characters. A longer header is not read. */
const MAX_HEADER = 1024;
/** Each digest costs an HMAC of the whole body per secret, before anything is known of the sender. */
const MAX_CLAIMS = 4;
/** A prefix of `X-Webex-Signature` in lower case, without its spaces, and what it names. */
const NAMES: ReadonlyMap<string, Algorithm> = new Map([
  ['sha256', 'sha256'],
  ['sha-256', 'sha256'],
  ['sha512', 'sha512'],
  ['sha-512', 'sha512'],
]);
const HEX = /^[0-9a-f]+$/i;
const BASE64 = /^[A-Za-z0-9+/_-]+={0,2}$/;

function readDigest(text: string, bytes: number): Buffer | undefined {
  if (text.length === 2 * bytes && HEX.test(text)) return Buffer.from(text, 'hex');
  if (text.length > 2 * bytes || !BASE64.test(text)) return undefined;
  const decoded = Buffer.from(text, 'base64');
  return decoded.length === bytes ? decoded : undefined;
}

/** One part of an `X-Webex-Signature`: `sha256=<digest>`, `SHA-256="<digest>"` or the digest alone. */
function readClaim(part: string): Claim | undefined {
  const equals = part.indexOf('=');
  // "=" may also be the padding of a bare digest in base64.
  const named = NAMES.get(part.slice(0, Math.max(0, equals)).trim().toLowerCase());
  const text = (named === undefined ? part : part.slice(equals + 1)).trim();
  const value = text.length > 1 && text.startsWith('"') && text.endsWith('"') ? text.slice(1, -1) : text;
  for (const algorithm of named === undefined ? (['sha256', 'sha512'] as const) : [named]) {
    const digest = readDigest(value, BYTES[algorithm]);
    if (digest !== undefined) return { algorithm, digest };
  }
  return undefined;
}

/** The digests of an `X-Webex-Signature`; undefined when one of its parts cannot be read. */
function readWebexClaims(header: string): readonly Claim[] | undefined {
  const parts = header.split(',', MAX_CLAIMS + 1);
  if (parts.length > MAX_CLAIMS) return undefined;
  const claims = parts.map(readClaim);
  return claims.every((claim) => claim !== undefined) ? claims : undefined;
}

/** The digest of an `X-Spark-Signature`. */
function readSparkClaims(header: string): readonly Claim[] | undefined {
  const digest = readDigest(header.trim(), BYTES.sha1);
  return digest && [{ algorithm: 'sha1', digest }];
}

/** Whether a header is there; one of white space alone is not. */
function isPresent(header: string | null | undefined): header is string {
  return typeof header === 'string' && header.trim() !== '';
}

/**
 * Whether a webhook was signed with one of the secrets. Takes the same short time whatever the headers hold.
 *
 * @example
 * ```ts
 * import { createHmac } from 'node:crypto';
 * import { verifyWebhookSignature } from '@byova/auth';
 *
 * const body = Buffer.from('{ "resource": "serviceApp" }');
 * const sparkSignature = createHmac('sha1', 'a secret').update(body).digest('hex');
 * console.log(verifyWebhookSignature({ body, sparkSignature, secrets: ['a secret'] })); // { ok: true, algorithm: 'sha1' }
 * ```
 */
export function verifyWebhookSignature(webhook: SignedWebhook): SignatureResult {
  const { body, sparkSignature, webexSignature, secrets } = webhook;
  const isStrong = isPresent(webexSignature);
  const header = isStrong ? webexSignature : sparkSignature;
  if (!isPresent(header)) return { ok: false, problem: 'missing' };
  const read = isStrong ? readWebexClaims : readSparkClaims;
  const claims = header.length > MAX_HEADER ? undefined : read(header);
  const [strongest] = [...(claims ?? [])].sort((a, b) => BYTES[b.algorithm] - BYTES[a.algorithm]);
  if (claims === undefined || strongest === undefined) return { ok: false, problem: 'unreadable' };
  let matched = false;
  // Every secret and every digest is computed and compared, whatever the others gave: the time tells nothing.
  for (const secret of secrets) {
    let all = true;
    for (const { algorithm, digest } of claims) {
      const expected = createHmac(algorithm, secret).update(body).digest();
      all = timingSafeEqual(expected, digest) && all;
    }
    matched = all || matched;
  }
  return matched ? { ok: true, algorithm: strongest.algorithm } : { ok: false, problem: 'mismatch' };
}
