// What the tokens of calls are verified against, as the server's options say it.
import type { DataSourceLookup, JwsVerifierOptions } from '@byova/datasources/jws';

/**
 * What the token of every call is verified against. One of `datasourceUrl` and `dataSources` is needed, unless tokens are not
 * enforced.
 */
export interface VerifyOptions extends Omit<JwsVerifierOptions, 'dataSources'> {
  /** URLs of the data sources that this server answers for, exactly as they were registered: `https://h` and `https://h:443` are two. */
  readonly datasourceUrl?: string | readonly string[];
  /**
   * Schema of the data sources in `datasourceUrl`: UUID. Default: the voice virtual agent over gRPC.
   */
  readonly schemaId?: string;
  /**
   * Instead of `datasourceUrl`: data sources with more to compare, or what finds them, such as the `knownDataSources` of a
   * `DataSourceRefresher`.
   */
  readonly dataSources?: DataSourceLookup;
  /**
   * `false` lets every call in and logs those whose token is not good. For development only: whoever reaches the port can pass
   * for any customer. Default `true`.
   */
  readonly enforce?: boolean;
}

/** The data sources of the options; undefined when they name none. */
export function dataSourcesOf({
  datasourceUrl,
  schemaId,
  dataSources,
}: VerifyOptions): JwsVerifierOptions['dataSources'] | undefined {
  if (dataSources !== undefined) return dataSources;
  if (datasourceUrl === undefined) return undefined;
  const urls = typeof datasourceUrl === 'string' ? [datasourceUrl] : datasourceUrl;
  return urls.map((url) => (schemaId === undefined ? { url } : { url, schemaId }));
}
