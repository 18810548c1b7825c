// A data source as Webex gives it, in all the forms that its documents and servers disagree on, and as this package knows it.
// webex/rest.md 4.3, 4.4.
import type { ResponseSchema } from '@byova/auth/http';
import { z } from 'zod';
import { readClaims, type TokenClaims } from './token-claims.ts';

/** Whether Webex calls the data source. */
export type DataSourceStatus = 'active' | 'disabled';

/** A data source of one organization. Holds no token: what Webex returns is for inspection, and its claims are in here. */
export interface DataSource {
  /** What a customer's administrator enters as the Resource Identifier. */
  readonly id: string;
  /** The customer organization: UUID in lower case. */
  readonly organization: string;
  /** The Service App that made it, where Webex says so: its client id. */
  readonly applicationId: string | undefined;
  readonly schemaId: string;
  /** Exactly as it was registered. */
  readonly url: string;
  readonly audience: string;
  readonly subject: string;
  /** The `jti` of the present token. */
  readonly nonce: string;
  readonly tokenLifetimeMinutes: number;
  readonly status: DataSourceStatus;
  /** Why it is disabled: shown to the customer's administrator in Control Hub. */
  readonly errorMessage: string | undefined;
  /** Beginning of the present token; ms since 1970. */
  readonly tokenIssuedAt: number;
  /** End of the present token: the earlier of what Webex says and what the token says; ms since 1970. */
  readonly tokenExpiresAt: number;
}

/** What Webex answers, read as far as it is used. Unknown members stay behind: nothing of them is sent back. */
export interface WireDataSource {
  readonly id: string;
  readonly organization: string | undefined;
  readonly applicationId: string | undefined;
  readonly schemaId: string | undefined;
  readonly url: string | undefined;
  readonly audience: string | undefined;
  readonly subject: string | undefined;
  readonly nonce: string | undefined;
  readonly tokenLifetimeMinutes: number | undefined;
  readonly status: DataSourceStatus;
  readonly errorMessage: string | undefined;
  readonly tokenExpiryTime: number | undefined;
  readonly claims: TokenClaims | undefined;
}

const text = z
  .string()
  .nullish()
  .transform((value) => (value === null || value === '' ? undefined : value));
const time = z
  .union([z.string(), z.number()])
  .nullish()
  .transform((value) => {
    const at = typeof value === 'number' ? value : Date.parse(value ?? '');
    return Number.isFinite(at) ? at : undefined;
  });

const item = z
  .object({
    id: z.string().min(1),
    orgId: text,
    applicationId: text,
    schemaId: z
      .union([z.string(), z.array(z.string())])
      .nullish()
      .transform((value) => (Array.isArray(value) ? value[0] : (value ?? undefined))),
    url: text,
    audience: text,
    subject: text,
    nonce: text,
    tokenLifetimeMinutes: z.coerce.number().optional().catch(undefined),
    tokenLifeMinutes: z.coerce.number().optional().catch(undefined),
    status: z.string().optional(),
    errorMessage: text,
    jwsToken: text,
    jwtToken: text,
    tokenExpiryTime: time,
    tokenExpiryDate: time,
    tokenExpirationTime: time,
  })
  .transform(
    (wire): WireDataSource => ({
      id: wire.id,
      organization: wire.orgId,
      applicationId: wire.applicationId,
      schemaId: wire.schemaId,
      url: wire.url,
      audience: wire.audience,
      subject: wire.subject,
      nonce: wire.nonce,
      tokenLifetimeMinutes: wire.tokenLifetimeMinutes ?? wire.tokenLifeMinutes,
      // An older page of the documentation has "inactive".
      status: /^(?:disabled|inactive)$/i.test(wire.status ?? '') ? 'disabled' : 'active',
      errorMessage: wire.errorMessage,
      tokenExpiryTime: wire.tokenExpiryTime ?? wire.tokenExpiryDate ?? wire.tokenExpirationTime,
      claims: readClaims(wire.jwsToken ?? wire.jwtToken),
    }),
  );

export const dataSourceSchema: ResponseSchema<WireDataSource> = item;

/** A list as `{items}` or as an array; what is no data source in it is left to the caller to pass over. */
export const dataSourceListSchema: ResponseSchema<{ readonly items: readonly unknown[] }> = z.union([
  z.object({ items: z.array(z.unknown()) }),
  z.array(z.unknown()).transform((items) => ({ items })),
]);

/** What a data source was asked to be, to fill in what an answer leaves out. */
export interface KnownMembers {
  readonly organization: string;
  readonly schemaId?: string | undefined;
  readonly url?: string | undefined;
  readonly audience?: string | undefined;
  readonly subject?: string | undefined;
  readonly nonce?: string | undefined;
  readonly tokenLifetimeMinutes?: number | undefined;
  /** When the token was made, where this is the answer to what made it; ms since 1970. */
  readonly issuedAt?: number | undefined;
}

/** The longest that two statements of one end may differ before it is worth a warning; ms. */
const EXPIRY_TOLERANCE_MS = 60_000;

/**
 * Completes what Webex answered: from its token's claims, which it may leave out beside, and from what was asked for.
 *
 * @param onProblem - told of what is odd and was got over
 * @returns undefined when it does not say what it is, or when its token ends: nothing could be renewed in time
 */
export function completeDataSource(
  wire: WireDataSource,
  asked: KnownMembers,
  onProblem: (problem: string) => void,
): DataSource | undefined {
  const { claims } = wire;
  const ends = [wire.tokenExpiryTime, claims?.expiresAt].filter((end) => end !== undefined);
  const url = wire.url ?? claims?.url ?? asked.url;
  const schemaId = wire.schemaId ?? claims?.schemaId ?? asked.schemaId;
  if (url === undefined || schemaId === undefined || ends.length === 0) return undefined;
  if (Math.max(...ends) - Math.min(...ends) > EXPIRY_TOLERANCE_MS) {
    onProblem('tokenExpiryTime and the end of the token differ; the earlier counts');
  }
  const tokenExpiresAt = Math.min(...ends);
  const tokenLifetimeMinutes = wire.tokenLifetimeMinutes ?? claims?.lifetimeMinutes ?? asked.tokenLifetimeMinutes ?? 60;
  return {
    id: wire.id,
    organization: (wire.organization ?? claims?.organization ?? asked.organization).toLowerCase(),
    applicationId: wire.applicationId,
    schemaId,
    url,
    audience: wire.audience ?? claims?.audience ?? asked.audience ?? '',
    subject: wire.subject ?? claims?.subject ?? asked.subject ?? '',
    nonce: wire.nonce ?? claims?.nonce ?? asked.nonce ?? '',
    tokenLifetimeMinutes,
    status: wire.status,
    errorMessage: wire.errorMessage,
    tokenIssuedAt: claims?.issuedAt ?? asked.issuedAt ?? tokenExpiresAt - tokenLifetimeMinutes * 60_000,
    tokenExpiresAt,
  };
}
