// What a verified token says about who calls.
import type { DataSourceClaims } from './read-token.ts';

/** Who calls. Never the token. */
export interface VerifiedIdentity {
  /** The customer organization: UUID in lower case. */
  readonly organization: string;
  /** URL of the data source, as registered. */
  readonly dataSourceUrl: string;
  readonly schemaId: string;
  /** The nonce of the data source. */
  readonly nonce: string;
  readonly issuer: string;
  readonly audience: readonly string[];
  readonly subject: string;
  /** End of the token; ms since 1970. */
  readonly expiresAt: number;
}

/** Of claims that were verified. */
export function identityOf(claims: DataSourceClaims): VerifiedIdentity {
  return {
    organization: claims.organization,
    dataSourceUrl: claims.url,
    schemaId: claims.schemaId,
    nonce: claims.jti,
    issuer: claims.iss,
    audience: claims.aud,
    subject: claims.sub,
    expiresAt: claims.exp * 1000,
  };
}
