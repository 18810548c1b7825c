// What a person can do at the prompt of `byova-sim up`: be the administrators, the issuers' operators and the callers.
import type { CallReport } from '../../call/call-report.ts';
import { placeCall } from '../../call/place-call.ts';
import { isUuid } from '../../platform/ids.ts';
import { readRegion } from '../../platform/issuers/region.ts';
import type { Platform } from '../../platform/platform.ts';
import { summarizeCall } from '../call-summary.ts';
import type { TerminalOutput } from '../live-timeline.ts';
import { createLiveTimeline } from '../live-timeline.ts';
import { parseArguments, UsageError } from '../parse-arguments.ts';
import type { UpOptions } from './parse-up-arguments.ts';

/** What the commands work with. */
export interface UpContext {
  readonly platform: Platform;
  readonly options: UpOptions;
  readonly output: TerminalOutput;
  readonly signal: AbortSignal;
}

/** A command: how it is written, what it is for, and what it does. */
export interface UpCommandEntry {
  readonly usage: string;
  readonly help: string;
  run(words: readonly string[], context: UpContext): Promise<void>;
}

const print = ({ output }: UpContext, text: string): void => void output.write(`${text}\n`);

/** The organization that the first word names, and the words after it; or the one that is meant by default. */
function organizationOf(words: readonly string[], { options }: UpContext): [string, readonly string[]] {
  const [first = '', ...rest] = words;
  return isUuid(first) ? [first, rest] : [options.organization, words];
}

async function call(words: readonly string[], context: UpContext): Promise<void> {
  const { platform, options, output, signal } = context;
  const [organization, steps] = organizationOf(words, context);
  const how = options.fast ? ['--fast'] : [];
  const parsed = parseArguments(['call', '--target', options.target, '--org', organization, ...how, ...steps], {});
  if (parsed.kind !== 'call') throw new UsageError('call [org] [steps as those of "byova-sim call"]');
  // As Webex does: with the token of the organization's data source, unless one is typed.
  const token = parsed.options.token ?? platform.callToken(organization);
  const report: CallReport = await placeCall({
    ...parsed.options,
    token,
    signal,
    onTimeline: createLiveTimeline(output),
  });
  output.write(summarizeCall(report));
}

function describeToken(token: string): string {
  const claims = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString('utf8')) as Record<
    string,
    unknown
  >;
  const time = (seconds: unknown): string => new Date(Number(seconds) * 1000).toISOString();
  return Object.entries({ ...claims, iat: time(claims['iat']), exp: time(claims['exp']), jti: '(the nonce)' })
    .map(([name, value]) => `  ${name.padEnd(34)} ${String(value)}`)
    .join('\n');
}

/** The commands by name, in the order in which `help` tells them. */
export const UP_COMMANDS: Readonly<Record<string, UpCommandEntry>> = {
  authorize: {
    usage: 'authorize [org] [region]',
    help: 'an administrator authorizes the Service App; us, eu, b-us or ca signs its tokens',
    async run(words, context) {
      const [organization, [region]] = organizationOf(words, context);
      const deliveries = await context.platform.authorizeApp(
        organization,
        region === undefined ? {} : { region: readRegion(region) },
      );
      print(context, `${organization} has authorized the app; webhooks delivered: ${deliveries.length}`);
    },
  },
  deauthorize: {
    usage: 'deauthorize [org]',
    help: 'the administrator withdraws; tokens and data sources are gone',
    async run(words, context) {
      const [organization] = organizationOf(words, context);
      const deliveries = await context.platform.deauthorizeApp(organization);
      print(context, `${organization} has withdrawn; webhooks delivered: ${deliveries.length}`);
    },
  },
  register: {
    usage: 'register <url> [org]',
    help: 'a data source, as if your program had registered it',
    async run([url, ...words], context) {
      if (url === undefined) throw new UsageError('register <url> [org]');
      const [organization] = organizationOf(words, context);
      const { id } = context.platform.registerDataSource(organization, { url });
      print(context, `data source ${id} of ${organization}: ${url}`);
    },
  },
  orgs: {
    usage: 'orgs',
    help: 'the organizations',
    async run(_words, context) {
      for (const { orgId, authorized } of context.platform.organizations) {
        print(context, `  ${orgId}  ${authorized ? 'authorized' : 'withdrawn'}`);
      }
    },
  },
  sources: {
    usage: 'sources',
    help: 'the data sources, and when their tokens end',
    async run(_words, context) {
      for (const { id, orgId, url, status, tokenExpiresAt, renewals } of context.platform.dataSources) {
        const end = new Date(tokenExpiresAt).toISOString();
        print(context, `  ${id}  ${orgId}  ${url}  ${status}  until ${end}  renewed ${renewals} times`);
      }
    },
  },
  call: {
    usage: 'call [org] [steps]',
    help: 'a call with the token that Webex presents; steps as those of "byova-sim call"',
    run: call,
  },
  token: {
    usage: 'token [org]',
    help: 'what the token says that comes with a call',
    async run(words, context) {
      const [organization] = organizationOf(words, context);
      print(context, describeToken(context.platform.callToken(organization)));
    },
  },
  expire: {
    usage: 'expire [org]',
    help: 'the tokens of its data sources have ended',
    async run(words, context) {
      const [organization] = organizationOf(words, context);
      context.platform.expireTokens(organization);
      print(context, `the tokens of ${organization} have ended`);
    },
  },
  'rotate-keys': {
    usage: 'rotate-keys [region] [drop]',
    help: 'an issuer signs with another key; with "drop" the old one is gone',
    async run(words, context) {
      const keepOld = !words.includes('drop');
      const region = readRegion(words.find((word) => word !== 'drop') ?? context.options.region);
      await context.platform.rotateKeys(region, { keepOld });
      print(context, `the issuer of ${region} has another key${keepOld ? '' : ', and the old one is gone'}`);
    },
  },
  disable: {
    usage: 'disable <id> <message>',
    help: 'an administrator disables a data source',
    async run([id, message], context) {
      if (id === undefined || message === undefined) throw new UsageError('disable <id> <message>');
      context.platform.disableDataSource(id, message);
      print(context, `data source ${id} is disabled`);
    },
  },
  fault: {
    usage: 'fault <path> <status> [times]',
    help: 'the next requests to a path fail, for example: fault /v1/dataSources 503 3',
    async run([path, status, times = '1'], context) {
      if (path === undefined || !/^\d{3}$/.test(status ?? '') || !/^\d+$/.test(times)) {
        throw new UsageError('fault <path> <status> [times]');
      }
      context.platform.fault({ path, status: Number(status), times: Number(times) });
      print(context, `${path} answers ${status}, ${times} times`);
    },
  },
};

/** What `help` prints. */
export function describeUpCommands(): string {
  const entries = [...Object.values(UP_COMMANDS), { usage: 'help', help: 'this' }, { usage: 'quit', help: 'end' }];
  return entries.map(({ usage, help }) => `  ${usage.padEnd(32)} ${help}`).join('\n');
}
