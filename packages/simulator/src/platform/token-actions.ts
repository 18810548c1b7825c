// What a test does to the tokens of data sources, and to those who sign them.
import { randomUUID } from 'node:crypto';
import { SimulatorError } from '../errors.ts';
import { readOrganization } from './applications/organizations.ts';
import type { Core } from './core.ts';
import type { StoredDataSource } from './data-sources/stored-data-source.ts';
import type { Issuers } from './issuers/issuers.ts';
import { REGIONS, type Region, readRegion } from './issuers/region.ts';
import type { Platform } from './platform.ts';

const VOICE_SCHEMA = '5397013b-7920-4ffc-807c-e8a3e0a18f43';

/** The issuers by region. */
export function issuerNames(issuers: Issuers): Readonly<Record<Region, string>> {
  const names = (Object.keys(REGIONS) as Region[]).map((region) => [region, issuers.issuerOf(region)]);
  return Object.freeze(Object.fromEntries(names));
}

type TokenActions = Pick<
  Platform,
  | 'callToken'
  | 'previousCallToken'
  | 'signToken'
  | 'rotateKeys'
  | 'expireTokens'
  | 'registerDataSource'
  | 'disableDataSource'
  | 'removeDataSource'
>;

function missing(): SimulatorError {
  return new SimulatorError('NO_DATA_SOURCE', 'There is no such data source.');
}

/** Those methods of a platform. */
export function tokenActions({ dataSources, issuers, secrets, options }: Core): TokenActions {
  /** Claims that look like those of a data source. */
  function likely(region: Region): Readonly<Record<string, unknown>> {
    const seconds = Math.floor(options.now() / 1000);
    return {
      iss: issuers.issuerOf(region),
      aud: 'audience',
      sub: 'subject',
      iat: seconds,
      exp: seconds + 3600,
      jti: 'nonce',
      'com.cisco.datasource.url': 'https://va.example.com:443',
      'com.cisco.datasource.schema.uuid': VOICE_SCHEMA,
      'com.cisco.org.uuid': '11111111-2222-3333-4444-555555555555',
    };
  }

  function find(id: string): StoredDataSource {
    const source = dataSources.all().find((one) => one.id === id);
    if (source === undefined) throw missing();
    return source;
  }

  return {
    callToken: (orgId, selector = {}) => dataSources.select(readOrganization(orgId), selector).jws,
    previousCallToken: (id) => dataSources.previousToken(id),
    signToken: ({ region: wanted, dataSourceId, claims, header = {}, key = 'current' } = {}) => {
      const source = dataSourceId === undefined ? undefined : find(dataSourceId);
      const own = source === undefined ? undefined : dataSources.claimsOf(source);
      const names = issuerNames(issuers);
      const home = (Object.keys(REGIONS) as Region[]).find((region) => names[region] === own?.['iss']);
      const region = wanted === undefined ? (home ?? 'us') : readRegion(wanted);
      const { token } = issuers.sign({ region, claims: { ...(own ?? likely(region)), ...claims }, header, key });
      return secrets.note(token);
    },
    rotateKeys: (region = 'us', { keepOld = true } = {}) => issuers.rotate(readRegion(region), keepOld),
    expireTokens: (orgId) => dataSources.expireTokens(orgId === undefined ? undefined : readOrganization(orgId)),
    registerDataSource: (
      orgId,
      { url, schemaId = VOICE_SCHEMA, audience = 'audience', subject = 'subject', ...rest },
    ) => {
      if (!URL.canParse(url)) throw new SimulatorError('INVALID_OPTION', 'url must be a URL.');
      const { nonce = randomUUID(), tokenLifetimeMinutes = 1440 } = rest;
      const fields = { url, schemaId, audience, subject, nonce: secrets.note(nonce), tokenLifetimeMinutes };
      return dataSources.create(readOrganization(orgId), { ...fields, status: 'active', errorMessage: undefined });
    },
    disableDataSource: (id, errorMessage) => {
      if (!dataSources.disable(id, errorMessage)) throw missing();
    },
    removeDataSource: (id) => {
      if (!dataSources.remove(id)) throw missing();
    },
  };
}
