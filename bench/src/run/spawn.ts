// Starts the child processes of a run, held to a core where the machine allows it.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { connectCommands, type Remote } from '../ipc.ts';
import type { LoadCommands } from '../load/load-commands.ts';
import type { PromptsCommands } from '../prompts/prompts-commands.ts';
import type { ServerCommands } from '../servers/server-commands.ts';
import type { ServerName } from '../servers/server-names.ts';
import type { SoakCommands } from '../soak/soak-commands.ts';

interface ChildOptions {
  readonly script: string;
  readonly label: string;
  readonly core: number | undefined;
  readonly args: readonly string[];
  readonly nodeArgs: readonly string[];
}

function start({ script, core, args, nodeArgs }: ChildOptions) {
  const file = fileURLToPath(new URL(script, import.meta.url));
  const command = [process.execPath, ...process.execArgv, ...nodeArgs, file, ...args];
  const pinned = core === undefined ? command : ['taskset', '-c', String(core), ...command];
  const [program = process.execPath, ...rest] = pinned;
  return spawn(program, rest, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
}

/** Starts the load process. */
export function spawnLoad(core: number | undefined): Remote<LoadCommands> {
  const options = { script: '../load/load-process.ts', label: 'the load', core, args: [], nodeArgs: [] };
  return connectCommands<LoadCommands>(start(options), options.label);
}

/** Starts the process of callers who are played long prompts. */
export function spawnPromptCallers(core: number | undefined): Remote<PromptsCommands> {
  const options = { script: '../prompts/caller-process.ts', label: 'the callers', core, args: [], nodeArgs: [] };
  return connectCommands<PromptsCommands>(start(options), options.label);
}

/** Starts the process of the server that is soaked. */
export function spawnSoakServer(core: number | undefined): Remote<SoakCommands> {
  const options = {
    script: '../soak/soak-server.ts',
    label: 'the soaked server',
    core,
    args: [],
    nodeArgs: ['--expose-gc'],
  };
  return connectCommands<SoakCommands>(start(options), options.label);
}

/** How a server's process is started. */
export interface ServerStart {
  /** Gets a CPU profile when the server ends. */
  readonly profileFolder?: string | undefined;
  /** Options of Node. */
  readonly nodeArgs?: readonly string[];
}

/** Starts a server's process; it listens when it is told to. */
export function spawnServer(
  name: ServerName,
  core: number | undefined,
  { profileFolder, nodeArgs = [] }: ServerStart = {},
): Remote<ServerCommands> {
  const profile = profileFolder === undefined ? [] : ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`];
  const options = {
    script: '../servers/server-process.ts',
    label: `the server ${name}`,
    core,
    args: [name],
    nodeArgs: ['--expose-gc', ...profile, ...nodeArgs],
  };
  return connectCommands<ServerCommands>(start(options), options.label);
}
