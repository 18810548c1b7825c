// The options that can change while the platform runs, and their check.
import { SimulatorError } from '../errors.ts';
import type { DataSourceDialect } from './data-sources/data-source-dialect.ts';
import type { DataSourceAnswers } from './data-sources/write-data-source.ts';
import type { OAuthErrorShape } from './http/http-error.ts';
import type { WebhookSignatures } from './webhooks/signature-name.ts';

/** How the platform behaves, now. */
export interface Settings {
  consent: 'approve' | 'deny' | 'page';
  refreshTokens: 'constant' | 'rotating' | 'omitted';
  oauthErrors: OAuthErrorShape;
  targetOrgIdForm: 'any' | 'hydra' | 'uuid';
  accessTokenLifetimeSeconds: number;
  refreshTokenLifetimeSeconds: number;
  webhookSignatures: WebhookSignatures;
  dataSourceDialect: DataSourceDialect;
  dataSourceAnswers: DataSourceAnswers;
  tokenExpirySkewMinutes: number;
}

const DEFAULTS: Readonly<Settings> = {
  consent: 'page',
  refreshTokens: 'constant',
  oauthErrors: 'webex',
  targetOrgIdForm: 'any',
  accessTokenLifetimeSeconds: 1_209_600,
  refreshTokenLifetimeSeconds: 7_776_000,
  webhookSignatures: ['sha1'],
  dataSourceDialect: 'current',
  dataSourceAnswers: {},
  tokenExpirySkewMinutes: 0,
};

const SIGNATURES = ['sha1', 'sha256', 'sha512', 'sha256-bare', 'sha512-bare', 'combined'];

const ANSWER_FORMS: Readonly<Record<keyof DataSourceAnswers, readonly unknown[]>> = {
  schemaId: ['string', 'array'],
  list: ['items', 'array'],
  audience: ['given', 'omitted'],
  expiry: ['tokenExpiryTime', 'omitted'],
  token: ['jwsToken', 'jwtToken'],
  junk: [true, false],
};

function isAnswerForm([name, value]: [string, unknown]): boolean {
  return ANSWER_FORMS[name as keyof DataSourceAnswers]?.includes(value) === true;
}

const ALLOWED: {
  readonly [Key in keyof Settings]: { readonly test: (value: unknown) => boolean; readonly be: string };
} = {
  consent: oneOf('approve', 'deny', 'page'),
  refreshTokens: oneOf('constant', 'rotating', 'omitted'),
  oauthErrors: oneOf('webex', 'rfc6749'),
  targetOrgIdForm: oneOf('any', 'hydra', 'uuid'),
  accessTokenLifetimeSeconds: seconds(),
  refreshTokenLifetimeSeconds: seconds(),
  webhookSignatures: {
    test: (value) => Array.isArray(value) && value.every((name) => SIGNATURES.includes(name)),
    be: `a list of ${SIGNATURES.join(', ')}`,
  },
  dataSourceDialect: oneOf('current', 'legacy', 'either'),
  dataSourceAnswers: {
    test: (value) => typeof value === 'object' && value !== null && Object.entries(value).every(isAnswerForm),
    be: 'an object of the forms in which answers differ',
  },
  tokenExpirySkewMinutes: { test: (value) => Number.isSafeInteger(value), be: 'a whole number' },
};

function oneOf(...values: readonly string[]): { test: (value: unknown) => boolean; be: string } {
  return { test: (value) => typeof value === 'string' && values.includes(value), be: values.join(', ') };
}

function seconds(): { test: (value: unknown) => boolean; be: string } {
  return { test: (value) => Number.isSafeInteger(value) && Number(value) > 0, be: 'a whole number above 0' };
}

/** The settings among some options, checked. Throws `INVALID_OPTION`. What is undefined counts as left out. */
export function readSettings(
  change: { readonly [Key in keyof Settings]?: Settings[Key] | undefined },
): Partial<Settings> {
  const given = Object.entries(ALLOWED).flatMap(([name, { test, be }]) => {
    const value = change[name as keyof Settings];
    if (value === undefined) return [];
    if (!test(value)) throw new SimulatorError('INVALID_OPTION', `${name} must be ${be}.`);
    return [[name, value]];
  });
  return Object.fromEntries(given);
}

/** Settings with the defaults filled in. */
export function createSettings(change: Parameters<typeof readSettings>[0]): Settings {
  return { ...DEFAULTS, ...readSettings(change) };
}
