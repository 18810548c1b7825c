// Reads the token that comes back with a data source, without verifying it: it came over TLS from Webex itself, and is looked
// at only for what the answer around it may leave out. A call's token is verified by @byova/datasources/jws.

/** What a data source's token says. */
export interface TokenClaims {
  readonly audience: string | undefined;
  readonly subject: string | undefined;
  readonly nonce: string | undefined;
  readonly url: string | undefined;
  readonly schemaId: string | undefined;
  readonly organization: string | undefined;
  /** Ms since 1970. */
  readonly issuedAt: number | undefined;
  /** Ms since 1970. */
  readonly expiresAt: number | undefined;
  /** From its beginning to its end, rounded. */
  readonly lifetimeMinutes: number | undefined;
}

/** The claims, or undefined for a text that is no token. */
export function readClaims(token: string | undefined): TokenClaims | undefined {
  let payload: Readonly<Record<string, unknown>>;
  try {
    payload = JSON.parse(Buffer.from(token?.split('.')[1] ?? '', 'base64url').toString('utf8'));
    if (typeof payload !== 'object' || payload === null) return undefined;
  } catch {
    return undefined;
  }
  const text = (value: unknown): string | undefined => (typeof value === 'string' && value !== '' ? value : undefined);
  const { aud, sub, jti, iat, exp } = payload;
  const ends = typeof exp === 'number' && Number.isFinite(exp) ? exp : undefined;
  const begins = typeof iat === 'number' && Number.isFinite(iat) ? iat : undefined;
  return {
    audience: text(Array.isArray(aud) ? aud[0] : aud),
    subject: text(sub),
    nonce: text(jti),
    url: text(payload['com.cisco.datasource.url']),
    schemaId: text(payload['com.cisco.datasource.schema.uuid']),
    organization: text(payload['com.cisco.org.uuid']),
    issuedAt: begins === undefined ? undefined : begins * 1000,
    expiresAt: ends === undefined ? undefined : ends * 1000,
    lifetimeMinutes:
      ends === undefined || begins === undefined || ends <= begins ? undefined : Math.round((ends - begins) / 60),
  };
}
