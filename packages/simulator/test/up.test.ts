// `byova-sim up` as it is used: a child process, from source, with a pipe for a terminal.
import { spawn } from 'node:child_process';
import { resolve } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { splitWords } from '../src/cli/up/split-words.ts';
import { startFakeAgent } from './support/fake-agent.ts';
import { EventType, event } from './support/messages.ts';
import { politeAgent } from './support/polite-agent.ts';

const cli = resolve(import.meta.dirname, '../src/cli.ts');
const ORG = '11111111-2222-3333-4444-555555555555';
const URL_OF_SOURCE = 'https://va.example.com:443';

/** Runs it with these lines; with `undefined` for an end, its input stays open. */
async function up(lines: readonly string[], ...args: string[]) {
  const { FORCE_COLOR: _colour, ...env } = process.env;
  const child = spawn(process.execPath, ['--conditions=@byova/source', cli, 'up', '--fast', ...args], { env });
  onTestFinished(() => void child.kill('SIGKILL'));
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (data: Buffer) => (output += data.toString()));
  child.stdin.end(`${lines.join('\n')}\n`);
  const code = await new Promise<number | null>((done) => child.on('close', done));
  return { output, code };
}

it('plays Webex, the administrators and the callers', async () => {
  const agent = await startFakeAgent(politeAgent({ onDigits: () => [event(EventType.TRANSFER_TO_AGENT)] }));
  onTestFinished(() => agent.close());
  const { output, code } = await up(
    [
      'sources',
      'token',
      'call --press 5 --expect transfer',
      'expire',
      'rotate-keys us drop',
      'fault /v1/dataSources 503 2',
      'deauthorize',
      'call',
      'orgs',
      'disable nothing "out of order"',
      'call --press x',
      'authorize not-a-uuid',
      'tocken',
    ],
    ...['--target', agent.target, '--data-source', URL_OF_SOURCE],
  );
  expect(output).toContain(`export BYOVA_DATASOURCE_URL='${URL_OF_SOURCE}'`);
  expect(output).toMatch(/export WEBEX_ISSUERS='http.*\/idb,http.*\/idb-eu,http.*\/idb-b-us,http.*\/idb-ca'/);
  expect(output).toMatch(new RegExp(`${ORG}  ${URL_OF_SOURCE}  active  until .* renewed 0 times`));
  expect(output).toContain('com.cisco.org.uuid                 11111111-2222-3333-4444-555555555555');
  expect(output).toMatch(/transferred after .* s/);
  expect(output).toContain('no break of the contract');
  expect(output).toContain(`the tokens of ${ORG} have ended`);
  expect(output).toContain('the issuer of us has another key, and the old one is gone');
  expect(output).toContain('/v1/dataSources answers 503, 2 times');
  expect(output).toContain(`${ORG} has withdrawn`);
  expect(output).toContain('The organization has no active data source that fits.');
  expect(output).toContain(`  ${ORG}  withdrawn`);
  expect(output).toContain('There is no such data source.');
  expect(output).toContain('region must be one of');
  expect(output).toContain('There is no command "tocken"; try "help".');
  expect(code).toBe(0);
  // The call came with the token of the data source.
  const [authorization = ''] = agent.rpcs[0]?.metadata.get('authorization') ?? [];
  const [, payload = ''] = String(authorization).split('.');
  expect(JSON.parse(Buffer.from(payload, 'base64url').toString())).toMatchObject({
    'com.cisco.datasource.url': URL_OF_SOURCE,
    'com.cisco.org.uuid': ORG,
  });
  // And nothing that was printed holds it.
  expect(output).not.toContain(payload);
}, 30_000);

it('ends with quit, tells what it can do, and refuses a command line that it cannot use', async () => {
  const { output, code } = await up(['help', 'quit', 'sources', 'nonsense']);
  expect(output).toContain('rotate-keys [region] [drop]');
  expect(output).not.toContain('nonsense');
  expect(code).toBe(0);
  expect(await up([], '--org', 'x')).toMatchObject({ code: 2 });
  expect(await up([], '--region', 'mars')).toMatchObject({ code: 2 });
  expect(await up([], '--target')).toMatchObject({ code: 2 });
}, 30_000);

it.each([
  ['call --press 1', ['call', '--press', '1']],
  ['disable x "out of order"', ['disable', 'x', 'out of order']],
  ["a 'b c' \"d", ['a', 'b c', 'd']],
  ['   ', []],
])('reads %j as words', (line, words) => {
  expect(splitWords(line)).toEqual(words);
});
