// Makes sure that a data source is registered as it should be, without guessing and without taking anything away: its id is what
// customers have entered in their flows.
import { withoutTrailing } from '@byova/auth/foundation';
import type { DataSource } from './data-source.ts';
import type { CreateDataSource, DataSourceClient } from './data-source-client.ts';
import { DataSourceAmbiguousError } from './errors.ts';
import { schemaIdOf } from './schemas.ts';

/** The data source that there should be. */
export interface DataSourceSpec extends Omit<CreateDataSource, 'nonce'> {
  /** Its id, where it is known: then its URL may be changed. Default: found by URL and schema. */
  readonly id?: string;
}

/** What was found or done. */
export interface EnsuredDataSource {
  readonly dataSource: DataSource;
  /** `found`: all was well, nothing was written. */
  readonly action: 'found' | 'repaired' | 'created';
  /** What was put right. `token`: it had ended, or was about to. */
  readonly changed: readonly ('url' | 'audience' | 'subject' | 'tokenLifetimeMinutes' | 'token')[];
}

/** A token that lives no longer than this is renewed at once; ms, and never more than a tenth of its lifetime. */
const SOON_MS = 60_000;

const DEFAULT_PORTS: Readonly<Record<string, string>> = { 'https:': '443', 'wss:': '443', 'http:': '80', 'ws:': '80' };

/** One text for all ways to write a URL. */
function place(url: string): string {
  const parsed = URL.parse(url);
  if (parsed === null) return url;
  const port = parsed.port || (DEFAULT_PORTS[parsed.protocol] ?? '');
  return `${parsed.protocol}//${parsed.hostname}:${port}${withoutTrailing(parsed.pathname, '/')}`;
}

export async function ensureDataSource(
  client: DataSourceClient,
  spec: DataSourceSpec,
  options: { readonly now: () => number; readonly signal?: AbortSignal | undefined },
): Promise<EnsuredDataSource> {
  const found = await find(client, spec, options);
  if (found === undefined) {
    const { id: _id, ...rest } = spec;
    return { dataSource: await client.create(rest, options), action: 'created', changed: [] };
  }
  const { tokenLifetimeMinutes = found.tokenLifetimeMinutes } = spec;
  const wanted = { url: spec.url, audience: spec.audience, subject: spec.subject, tokenLifetimeMinutes };
  const changed: EnsuredDataSource['changed'][number][] = (
    ['url', 'audience', 'subject', 'tokenLifetimeMinutes'] as const
  ).filter((name) => found[name] !== wanted[name]);
  const soonMs = Math.min(SOON_MS, found.tokenLifetimeMinutes * 6000);
  if (found.tokenExpiresAt - soonMs <= options.now()) changed.push('token');
  if (changed.length === 0) return { dataSource: found, action: 'found', changed };
  // Claims of a token that is out already do not change: whatever differs takes a new one.
  const nonce = client.newNonce();
  const dataSource = await client.update(found.id, { ...wanted, nonce }, { current: found, signal: options.signal });
  return { dataSource, action: 'repaired', changed };
}

async function find(
  client: DataSourceClient,
  spec: DataSourceSpec,
  { signal }: { readonly signal?: AbortSignal | undefined },
): Promise<DataSource | undefined> {
  if (spec.id !== undefined) return client.get(spec.id, { signal });
  const schemaId = schemaIdOf(spec.schemaId ?? 'voiceVirtualAgent');
  const alike = (await client.list({ signal })).filter(
    (one) => one.schemaId.toLowerCase() === schemaId && place(one.url) === place(spec.url),
  );
  const ours = alike.filter(({ applicationId }) => applicationId === undefined || applicationId === client.clientId);
  const exact = ours.filter(({ url }) => url === spec.url);
  if (exact.length > 1) {
    const precise = exact.filter(({ audience, subject }) => audience === spec.audience && subject === spec.subject);
    if (precise.length === 1) return precise[0];
    throw new DataSourceAmbiguousError('several', idsOf(exact));
  }
  if (exact.length === 1) return exact[0];
  if (ours.length > 0) throw new DataSourceAmbiguousError('similar_url', idsOf(ours));
  if (alike.length > 0) throw new DataSourceAmbiguousError('other_application', idsOf(alike));
  return undefined;
}

const idsOf = (dataSources: readonly DataSource[]): readonly string[] => dataSources.map(({ id }) => id);
