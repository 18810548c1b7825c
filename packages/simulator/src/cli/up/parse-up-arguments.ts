// The command line of `byova-sim up`: that of the platform, and what the caller needs.
import { readOrganization } from '../../platform/applications/organizations.ts';
import { type Region, readRegion } from '../../platform/issuers/region.ts';
import type { PlatformOptions } from '../../platform/platform-options.ts';
import { UsageError } from '../parse-arguments.ts';
import { parsePlatformArguments } from '../parse-platform-arguments.ts';

/** What `byova-sim up` is to do. */
export interface UpOptions {
  readonly platform: PlatformOptions;
  /** Where the agent listens. */
  readonly target: string;
  /** The customer whom commands mean that name none: a raw UUID. */
  readonly organization: string;
  readonly region: Region;
  /** A data source that is registered for that customer from the start. */
  readonly dataSourceUrl: string | undefined;
  /** Calls do not wait in real time. */
  readonly fast: boolean;
}

/** What the command line asks for. */
export type UpCommand = { readonly kind: 'help' } | { readonly kind: 'up'; readonly options: UpOptions };

const DEFAULT_TARGET = 'http://127.0.0.1:50051';
const DEFAULT_ORGANIZATION = '11111111-2222-3333-4444-555555555555';
const OWN = ['--target', '--org', '--region', '--data-source'];

/** Reads what follows `up`. Throws {@link UsageError}, and `INVALID_OPTION` for what cannot be. */
export function parseUpArguments(args: readonly string[]): UpCommand {
  const own = new Map<string, string>();
  const others: string[] = [];
  let fast = false;
  for (let index = 0; index < args.length; index += 1) {
    const [name = '', inline] = (args[index] ?? '').split(/=(.*)/s);
    if (name === '--fast') fast = true;
    else if (OWN.includes(name)) {
      if (inline === undefined) index += 1;
      const value = inline ?? args[index];
      if (value === undefined) throw new UsageError(`${name} needs a value.`);
      own.set(name, value);
    } else others.push(args[index] ?? '');
  }
  const command = parsePlatformArguments(others);
  if (command.kind === 'help') return command;
  return {
    kind: 'up',
    options: {
      platform: command.options,
      target: own.get('--target') ?? DEFAULT_TARGET,
      organization: readOrganization(own.get('--org') ?? DEFAULT_ORGANIZATION),
      region: readRegion(own.get('--region') ?? 'us'),
      dataSourceUrl: own.get('--data-source'),
      fast,
    },
  };
}
