// What is stored of a credential: its state and its tokens. The generation tells authorizations apart, so that work begun
// under one cannot end under another.
import { z } from 'zod';
import { StoreTamperedError } from '../errors/store-errors.ts';
import type { JsonValue } from '../store/token-store.ts';
import type { TokenSet } from './token-set.ts';

/** A stored credential. */
export interface CredentialRecord {
  readonly format: 1;
  /** `authorizing`: accepted, and its first token is still to be minted. `revoked`: signed out, or deauthorized. */
  readonly state: 'authorizing' | 'authorized' | 'revoked';
  /** Grows with each authorization and revocation. */
  readonly generation: number;
  readonly tokens?: TokenSet | undefined;
  /** The organization id as Webex sent it, for a Service App. */
  readonly wireOrganization?: string | undefined;
  /** When the administrator authorized the app; ms since 1970. */
  readonly authorizedAt?: number | undefined;
  /** The newest authorization that has been revoked; ms since 1970. An authorization up to here is a replay. */
  readonly revokedUpTo?: number | undefined;
}

const tokenSetSchema: z.ZodType<TokenSet> = z.object({
  accessToken: z.string().min(1),
  obtainedAt: z.number(),
  expiresAt: z.number(),
  refreshToken: z.string().min(1).optional(),
  refreshTokenExpiresAt: z.number().optional(),
  scopes: z.array(z.string()).optional(),
});

const recordSchema: z.ZodType<CredentialRecord> = z.object({
  format: z.literal(1),
  state: z.enum(['authorizing', 'authorized', 'revoked']),
  generation: z.number().int(),
  tokens: tokenSetSchema.optional(),
  wireOrganization: z.string().optional(),
  authorizedAt: z.number().optional(),
  revokedUpTo: z.number().optional(),
});

/** A credential as it was read. */
export interface CredentialSnapshot {
  readonly record: CredentialRecord | undefined;
  readonly version: string | undefined;
}

/** @throws StoreTamperedError when it is no record of this library */
export function parseCredential(key: string, value: JsonValue): CredentialRecord {
  const parsed = recordSchema.safeParse(value);
  if (!parsed.success) {
    throw new StoreTamperedError(
      `Record ${key} is not one of this library. Give the store a prefix or folder of its own.`,
    );
  }
  return parsed.data;
}
