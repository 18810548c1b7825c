// Reads a data source out of a request, in the dialect that the platform is set to. A refusal names the field, since clients
// find out by it which dialect is spoken.
import { HttpError } from '../http/http-error.ts';
import type { DataSourceDialect } from './data-source-dialect.ts';
import type { DataSourceFields } from './data-source-store.ts';
import { SCHEMAS } from './schemas.ts';

type Body = Readonly<Record<string, unknown>>;

const LONGEST_MINUTES = 1440;
const PROTOCOLS = ['http:', 'https:', 'ws:', 'wss:', 'grpc:', 'grpcs:'];

function text(body: Body, name: string): string {
  const value = body[name];
  if (typeof value === 'string' && value.trim() !== '') return value;
  throw new HttpError(400, `${name} is required and must be a text.`);
}

function readSchemaId(body: Body, dialect: DataSourceDialect): string {
  const value = body['schemaId'];
  const isList = Array.isArray(value);
  if (isList && dialect === 'current') throw new HttpError(400, 'schemaId must be a string.');
  if (!isList && dialect === 'legacy') throw new HttpError(400, 'schemaId must be an array.');
  const [id, ...more] = isList ? value : [value];
  const known = SCHEMAS.find((schema) => schema.id === id);
  if (known === undefined || more.length > 0) throw new HttpError(400, 'schemaId names no schema of the Service App.');
  return known.id;
}

function readMinutes(body: Body, dialect: DataSourceDialect): number {
  const { tokenLifetimeMinutes, tokenLifeMinutes } = body;
  const isLegacy = tokenLifetimeMinutes === undefined && tokenLifeMinutes !== undefined;
  if (dialect === 'legacy' && !isLegacy) throw new HttpError(400, 'tokenLifeMinutes is required.');
  if (dialect === 'current' && isLegacy) throw new HttpError(400, 'tokenLifetimeMinutes is required.');
  const name = isLegacy ? 'tokenLifeMinutes' : 'tokenLifetimeMinutes';
  const value = isLegacy ? tokenLifeMinutes : tokenLifetimeMinutes;
  const minutes = typeof value === 'string' && /^\d{1,5}$/.test(value) ? Number(value) : value;
  if (Number.isInteger(minutes) && Number(minutes) >= 1 && Number(minutes) <= LONGEST_MINUTES) return Number(minutes);
  throw new HttpError(400, `${name} must be between 1 and ${LONGEST_MINUTES}.`);
}

function readUrl(body: Body, domains: readonly string[] | undefined): string {
  const url = text(body, 'url');
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (parsed === undefined || !PROTOCOLS.includes(parsed.protocol)) throw new HttpError(400, 'url must be a URL.');
  const { hostname } = parsed;
  if (domains?.some((domain) => hostname === domain || hostname.endsWith(`.${domain}`)) === false) {
    throw new HttpError(400, 'url is outside the data exchange domains of the Service App.');
  }
  return url;
}

function readStatus(body: Body): Pick<DataSourceFields, 'status' | 'errorMessage'> {
  const { status } = body;
  if (status !== 'active' && status !== 'disabled') throw new HttpError(400, 'status must be active or disabled.');
  return { status, errorMessage: status === 'disabled' ? text(body, 'errorMessage') : undefined };
}

/**
 * Reads a data source. Throws 400.
 *
 * @param isNew - a new one has no status yet; a change needs it, and everything else, each time
 */
export function readDataSource(
  body: Body,
  how: {
    readonly dialect: DataSourceDialect;
    readonly domains: readonly string[] | undefined;
    readonly isNew: boolean;
  },
): DataSourceFields {
  return {
    schemaId: readSchemaId(body, how.dialect),
    url: readUrl(body, how.domains),
    audience: text(body, 'audience'),
    subject: text(body, 'subject'),
    nonce: text(body, 'nonce'),
    tokenLifetimeMinutes: readMinutes(body, how.dialect),
    ...(how.isNew ? { status: 'active' as const, errorMessage: undefined } : readStatus(body)),
  };
}
