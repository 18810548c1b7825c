// The names of the ways in which deliveries can be signed. Which one Webex uses for an event is documented only in part,
// so a receiver is tested against each.

/**
 * How a delivery is signed. `sha1` is `X-Spark-Signature` in hex. The others are `X-Webex-Signature`: `sha256=<hex>`,
 * `SHA-512=<hex>`, hex alone, and `SHA-256=<hex>, SHA-512=<hex>`.
 */
export type WebhookSignature = 'sha1' | 'sha256' | 'sha512' | 'sha256-bare' | 'sha512-bare' | 'combined';

/** Several at once; none at all for an empty list. */
export type WebhookSignatures = readonly WebhookSignature[];
