// What a program awaits keeps its process alive: each public promise that waits is awaited in a process with nothing else to do.
// A promise that does not keep it alive ends the process, with code 13, before the promise's line is printed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeAll, expect, it } from 'vitest';

/** The promises of each process, and what becomes of them. */
const PROCESSES: readonly Readonly<Record<string, string>>[] = [
  {
    'create whose answer was lost': 'NETWORK_FAILED',
    'ensure while another holds the lease': 'resolved',
    'renew while another holds the lease': 'resolved',
    'close of a refresher whose Webex answers nothing': 'resolved',
  },
  {
    'verify while the keys do not come': 'keys_unavailable',
    'verify while the next fetch of keys is awaited': 'unknown_key',
  },
];
let processes: readonly { readonly code: unknown; readonly lines: readonly string[] }[] = [];

async function run(names: readonly string[]): Promise<(typeof processes)[number]> {
  const program = new URL('program.ts', import.meta.url).pathname;
  const child = spawn(process.execPath, ['--conditions=@byova/source', program, ...names], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  const [code] = await once(child, 'close');
  return { code, lines: output.split('\n') };
}

beforeAll(async () => {
  processes = await Promise.all(PROCESSES.map((promises) => run(Object.keys(promises))));
}, 120_000);

it.each(PROCESSES.flatMap((promises) => Object.entries(promises)))('%s keeps the process alive', (name, outcome) => {
  expect(processes.flatMap(({ lines }) => lines)).toContain(`${name}: ${outcome}`);
});

it('a process ends by itself once nothing is awaited any more', () => {
  expect(processes.map(({ code }) => code)).toEqual(PROCESSES.map(() => 0));
});
