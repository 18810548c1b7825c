// The `verify` option from environment variables, for programs that are configured so.
import type { VerifyOptions } from './verify-options.ts';

/**
 * The `verify` option of a {@link MediaServer} from the environment:
 *
 * - `BYOVA_DATASOURCE_URL`: URL of the data source, exactly as registered; several separated by commas.
 * - `WEBEX_ISSUERS`: instead of the issuers of production, separated by commas. A local Webex prints its own.
 * - `BYOVA_VERIFY=off`: tokens are not enforced. For development.
 *
 * @param environment - default `process.env`
 * @returns undefined when neither a URL is given nor verification is off: then `listen` refuses to start
 *
 * @example
 * ```ts
 * import { MediaServer, verifyFromEnv } from '@byova/media';
 *
 * const verify = verifyFromEnv({ BYOVA_DATASOURCE_URL: 'https://va.example.com:443' });
 * const server = new MediaServer({ agents: [{ id: 'reception', name: 'Reception' }], verify });
 * console.log(verify?.datasourceUrl, server.stats.sessions); // [ 'https://va.example.com:443' ] 0
 * ```
 */
export function verifyFromEnv(environment: NodeJS.ProcessEnv = process.env): VerifyOptions | undefined {
  const list = (name: string): readonly string[] =>
    (environment[name] ?? '')
      .split(',')
      .map((one) => one.trim())
      .filter((one) => one !== '');
  const datasourceUrl = list('BYOVA_DATASOURCE_URL');
  const issuers = list('WEBEX_ISSUERS');
  const isOff = environment['BYOVA_VERIFY'] === 'off';
  if (datasourceUrl.length === 0 && !isOff) return undefined;
  return {
    ...(datasourceUrl.length === 0 ? {} : { datasourceUrl }),
    ...(issuers.length === 0 ? {} : { issuers }),
    ...(isOff ? { enforce: false } : {}),
  };
}
