// `byova-sim up`: the platform and the caller together, and a prompt at which a person plays everybody but the agent. With a pipe
// instead of a terminal it does what the lines say and ends.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { styleText } from 'node:util';
import { SimulatorError } from '../../errors.ts';
import type { PlatformEvent } from '../../platform/platform-event.ts';
import { startPlatform } from '../../platform/start-platform.ts';
import type { TerminalOutput } from '../live-timeline.ts';
import { isUsageError } from '../parse-arguments.ts';
import { describeEnvironment, describePlatformEvent } from '../run-platform.ts';
import { describeUpCommands, UP_COMMANDS, type UpContext } from './commands.ts';
import type { UpOptions } from './parse-up-arguments.ts';
import { splitWords } from './split-words.ts';

/** What `up` touches. */
export interface UpSurroundings {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly output: TerminalOutput;
  readonly signal: AbortSignal;
}

const PROMPT = '> ';

async function obey(line: string, context: UpContext): Promise<void> {
  const [name = '', ...words] = splitWords(line);
  if (name === '') return;
  if (name === 'help') {
    context.output.write(`${describeUpCommands()}\n`);
    return;
  }
  const command = Object.hasOwn(UP_COMMANDS, name) ? UP_COMMANDS[name] : undefined;
  try {
    if (command === undefined) throw new SimulatorError('INVALID_OPTION', `There is no command "${name}"; try "help".`);
    await command.run(words, context);
  } catch (error) {
    if (!(isUsageError(error) || error instanceof SimulatorError)) throw error;
    context.output.write(`${styleText('red', error.message.split('\n')[0] ?? '', { stream: context.output })}\n`);
  }
}

/** Runs until the input ends, `quit` is typed, or the signal is aborted. */
export async function runUp(options: UpOptions, { input, output, signal }: UpSurroundings): Promise<void> {
  const isTerminal = input.isTTY === true && output.isTTY === true;
  const lines = createInterface({ input, ...(isTerminal ? { output, prompt: PROMPT } : {}), terminal: isTerminal });
  let asking = false;
  /** A line of the log goes above the prompt, which is then shown again with what was typed so far. */
  const onEvent = (event: PlatformEvent): void => {
    const text = describePlatformEvent(event).replaceAll(/[^\x20-\x7e]/g, '?');
    const clear = asking && isTerminal ? '\r\x1b[K' : '';
    output.write(`${clear}${styleText('dim', text, { stream: output })}\n`);
    if (asking && isTerminal) lines.prompt(true);
  };
  await using platform = await startPlatform({ ...options.platform, onEvent });
  await platform.authorizeApp(options.organization, { region: options.region });
  if (options.dataSourceUrl !== undefined) {
    platform.registerDataSource(options.organization, { url: options.dataSourceUrl });
  }
  const dataSource = options.dataSourceUrl === undefined ? {} : { BYOVA_DATASOURCE_URL: options.dataSourceUrl };
  output.write(`${describeEnvironment(platform, dataSource)}
# Organization ${options.organization} has authorized the Service App; calls go to ${options.target}.
# Type "help" for what can be done. It keeps nothing.

`);
  const stop = new AbortController();
  const end = (): void => {
    stop.abort();
    lines.close();
  };
  signal.addEventListener('abort', end, { once: true });
  lines.once('SIGINT', end);
  const context: UpContext = { platform, options, output, signal: stop.signal };
  const closed = once(lines, 'close');
  // One command at a time: what is typed meanwhile waits.
  let working = Promise.resolve();
  const ask = (): void => {
    asking = true;
    if (isTerminal) lines.prompt();
  };
  lines.on('line', (line) => {
    asking = false;
    working = working.then(async () => {
      if (stop.signal.aborted) return;
      if (splitWords(line)[0] === 'quit') end();
      else await obey(line, context);
      if (!stop.signal.aborted) ask();
    });
  });
  if (signal.aborted) end();
  else ask();
  await closed;
  await working;
  signal.removeEventListener('abort', end);
}
