// `pnpm prompts`: plays long prompts to many calls on one connection, over lines of any length, prints what came of them and
// writes it as JSON. Fails when a call of @byova/media was refused or lost.
import { runCommand } from '../command-line.ts';
import { parsePromptsOptions, USAGE } from './options.ts';
import { runPrompts } from './prompts.ts';
import { formatPrompts } from './prompts-report.ts';

const { faults } = await runCommand({
  usage: USAGE,
  parse: parsePromptsOptions,
  run: runPrompts,
  format: formatPrompts,
});
if (faults.length > 0) process.exitCode = 1;
