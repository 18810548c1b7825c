// The options of a run with idle calls, from the command line.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { serverNames } from '../ramp/options.ts';
import { whole } from '../run/options.ts';
import type { ServerName } from '../servers/server-names.ts';

/** What a run does. */
export interface IdleOptions {
  readonly servers: readonly ServerName[];
  /** Calls, each with an audio RPC in which nothing comes. */
  readonly calls: number;
  /** How long they say nothing. */
  readonly seconds: number;
  /** HTTP/2 connections over which calls are spread. */
  readonly connections: number;
  readonly tls: boolean;
  /** Where the JSON goes. */
  readonly out: string;
}

/** What `--help` prints. */
export const USAGE = `pnpm idle [options]

  --servers byova,byova-tap,grpc-js,http2
                       what is compared; also byova-connect, lane, connect
  --calls 2000         calls, each with an audio RPC in which nothing comes
  --seconds 60         how long they say nothing
  --connections 4      HTTP/2 connections over which calls are spread
  --tls                over TLS
  --out results/idle.json
`;

/** Reads the command line; undefined when help was asked for. Throws RangeError or TypeError on what is not understood. */
export function parseIdleOptions(args: readonly string[]): IdleOptions | undefined {
  const { values } = parseArgs({
    // pnpm hands on the "--" that stands before a script's own options.
    args: args.filter((arg) => arg !== '--'),
    options: {
      servers: { type: 'string', default: 'byova,byova-tap,grpc-js,http2' },
      calls: { type: 'string', default: '2000' },
      seconds: { type: 'string', default: '60' },
      connections: { type: 'string', default: '4' },
      tls: { type: 'boolean', default: false },
      out: { type: 'string', default: fileURLToPath(new URL('../../results/idle.json', import.meta.url)) },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  return {
    servers: serverNames(values.servers),
    calls: whole('calls', values.calls, 10),
    seconds: whole('seconds', values.seconds, 1),
    connections: whole('connections', values.connections, 1),
    tls: values.tls,
    out: values.out,
  };
}
