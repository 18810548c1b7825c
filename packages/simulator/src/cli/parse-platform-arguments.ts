// The command line of `byova-sim platform`, read into the options of the platform.
import { parseArgs } from 'node:util';
import type { PlatformOptions } from '../platform/platform-options.ts';
import { UsageError } from './parse-arguments.ts';

/** What the command line asks for. */
export type PlatformCommand =
  | { readonly kind: 'help' }
  | { readonly kind: 'platform'; readonly options: PlatformOptions };

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const list = { type: 'string', multiple: true } as const;

const OPTIONS = {
  host: text,
  port: text,
  consent: text,
  'redirect-uri': list,
  rotating: flag,
  'refresh-tokens': text,
  'access-token-seconds': text,
  'refresh-token-seconds': text,
  signature: list,
  'oauth-errors': text,
  'target-org-id': text,
  help: flag,
} as const;

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function whole(value: string | undefined, name: string): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d+$/.test(value)) throw new UsageError(`--${name} must be a whole number, not "${value}".`);
  return Number(value);
}

/**
 * Reads what follows `platform`. Throws {@link UsageError}; what only `startPlatform` can judge is left to it.
 */
export function parsePlatformArguments(args: readonly string[]): PlatformCommand {
  const { values, positionals } = parse(args);
  if (values.help === true) return { kind: 'help' };
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is not understood.`);
  if (values.rotating === true && values['refresh-tokens'] !== undefined) {
    throw new UsageError('--rotating and --refresh-tokens say the same; give one of them.');
  }
  const redirectUris = values['redirect-uri'];
  const options = {
    host: values.host,
    port: whole(values.port, 'port'),
    consent: values.consent,
    integration: redirectUris === undefined ? undefined : { redirectUris },
    refreshTokens: values.rotating === true ? 'rotating' : values['refresh-tokens'],
    accessTokenLifetimeSeconds: whole(values['access-token-seconds'], 'access-token-seconds'),
    refreshTokenLifetimeSeconds: whole(values['refresh-token-seconds'], 'refresh-token-seconds'),
    webhookSignatures: values.signature,
    oauthErrors: values['oauth-errors'],
    targetOrgIdForm: values['target-org-id'],
  };
  const given = Object.entries(options).filter(([, value]) => value !== undefined);
  // `startPlatform` checks at run time, so what was typed here may be anything.
  return { kind: 'platform', options: Object.fromEntries(given) as PlatformOptions };
}
