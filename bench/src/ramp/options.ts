// The options of a ramp, from the command line.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { isApart, nodeOptions, turnName, whole } from '../run/options.ts';
import { BASELINE, SERVER_NAMES, type ServerName } from '../servers/server-names.ts';
import { TURNS, type TurnName } from '../utterance.ts';

/** What a ramp does. */
export interface RampOptions {
  /** The servers that are compared; the baseline is among them. */
  readonly servers: readonly ServerName[];
  /** In clear, over TLS, or one and the other. */
  readonly transports: readonly ('clear' | 'tls')[];
  readonly rounds: number;
  /** What callers do in a turn. */
  readonly turn: TurnName;
  /** Whether each frame leaves at its own instant, or those of a millisecond together. */
  readonly apart: boolean;
  /** The bound on the latency of replies, at p99. */
  readonly latencyMs: number;
  /** A number of calls is measured for so long, and longer when there are too few replies. */
  readonly seconds: number;
  readonly leastReplies: number;
  /** The first number of calls, and the greatest. */
  readonly start: number;
  readonly most: number;
  /** HTTP/2 connections over which calls are spread. */
  readonly connections: number;
  readonly rampMs: number;
  readonly settleMs: number;
  readonly warmUpMs: number;
  /** Options of Node for all servers. */
  readonly nodeArgs: readonly string[];
  /** Where the JSON goes. */
  readonly out: string;
}

/** How Node is started for a server of calls that has one core, after docs/guide/scaling.md; all servers are. */
const NODE_ON_ONE_CORE = '--single-threaded-gc --max-semi-space-size=4 --heap-growing-percent=300';

/** What `--help` prints. */
export const USAGE = `pnpm ramp [options]

  --servers byova,byova-tap,grpc-js,http2
                       what is compared; also byova-connect, lane, connect
  --tls off            off, on, or both one after the other
  --rounds 5           how often every server's limit is looked for
  --turn typical       what callers do in a turn: typical (6 s) or hurried (1.7 s)
  --frames apart       frames leave the load each at its own instant, or those of a millisecond together
  --latency 20         the bound on a reply at p99, in ms
  --seconds 8          how long a number of calls is measured, at least
  --replies 300        replies that a p99 is made of, at least
  --start 1000         the first number of calls
  --most 8000          the greatest
  --connections 4      HTTP/2 connections over which calls are spread
  --node=<options>     options of Node for all servers, in one argument; --node= for none. As a rule those
                       that a server on one core is started with: ${NODE_ON_ONE_CORE}
  --out results/ramp.json
  --quick              a smoke run
`;

const TRANSPORTS: Readonly<Record<string, RampOptions['transports']>> = {
  off: ['clear'],
  on: ['tls'],
  both: ['clear', 'tls'],
};

/** Reads a list of servers; the baseline comes to those that lack it. */
export function serverNames(text: string): readonly ServerName[] {
  const names = text.split(',');
  const unknown = names.find((name) => !SERVER_NAMES.some((known) => known === name));
  if (unknown !== undefined) throw new RangeError(`--servers takes ${SERVER_NAMES.join(', ')}, not "${unknown}".`);
  return SERVER_NAMES.filter((name) => name === BASELINE || names.includes(name));
}

/** Reads the command line; undefined when help was asked for. Throws RangeError or TypeError on what is not understood. */
export function parseRampOptions(args: readonly string[]): RampOptions | undefined {
  const { values } = parseArgs({
    // pnpm hands on the "--" that stands before a script's own options.
    args: args.filter((arg) => arg !== '--'),
    options: {
      servers: { type: 'string', default: 'byova,byova-tap,grpc-js,http2' },
      tls: { type: 'string', default: 'off' },
      rounds: { type: 'string' },
      turn: { type: 'string' },
      frames: { type: 'string' },
      latency: { type: 'string', default: '20' },
      seconds: { type: 'string' },
      replies: { type: 'string' },
      start: { type: 'string' },
      most: { type: 'string' },
      connections: { type: 'string', default: '4' },
      node: { type: 'string', default: NODE_ON_ONE_CORE },
      out: { type: 'string', default: fileURLToPath(new URL('../../results/ramp.json', import.meta.url)) },
      quick: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const defaults = values.quick
    ? {
        rounds: '1',
        seconds: '2',
        replies: '5',
        start: '12',
        most: '12',
        turn: 'hurried',
        frames: 'together',
        warmUpMs: 0,
      }
    : {
        rounds: '5',
        seconds: '8',
        replies: '300',
        start: '1000',
        most: '8000',
        turn: 'typical',
        frames: 'apart',
        warmUpMs: 20_000,
      };
  const transports = TRANSPORTS[values.tls];
  if (transports === undefined) throw new RangeError(`--tls takes off, on or both, not "${values.tls}".`);
  const turn = turnName(values.turn ?? defaults.turn);
  return {
    servers: serverNames(values.servers),
    transports,
    rounds: whole('rounds', values.rounds ?? defaults.rounds, 1),
    turn,
    apart: isApart(values.frames ?? defaults.frames),
    latencyMs: whole('latency', values.latency, 1),
    seconds: whole('seconds', values.seconds ?? defaults.seconds, 1),
    leastReplies: whole('replies', values.replies ?? defaults.replies, 1),
    start: whole('start', values.start ?? defaults.start, 1),
    most: whole('most', values.most ?? defaults.most, 1),
    connections: whole('connections', values.connections, 1),
    rampMs: TURNS[turn].turnMs,
    settleMs: 1000,
    warmUpMs: defaults.warmUpMs,
    nodeArgs: nodeOptions(values.node),
    out: values.out,
  };
}
