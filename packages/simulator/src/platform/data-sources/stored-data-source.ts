// A data source, as the platform keeps it and as a test sees it.

/** A data source of an organization. */
export interface StoredDataSource {
  /** What an administrator enters as the Resource Identifier: a raw UUID. */
  readonly id: string;
  /** The organization, a raw UUID. */
  readonly orgId: string;
  /** The Service App that made it: its plain client id. */
  readonly applicationId: string;
  readonly schemaId: string;
  readonly url: string;
  readonly audience: string;
  readonly subject: string;
  /** The `jti` of its token. */
  readonly nonce: string;
  readonly status: 'active' | 'disabled';
  readonly errorMessage: string | undefined;
  readonly tokenLifetimeMinutes: number;
  /** Beginning and end of its token: ms since 1970, by the platform's clock. */
  readonly tokenIssuedAt: number;
  readonly tokenExpiresAt: number;
  /** Its token. A secret. */
  readonly jws: string;
  /** How often its token was made anew. */
  readonly renewals: number;
  /** Ms since 1970. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** Which data source is meant, where an organization has several. What is left out is not compared. */
export interface DataSourceSelector {
  readonly id?: string;
  readonly url?: string;
  readonly schemaId?: string;
}
