// The command line of `byova-sim conformance`, read into the options of a run and what is to become of its report.
import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import type { CallTls } from '../../call/call-options.ts';
import type { ConformanceOptions } from '../../conformance/conformance-options.ts';
import type { ConformanceFormat } from '../../conformance/format-conformance-report.ts';
import { UsageError } from '../parse-arguments.ts';

/** What the command line asks for. */
export type ConformanceCommand =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'conformance';
      readonly options: ConformanceOptions;
      readonly format: ConformanceFormat;
      /** The file for the report; without one, it is printed. */
      readonly output: string | undefined;
    };

const text = { type: 'string' } as const;
const flag = { type: 'boolean' } as const;
const list = { type: 'string', multiple: true } as const;

const OPTIONS = {
  target: text,
  mode: text,
  profile: text,
  org: text,
  agent: text,
  token: text,
  'bad-token': list,
  ca: text,
  cert: text,
  key: text,
  case: list,
  'end-silence-ms': text,
  'reply-ms': text,
  'max-ms': text,
  calls: text,
  speech: text,
  format: text,
  output: text,
  strict: flag,
  help: flag,
} as const;

const FORMATS: readonly string[] = ['text', 'json', 'junit'] satisfies readonly ConformanceFormat[];

function parse(args: readonly string[]) {
  try {
    return parseArgs({ args: [...args], options: OPTIONS, allowPositionals: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
}

function read(path: string | undefined): Uint8Array | undefined {
  if (path === undefined) return undefined;
  try {
    return readFileSync(path);
  } catch {
    throw new UsageError(`${path} cannot be read.`);
  }
}

function whole(value: string | undefined, name: string): number | undefined {
  if (value === undefined) return undefined;
  if (!/^\d+$/.test(value)) throw new UsageError(`--${name} must be a whole number, not "${value}".`);
  return Number(value);
}

/** What is left of an object without its members that are undefined; `undefined` when nothing is. */
function given(members: Readonly<Record<string, unknown>>): Record<string, unknown> | undefined {
  const kept = Object.entries(members).filter(([, value]) => value !== undefined);
  return kept.length === 0 ? undefined : Object.fromEntries(kept);
}

/** A bare `host:port` means HTTP/2 without TLS. */
function withScheme(target: string): string {
  return /^[^/]+:\d+$/.test(target) ? `http://${target}` : target;
}

/** Ids of cases, separated by commas or given one by one, in any case. */
function caseIds(values: readonly string[] | undefined): readonly string[] | undefined {
  const ids = values?.flatMap((value) => value.split(',')).map((id) => id.trim().toUpperCase());
  if (ids?.some((id) => id === '')) throw new UsageError('--case must be ids of cases, for example C1,C3.');
  return ids;
}

/**
 * Reads what follows `conformance`. Throws {@link UsageError}; what only `runConformance` can judge is left to it.
 */
export function parseConformanceArguments(args: readonly string[], environment: NodeJS.ProcessEnv): ConformanceCommand {
  const { values, positionals } = parse(args);
  if (values.help === true) return { kind: 'help' };
  if (positionals.length > 0) throw new UsageError(`"${positionals[0]}" is not understood.`);
  if (values.target === undefined) throw new UsageError('--target is missing: where the server listens.');
  const { format = 'text' } = values;
  if (!FORMATS.includes(format)) throw new UsageError(`--format must be ${FORMATS.join(', ')}, not "${format}".`);
  const { BYOVA_SIM_TOKEN } = environment;
  const options = given({
    target: withScheme(values.target),
    mode: values.mode,
    profile: values.profile,
    organization: values.org,
    agentId: values.agent,
    token: values.token ?? BYOVA_SIM_TOKEN,
    badTokens: values['bad-token'],
    tls: given({ ca: read(values.ca), cert: read(values.cert), key: read(values.key) } satisfies {
      [Name in keyof CallTls]: unknown;
    }),
    strict: values.strict,
    only: caseIds(values.case),
    endSilenceMs: whole(values['end-silence-ms'], 'end-silence-ms'),
    replyMs: whole(values['reply-ms'], 'reply-ms'),
    maxMs: whole(values['max-ms'], 'max-ms'),
    loadCalls: whole(values.calls, 'calls'),
    speech: read(values.speech),
  });
  return {
    kind: 'conformance',
    // `runConformance` checks at run time, so what was typed here may be anything.
    options: options as unknown as ConformanceOptions,
    format: format as ConformanceFormat,
    output: values.output,
  };
}
