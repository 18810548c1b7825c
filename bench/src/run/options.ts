// The options of a run, from the command line.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { BASELINE, FLOOR, SERVER_NAMES, type ServerName } from '../servers/server-names.ts';
import { TURN_NAMES, TURNS, type TurnName } from '../utterance.ts';

/** What a run does. */
export interface RunOptions {
  /** The servers that are measured; those that ratios are taken to are among them. */
  readonly servers: readonly ServerName[];
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
  /** What callers do in a turn. */
  readonly turn: TurnName;
  /** Whether each frame leaves at its own instant, or those of a millisecond together. */
  readonly apart: boolean;
  /** Whether servers speak TLS. */
  readonly tls: boolean;
  /** Before each window callers begin over this time, and then go on for that time. */
  readonly rampMs: number;
  readonly settleMs: number;
  /** How long each server is warmed up. */
  readonly warmUpMs: number;
  /** Options of Node for all servers. */
  readonly nodeArgs: readonly string[];
  /** A server whose CPU profile is written beside the results. */
  readonly profile: ServerName | undefined;
  /** Where the JSON goes. */
  readonly out: string;
}

/** Time for the queue to go that beginning together makes. */
const SETTLE_MS = 1000;

/** What `--help` prints. */
export const USAGE = `pnpm bench [options]

  --rounds 5          how often every server is measured
  --seconds 12        length of each measured window
  --calls 200,400,800 real-time calls at a time, measured one after the other
  --idle 400          idle calls over which memory is divided
  --connections 4     HTTP/2 connections over which calls are spread
  --turn typical      what callers do in a turn: typical (6 s) or hurried (1.7 s)
  --frames apart      frames leave the load each at its own instant, or those of a millisecond together
  --servers <names>   the servers that are measured, bare grpc-js and bare node:http2 in any case
  --tls               over TLS
  --node=<options>    options of Node for all servers, in one argument
  --profile byova     writes a CPU profile of that server beside the results
  --out results/latest.json
  --quick             a smoke run: one short round with few calls
`;

/** Reads a whole number. */
export function whole(name: string, text: string, least: number): number {
  const value = Number(text);
  if (!Number.isInteger(value) || value < least) {
    throw new RangeError(`--${name} takes a whole number of at least ${least}, not "${text}".`);
  }
  return value;
}

/** Reads the name of a turn's script. */
export function turnName(text: string): TurnName {
  const name = TURN_NAMES.find((known) => known === text);
  if (name === undefined) throw new RangeError(`--turn takes one of ${TURN_NAMES.join(', ')}, not "${text}".`);
  return name;
}

function serverName(option: string, text: string): ServerName {
  const name = SERVER_NAMES.find((known) => known === text);
  if (name === undefined) throw new RangeError(`--${option} takes one of ${SERVER_NAMES.join(', ')}, not "${text}".`);
  return name;
}

function serversOf(text: string): readonly ServerName[] {
  const asked = text.split(',').map((name) => serverName('servers', name));
  return SERVER_NAMES.filter((name) => name === BASELINE || name === FLOOR || asked.includes(name));
}

/** Reads how frames leave the load. */
export function isApart(text: string): boolean {
  if (text !== 'apart' && text !== 'together') {
    throw new RangeError(`--frames takes apart or together, not "${text}".`);
  }
  return text === 'apart';
}

/** Reads options of Node, which are separated by spaces. */
export function nodeOptions(text: string): readonly string[] {
  return text.split(' ').filter((one) => one !== '');
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
      turn: { type: 'string', default: 'typical' },
      frames: { type: 'string' },
      servers: { type: 'string', default: SERVER_NAMES.join(',') },
      tls: { type: 'boolean', default: false },
      node: { type: 'string', default: '' },
      profile: { type: 'string' },
      out: { type: 'string', default: fileURLToPath(new URL('../../results/latest.json', import.meta.url)) },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const defaults = values.quick
    ? { rounds: '1', seconds: '3', calls: '20', idle: '200', frames: 'together', warmUpMs: 0 }
    : { rounds: '5', seconds: '12', calls: '200,400,800', idle: '400', frames: 'apart', warmUpMs: 20_000 };
  const turn = turnName(values.turn);
  return {
    rounds: whole('rounds', values.rounds ?? defaults.rounds, 1),
    seconds: whole('seconds', values.seconds ?? defaults.seconds, 3),
    calls: (values.calls ?? defaults.calls).split(',').map((text) => whole('calls', text, 1)),
    idleCalls: whole('idle', values.idle ?? defaults.idle, 1),
    connections: whole('connections', values.connections, 1),
    turn,
    apart: isApart(values.frames ?? defaults.frames),
    servers: serversOf(values.servers),
    tls: values.tls,
    rampMs: TURNS[turn].turnMs,
    settleMs: SETTLE_MS,
    warmUpMs: defaults.warmUpMs,
    nodeArgs: nodeOptions(values.node),
    profile: values.profile === undefined ? undefined : serverName('profile', values.profile),
    out: values.out,
  };
}
