// The options of a run with long prompts, from the command line.
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { serverNames } from '../ramp/options.ts';
import { whole } from '../run/options.ts';
import type { ServerName } from '../servers/server-names.ts';
import type { WindowName } from './prompts-commands.ts';

/** What a run does: every server with every combination of the four lists. */
export interface PromptsOptions {
  readonly servers: readonly ServerName[];
  /** Calls at a time on one connection. */
  readonly calls: readonly number[];
  /** Lengths of prompts, in seconds. */
  readonly prompts: readonly number[];
  readonly windows: readonly WindowName[];
  /** Round trips that the line adds, in ms. */
  readonly roundTrips: readonly number[];
  /** Whether the audio of each prompt is made for its call. */
  readonly streamed: boolean;
  /** The longest that the calls of one combination may take, in seconds; those left then are lost. */
  readonly patience: number;
  /** Where the JSON goes. */
  readonly out: string;
}

/** What `--help` prints. */
export const USAGE = `pnpm prompts [options]

  --servers byova      what is compared; also byova-connect, grpc-js, http2
  --calls 200,1000,2000    calls on one connection, one number after the other
  --prompts 5,10,30    lengths of the prompt that each caller is played, in seconds
  --windows 64k,dynamic    HTTP/2 windows of the callers
  --round-trips 0,50,150   what the line adds to a round trip, in ms
  --shared             play one prompt from memory to all; default: its audio is made for each call, as by text-to-speech
  --patience 1200      the longest that calls may take, in seconds
  --out results/prompts.json
`;

const WINDOW_NAMES: readonly WindowName[] = ['64k', 'dynamic'];

function windowName(text: string): WindowName {
  const name = WINDOW_NAMES.find((known) => known === text);
  if (name === undefined) throw new RangeError(`--windows must be among ${WINDOW_NAMES.join(', ')}, and is ${text}.`);
  return name;
}

/** Reads the command line; undefined when help was asked for. Throws RangeError or TypeError on what is not understood. */
export function parsePromptsOptions(args: readonly string[]): PromptsOptions | undefined {
  const { values } = parseArgs({
    // pnpm hands on the "--" that stands before a script's own options.
    args: args.filter((arg) => arg !== '--'),
    options: {
      servers: { type: 'string', default: 'byova' },
      calls: { type: 'string', default: '200,1000,2000' },
      prompts: { type: 'string', default: '5,10,30' },
      windows: { type: 'string', default: '64k,dynamic' },
      'round-trips': { type: 'string', default: '0,50,150' },
      shared: { type: 'boolean', default: false },
      patience: { type: 'string', default: '1200' },
      out: { type: 'string', default: fileURLToPath(new URL('../../results/prompts.json', import.meta.url)) },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return undefined;
  const numbers = (name: string, text: string, least: number) =>
    text.split(',').map((part) => whole(name, part, least));
  return {
    // Nothing here is a ratio, so no server is needed beside those that were asked for.
    servers: serverNames(values.servers).filter((name) => values.servers.split(',').includes(name)),
    calls: numbers('calls', values.calls, 1),
    prompts: numbers('prompts', values.prompts, 1),
    windows: values.windows.split(',').map(windowName),
    roundTrips: numbers('round-trips', values['round-trips'], 0),
    streamed: !values.shared,
    patience: whole('patience', values.patience, 1),
    out: values.out,
  };
}
