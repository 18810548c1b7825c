// The data sources that a server answers for: what a token's claims are compared with.
import { type JwsRefusalReason, JwsRefusedError } from './errors.ts';
import type { DataSourceClaims } from './read-token.ts';

/** A data source, as far as a token must agree with it. What is left out is not compared. */
export interface KnownDataSource {
  /** Exactly as it was registered: `https://h`, `https://h:443` and `https://h/` are three. */
  readonly url: string;
  /** Of the schema. Default: the voice virtual agent over gRPC. */
  readonly schemaId?: string;
  /** UUID. Without one, every organization whose token Webex signs is let in. */
  readonly organization?: string;
  readonly audience?: string;
  readonly subject?: string;
  /** The current nonce, and the one before until its token ends. */
  readonly nonces?: readonly string[];
}

/** Tells the data sources that may be meant: those that are known, or those that fit the claims. */
export interface KnownDataSources {
  /** Called for each token; synchronous where it can be. */
  find(claims: DataSourceClaims): readonly KnownDataSource[] | Promise<readonly KnownDataSource[]>;
  /**
   * Called once for a genuine token that no data source fits: a replica may have registered or rotated it a moment ago. Bound how
   * often you look.
   */
  reload?(claims: DataSourceClaims): Promise<void>;
}

/** The data sources that a verifier knows: a list, a function of the claims, or something that can look again. */
export type DataSourceLookup = readonly KnownDataSource[] | KnownDataSources['find'] | KnownDataSources;

/** The schema of the voice virtual agent over gRPC (webex/rest.md 4.5). */
export const VOICE_VIRTUAL_AGENT_SCHEMA = '5397013b-7920-4ffc-807c-e8a3e0a18f43';

/** From the claims that an operator can least often explain away, to those that rotate. */
const ORDER: readonly JwsRefusalReason[] = ['url', 'schema', 'organization', 'audience', 'subject', 'nonce'];

/** UUIDs, in whatever case; as a rule in the same one, and then nothing is converted. */
function sameId(one: string, other: string): boolean {
  return one === other || one.toLowerCase() === other.toLowerCase();
}

function mismatch(claims: DataSourceClaims, known: KnownDataSource): JwsRefusalReason | undefined {
  if (claims.url !== known.url) return 'url';
  if (!sameId(claims.schemaId, known.schemaId ?? VOICE_VIRTUAL_AGENT_SCHEMA)) return 'schema';
  if (known.organization !== undefined && !sameId(claims.organization, known.organization)) return 'organization';
  if (known.audience !== undefined && !claims.aud.includes(known.audience)) return 'audience';
  if (known.subject !== undefined && claims.sub !== known.subject) return 'subject';
  if (known.nonces !== undefined && !known.nonces.includes(claims.jti)) return 'nonce';
  return undefined;
}

/** Whether the claims are of one of the data sources. */
export function matches(claims: DataSourceClaims, known: readonly KnownDataSource[]): boolean {
  return known.some((dataSource) => mismatch(claims, dataSource) === undefined);
}

/** The data source that the claims are of; otherwise the check that the nearest one failed. */
export function match(
  claims: DataSourceClaims,
  known: readonly KnownDataSource[],
): { readonly dataSource: KnownDataSource } | { readonly refusal: JwsRefusedError } {
  let nearest: JwsRefusalReason = 'url';
  for (const dataSource of known) {
    const reason = mismatch(claims, dataSource);
    if (reason === undefined) return { dataSource };
    if (ORDER.indexOf(reason) > ORDER.indexOf(nearest)) nearest = reason;
  }
  return { refusal: new JwsRefusedError(nearest, nearest === 'url' ? urlHint(claims.url, known) : undefined) };
}

/** Two URLs of one place that differ as texts are the most common mistake. */
function urlHint(url: string, known: readonly KnownDataSource[]): string {
  const place = (text: string): string | undefined => {
    const parsed = URL.parse(text);
    const defaults: Readonly<Record<string, string>> = { 'https:': '443', 'wss:': '443', 'http:': '80' };
    const port = parsed?.port || defaults[parsed?.protocol ?? ''];
    return parsed === null
      ? undefined
      : `${parsed.protocol}//${parsed.hostname}:${port}${parsed.pathname.replace(/\/$/, '')}`;
  };
  const alike = known.find((one) => place(one.url) !== undefined && place(one.url) === place(url));
  return alike === undefined
    ? 'No data source of that URL is known here.'
    : `The data source was registered as ${url}, and ${alike.url} is configured: write it exactly as it was registered.`;
}
