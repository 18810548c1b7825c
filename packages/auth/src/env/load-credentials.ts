// Credentials from the environment, by the names that the Python SDK has.
import { InvalidOptionsError } from '../errors/usage-errors.ts';
import type { ClientCredentials } from '../oauth/token-endpoint.ts';

/** What {@link loadCredentialsFromEnv} gives. */
export interface EnvCredentials {
  /** `WEBEX_INTEGRATION_CLIENT_ID`, `WEBEX_INTEGRATION_CLIENT_SECRET`, `WEBEX_INTEGRATION_REDIRECT_URI`. */
  readonly integration: ClientCredentials & { readonly redirectUri: string };
  /** `WEBEX_SA_CLIENT_ID`, `WEBEX_SA_CLIENT_SECRET`. */
  readonly serviceApp: ClientCredentials;
  /** For both managers' `http`: `WEBEX_API_URL` where it is set, for example a local platform; otherwise Webex. */
  readonly http: { readonly baseUrl?: string };
  /** A sandbox: `WEBEX_ORG_ID` and `WEBEX_SA_REFRESH_TOKEN`, when both are set. */
  readonly sandbox: { readonly organization: string; readonly refreshToken: string } | undefined;
  /** `WEBEX_WEBHOOK_TARGET_URL` and `WEBEX_WEBHOOK_SECRET`, when both are set. */
  readonly webhook: { readonly targetUrl: string; readonly secret: string } | undefined;
}

/** The redirect URI when the environment names none; the Python SDK's. */
const REDIRECT_URI = 'http://127.0.0.1:8765/callback';

/**
 * Reads the credentials from environment variables.
 *
 * @param env - default `process.env`
 * @throws InvalidOptionsError that names every variable that is missing
 *
 * @example
 * ```ts
 * import { IntegrationTokenManager, loadCredentialsFromEnv, MemoryTokenStore, ServiceAppTokenManager } from '@byova/auth';
 *
 * const { integration, serviceApp, http } = loadCredentialsFromEnv({
 *   WEBEX_INTEGRATION_CLIENT_ID: 'C1', // without an argument: from process.env
 *   WEBEX_INTEGRATION_CLIENT_SECRET: 'secret',
 *   WEBEX_SA_CLIENT_ID: `C${'0a'.repeat(32)}`,
 *   WEBEX_SA_CLIENT_SECRET: 'secret',
 * });
 * const store = new MemoryTokenStore();
 * const integrationTokens = new IntegrationTokenManager({ ...integration, store, http });
 * const serviceAppTokens = new ServiceAppTokenManager({ ...serviceApp, store, http, integration: integrationTokens });
 * console.log(JSON.stringify(serviceAppTokens).includes('secret')); // false
 * ```
 */
export function loadCredentialsFromEnv(
  env: Readonly<Record<string, string | undefined>> = process.env,
): EnvCredentials {
  const missing: string[] = [];
  const optional = (name: string): string | undefined => env[name]?.trim() || undefined;
  const required = (name: string): string => {
    const value = optional(name);
    if (value === undefined) missing.push(name);
    return value ?? '';
  };
  const both = (first: string, second: string): readonly [string, string] | undefined => {
    const [a, b] = [optional(first), optional(second)];
    if (a !== undefined && b !== undefined) return [a, b];
    if (a !== undefined || b !== undefined) missing.push(a === undefined ? first : second);
    return undefined;
  };
  const integration = {
    clientId: required('WEBEX_INTEGRATION_CLIENT_ID'),
    clientSecret: required('WEBEX_INTEGRATION_CLIENT_SECRET'),
    redirectUri: optional('WEBEX_INTEGRATION_REDIRECT_URI') ?? REDIRECT_URI,
  };
  const serviceApp = {
    clientId: required('WEBEX_SA_CLIENT_ID'),
    clientSecret: required('WEBEX_SA_CLIENT_SECRET'),
  };
  const baseUrl = optional('WEBEX_API_URL');
  const sandbox = optional('WEBEX_SA_REFRESH_TOKEN') && both('WEBEX_ORG_ID', 'WEBEX_SA_REFRESH_TOKEN');
  const webhook = both('WEBEX_WEBHOOK_TARGET_URL', 'WEBEX_WEBHOOK_SECRET');
  if (missing.length > 0) {
    throw new InvalidOptionsError(
      `The environment lacks ${missing.join(', ')}. Set them, for example in a .env file that is not committed.`,
    );
  }
  return {
    integration,
    serviceApp,
    http: baseUrl === undefined ? {} : { baseUrl },
    sandbox: sandbox ? { organization: sandbox[0], refreshToken: sandbox[1] } : undefined,
    webhook: webhook && { targetUrl: webhook[0], secret: webhook[1] },
  };
}
