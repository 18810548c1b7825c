// Verifies who sent a webhook: HMAC over the very bytes that came, with every secret that is good now, in constant time.
//
// `X-Spark-Signature` is HMAC-SHA1 in hex. The form of `X-Webex-Signature` is reported in several ways: `SHA-256=<hex>,
// SHA-512=<hex>`, `sha256=<hex>`, bare; all are read. Where the stronger header is present, it decides: webex/rest.md 3.3.
import { createHmac, timingSafeEqual } from 'node:crypto';

type Algorithm = 'sha1' | 'sha256' | 'sha512';

/** Why a signature was not accepted. */
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

function readDigest(text: string, bytes: number): Buffer | undefined {
  if (/^[0-9a-f]+$/i.test(text) && text.length === 2 * bytes) return Buffer.from(text, 'hex');
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return undefined;
  const decoded = Buffer.from(text, 'base64');
  return decoded.length === bytes ? decoded : undefined;
}

/** The digests of an `X-Webex-Signature`; undefined when a part of it cannot be read. */
function readClaims(header: string): readonly Claim[] | undefined {
  const claims: Claim[] = [];
  for (const part of header.split(',')) {
    const [, name, value = ''] = /^\s*(?:sha-?(256|512)\s*=)?\s*"?([^"\s]+)"?\s*$/i.exec(part) ?? [];
    const algorithms: readonly Algorithm[] =
      name === undefined ? ['sha256', 'sha512'] : name === '256' ? ['sha256'] : ['sha512'];
    const claim = algorithms
      .map((algorithm) => ({ algorithm, digest: readDigest(value, BYTES[algorithm]) }))
      .find((one): one is Claim => one.digest !== undefined);
    if (claim === undefined) return undefined;
    claims.push(claim);
  }
  return claims;
}

/**
 * Whether a webhook was signed with one of the secrets.
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
  let claims: readonly Claim[] | undefined;
  if (typeof webexSignature === 'string' && webexSignature.trim() !== '') claims = readClaims(webexSignature);
  else if (typeof sparkSignature === 'string' && sparkSignature.trim() !== '') {
    const digest = readDigest(sparkSignature.trim(), BYTES.sha1);
    claims = digest && [{ algorithm: 'sha1', digest }];
  } else return { ok: false, problem: 'missing' };
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
