// The options of a run, from the command line.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { SERVER_NAMES, type ServerName } from '../servers/server-names.ts';

/** What a run does. */
export interface RunOptions {
  /** How often every server is measured. */
  readonly rounds: number;
  /** The length of each measured window. */
  readonly seconds: number;
  /** Real-time calls at a time; each is measured on its own. */
  readonly calls: readonly number[];
  /** Idle calls over which memory is divided. */
  readonly idleCalls: number;
  /** HTTP/2 connections over which calls are spread. */
  readonly connections: number;
  /** Before each window callers begin over this time; also how long each server is warmed up. */
  readonly rampMs: number;
  readonly warmUpMs: number;
  /** A server whose CPU profile is written beside the results. */
  readonly profile: ServerName | undefined;
  /** Where the JSON goes. */
  readonly out: string;
}

/** What `--help` prints. */
export const USAGE = `pnpm bench [options]

  --rounds 5          how often every server is measured
  --seconds 8         length of each measured window
  --calls 200,400,800 real-time calls at a time, measured one after the other
  --idle 400          idle calls over which memory is divided
  --connections 4     HTTP/2 connections over which calls are spread
  --profile byova     writes a CPU profile of that server beside the results
  --out results/latest.json
  --quick             a smoke run: one short round with few calls
`;

function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`--${name} takes a whole number of at least ${least}, not "${text}".`);
  }
  return value;
}

function serverName(text: string): ServerName {
  const name = SERVER_NAMES.find((known) => known === text);
  if (name === undefined) throw new RangeError(`--profile takes one of ${SERVER_NAMES.join(', ')}, not "${text}".`);
  return name;
}

/** Reads the command line; undefined when help was asked for. Throws RangeError or TypeError on what is not understood. */
export function parseOptions(args: readonly string[]): RunOptions | undefined {
  const { values } = parseArgs({
    // pnpm hands on the "--" that stands before a script's own options.
    args: args.filter((arg) => arg !== '--'),
    options: {
      rounds: { type: 'string' },
      seconds: { type: 'string' },
      calls: { type: 'string' },
      idle: { type: 'string' },
      connections: { type: 'string', default: '4' },
      profile: { type: 'string' },
      out: { type: 'string', default: fileURLToPath(new URL('../../results/latest.json', import.meta.url)) },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const defaults = values.quick
    ? { rounds: '1', seconds: '3', calls: '20', idle: '200', rampMs: 500, warmUpMs: 0 }
    : { rounds: '5', seconds: '8', calls: '200,400,800', idle: '400', rampMs: 2000, warmUpMs: 3000 };
  return {
    rounds: whole('rounds', values.rounds ?? defaults.rounds, 1),
    seconds: whole('seconds', values.seconds ?? defaults.seconds, 3),
    calls: (values.calls ?? defaults.calls).split(',').map((text) => whole('calls', text, 1)),
    idleCalls: whole('idle', values.idle ?? defaults.idle, 1),
    connections: whole('connections', values.connections, 1),
    rampMs: defaults.rampMs,
    warmUpMs: defaults.warmUpMs,
    profile: values.profile === undefined ? undefined : serverName(values.profile),
    out: values.out,
  };
}
