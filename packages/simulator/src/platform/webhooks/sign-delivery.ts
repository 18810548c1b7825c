// Signatures of a delivery: HMAC over the exact bytes of the body, keyed by the webhook's secret in UTF-8.
import { createHmac } from 'node:crypto';
import type { WebhookSignature, WebhookSignatures } from './signature-name.ts';

/** The signature headers of a body. Several forms of `x-webex-signature` are joined by a comma. */
export function signDelivery(body: string, secret: string, signatures: WebhookSignatures): Record<string, string> {
  const hex = (algorithm: 'sha1' | 'sha256' | 'sha512'): string =>
    createHmac(algorithm, secret).update(body, 'utf8').digest('hex');
  const webex: Record<Exclude<WebhookSignature, 'sha1'>, () => string> = {
    sha256: () => `sha256=${hex('sha256')}`,
    sha512: () => `SHA-512=${hex('sha512')}`,
    'sha256-bare': () => hex('sha256'),
    'sha512-bare': () => hex('sha512'),
    combined: () => `SHA-256=${hex('sha256')}, SHA-512=${hex('sha512')}`,
  };
  const strong = signatures.flatMap((name) => (name === 'sha1' ? [] : [webex[name]()]));
  return {
    ...(signatures.includes('sha1') ? { 'x-spark-signature': hex('sha1') } : {}),
    ...(strong.length === 0 ? {} : { 'x-webex-signature': strong.join(', ') }),
  };
}
