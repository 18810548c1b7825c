// The data sources of all organizations, and their tokens. A fresh nonce makes a new token; nothing else does.
import { randomUUID } from 'node:crypto';
import { SimulatorError } from '../../errors.ts';
import type { Issuers } from '../issuers/issuers.ts';
import type { Region } from '../issuers/region.ts';
import type { SecretBook } from '../secret-book.ts';
import type { DataSourceSelector, StoredDataSource } from './stored-data-source.ts';

/** What a request says of a data source. */
export interface DataSourceFields {
  readonly schemaId: string;
  readonly url: string;
  readonly audience: string;
  readonly subject: string;
  readonly nonce: string;
  readonly tokenLifetimeMinutes: number;
  readonly status: 'active' | 'disabled';
  readonly errorMessage: string | undefined;
}

/** The store. */
export interface DataSourceStore {
  create(orgId: string, fields: DataSourceFields): StoredDataSource;
  /** `undefined` for one that another organization has. */
  update(orgId: string, id: string, fields: DataSourceFields): StoredDataSource | undefined;
  get(orgId: string, id: string): StoredDataSource | undefined;
  of(orgId: string): readonly StoredDataSource[];
  all(): readonly StoredDataSource[];
  /** False when there is none. */
  remove(id: string, orgId?: string): boolean;
  removeOrganization(orgId: string): void;
  /** An administrator's doing. False when there is none. */
  disable(id: string, errorMessage: string): boolean;
  /** Lets tokens have ended a minute ago. */
  expireTokens(orgId: string | undefined): void;
  /** The one that is meant. Throws `NO_DATA_SOURCE`. */
  select(orgId: string, selector: DataSourceSelector): StoredDataSource;
  /** The token before the last renewal. */
  previousToken(id: string): string | undefined;
  /** The claims of a data source's token. */
  claimsOf(source: StoredDataSource): Readonly<Record<string, unknown>>;
}

interface Kept extends Omit<StoredDataSource, 'jws'> {
  readonly token: { readonly text: string; readonly kid: string } | undefined;
  readonly previous: string | undefined;
}

interface Parts {
  readonly now: () => number;
  readonly issuers: Issuers;
  readonly secrets: SecretBook;
  readonly applicationId: string;
  readonly regionOf: (orgId: string) => Region;
}

const MINUTE = 60_000;
/** Tokens tell whole seconds. */
const wholeSeconds = (ms: number): number => Math.floor(ms / 1000) * 1000;

/** Makes an empty store. */
export function createDataSourceStore({ now, issuers, secrets, applicationId, regionOf }: Parts): DataSourceStore {
  const sources = new Map<string, Kept>();

  function claimsOf(source: Omit<StoredDataSource, 'jws'>): Readonly<Record<string, unknown>> {
    return {
      iss: issuers.issuerOf(regionOf(source.orgId)),
      aud: source.audience,
      sub: source.subject,
      iat: source.tokenIssuedAt / 1000,
      exp: source.tokenExpiresAt / 1000,
      jti: source.nonce,
      'com.cisco.datasource.url': source.url,
      'com.cisco.datasource.schema.uuid': source.schemaId,
      'com.cisco.org.uuid': source.orgId,
    };
  }

  /** As others see it: signed by a key that its issuer publishes now. */
  function shown(id: string): StoredDataSource | undefined {
    const kept = sources.get(id);
    if (kept === undefined) return undefined;
    const region = regionOf(kept.orgId);
    let { token } = kept;
    if (token === undefined || !issuers.isPublished(region, token.kid)) {
      const signed = issuers.sign({ region, claims: claimsOf(kept) });
      token = { text: secrets.note(signed.token), kid: signed.kid };
      sources.set(id, { ...kept, token });
    }
    const { token: _token, previous: _previous, ...rest } = kept;
    return { ...rest, jws: token.text };
  }

  function lived(minutes: number): { readonly tokenIssuedAt: number; readonly tokenExpiresAt: number } {
    const tokenIssuedAt = wholeSeconds(now());
    return { tokenIssuedAt, tokenExpiresAt: tokenIssuedAt + minutes * MINUTE };
  }

  const list = (orgId?: string): StoredDataSource[] =>
    [...sources.values()].flatMap((kept) =>
      orgId === undefined || kept.orgId === orgId ? (shown(kept.id) ?? []) : [],
    );

  return {
    create(orgId, fields) {
      const id = randomUUID();
      const life = lived(fields.tokenLifetimeMinutes);
      const made = { createdAt: now(), updatedAt: now(), renewals: 0, token: undefined, previous: undefined };
      sources.set(id, { id, orgId, applicationId, ...fields, ...life, ...made });
      return shown(id) as StoredDataSource;
    },
    update(orgId, id, fields) {
      const before = sources.get(id);
      if (before === undefined || before.orgId !== orgId) return undefined;
      const renewed = fields.nonce !== before.nonce;
      sources.set(id, {
        ...before,
        ...fields,
        updatedAt: now(),
        ...(renewed
          ? {
              ...lived(fields.tokenLifetimeMinutes),
              renewals: before.renewals + 1,
              token: undefined,
              previous: shown(id)?.jws,
            }
          : {}),
      });
      return shown(id);
    },
    get: (orgId, id) => (sources.get(id)?.orgId === orgId ? shown(id) : undefined),
    of: (orgId) => list(orgId),
    all: () => list(),
    remove: (id, orgId) => (orgId === undefined || sources.get(id)?.orgId === orgId) && sources.delete(id),
    removeOrganization(orgId) {
      for (const { id } of [...sources.values()].filter((kept) => kept.orgId === orgId)) sources.delete(id);
    },
    disable(id, errorMessage) {
      const kept = sources.get(id);
      if (kept !== undefined) sources.set(id, { ...kept, status: 'disabled', errorMessage, updatedAt: now() });
      return kept !== undefined;
    },
    expireTokens(orgId) {
      for (const kept of [...sources.values()]) {
        if (orgId !== undefined && kept.orgId !== orgId) continue;
        const tokenExpiresAt = wholeSeconds(now()) - MINUTE;
        const tokenIssuedAt = tokenExpiresAt - kept.tokenLifetimeMinutes * MINUTE;
        sources.set(kept.id, { ...kept, tokenIssuedAt, tokenExpiresAt, token: undefined });
      }
    },
    select(orgId, { id, url, schemaId }) {
      const fitting = list(orgId).filter(
        (source) =>
          source.status === 'active' &&
          (id === undefined || source.id === id) &&
          (url === undefined || source.url === url) &&
          (schemaId === undefined || source.schemaId === schemaId),
      );
      const [found] = fitting;
      if (found !== undefined && fitting.length === 1) return found;
      throw new SimulatorError(
        'NO_DATA_SOURCE',
        found === undefined
          ? 'The organization has no active data source that fits.'
          : 'Several data sources fit: name one by its id.',
      );
    },
    previousToken: (id) => sources.get(id)?.previous,
    claimsOf,
  };
}
