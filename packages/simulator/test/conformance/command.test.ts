// `byova-sim conformance` as it is used: a child process, from source, against servers on sockets.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DemoServer, startDemoServer } from './support/demo-server.ts';
import { readXml } from './support/read-xml.ts';

interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** RPCs before the second case: the list of agents, and two welcomes of C2. */
const LIST_AND_FIRST_CASE = 3;

const cli = resolve(import.meta.dirname, '../../src/cli.ts');

/** Runs the command; `stopAt` interrupts it once it has printed that. */
function run(args: readonly string[], environment: Record<string, string> = {}, stopAt?: string): Promise<Finished> {
  const { FORCE_COLOR: _colour, ...inherited } = process.env;
  const child = spawn(process.execPath, ['--conditions=@byova/source', cli, 'conformance', ...args], {
    env: { ...inherited, ...environment },
  });
  const text = { stdout: '', stderr: '' };
  let stopped = false;
  child.stdout.on('data', (data: Buffer) => {
    text.stdout += data.toString();
    if (stopped || stopAt === undefined || !text.stdout.includes(stopAt)) return;
    stopped = child.kill('SIGINT');
  });
  child.stderr.on('data', (data: Buffer) => {
    text.stderr += data.toString();
  });
  return new Promise((resolved) => child.on('close', (status) => resolved({ status, ...text })));
}

describe('byova-sim conformance', () => {
  let good: DemoServer;
  let bad: DemoServer;
  let advised: DemoServer;
  let folder: string;

  beforeAll(async () => {
    good = await startDemoServer();
    bad = await startDemoServer({ defect: 'prompt_for_session_end' });
    advised = await startDemoServer({ defect: 'no_answer_to_no_input' });
    folder = await mkdtemp(join(tmpdir(), 'byova-sim-'));
  });
  afterAll(async () => {
    good[Symbol.dispose]();
    bad[Symbol.dispose]();
    advised[Symbol.dispose]();
    await rm(folder, { recursive: true });
  });

  it('prints a table and ends with 0 when none failed', async () => {
    const { status, stdout, stderr } = await run(['--target', good.target, '--case', 'c2,C9', '--case', 'C16,C31']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^C2 +ok +\d+ ms {2}SESSION_START without half-close.*\nC9 +ok/m);
    expect(stdout).toMatch(/\n3 passed, 0 with advice, 0 failed, 1 not run in \d/);
    expect(stdout).toContain(`${good.target}, agent demo for conformance, wav mode, profile demo`);
    expect(stdout, 'no colours where there is no terminal').not.toContain('\u001b');
  });

  it('takes a target without a scheme', async () => {
    const { status, stdout } = await run(['--target', good.target.replace('http://', ''), '--case', 'C9']);
    expect(status).toBe(0);
    expect(stdout).toContain(`\n${good.target}, agent demo`);
  });

  it('ends with 0 when there is advice, and with 1 when the run is strict', async () => {
    const flags = ['--target', advised.target, '--case', 'C9,C15'];
    const lenient = await run(flags);
    expect(lenient.status).toBe(0);
    expect(lenient.stdout).toMatch(
      /^C15 +advice +\d+ ms {2}NO_INPUT\n +advice +NO_INPUT_UNANSWERED: There is no reply/m,
    );
    expect(lenient.stdout).toMatch(/\n1 passed, 1 with advice, 0 failed/);
    const strict = await run([...flags, '--strict']);
    expect(strict.status).toBe(1);
    expect(strict.stdout).toMatch(/^C15 +FAILED/m);
    expect(strict.stdout).toMatch(/profile demo, strict\n/);
  });

  it('ends with 1 when nothing could be run, or not in time', async () => {
    const nothing = await run(['--target', good.target, '--case', 'C21,C31']);
    expect(nothing.status).toBe(1);
    expect(nothing.stdout).toMatch(/^C21 +not run .*\n +needs --token\nC31 +not run/m);
    const late = await run(['--target', good.target, '--mode', 'wav', '--case', 'C3,C7', '--max-ms', '500']);
    expect(late.status).toBe(1);
    expect(late.stdout).toMatch(/^C3 +FAILED .*\n +reason +The run took longer than 500 ms.*\n(?:.*\n)*?C7 +not run/m);
  });

  it('paints where colours are asked for', async () => {
    const { stdout } = await run(['--target', good.target, '--case', 'C9'], { FORCE_COLOR: '1' });
    expect(stdout).toContain('\u001b[32mC9 ');
  });

  it('ends with 1 when one failed, and says why', async () => {
    const { status, stdout } = await run(['--target', bad.target, '--case', 'C9,C17']);
    expect(status).toBe(1);
    expect(stdout).toMatch(/^C9 +ok/m);
    expect(stdout).toMatch(
      /^C17 +FAILED.*\n +contract +PROMPT_AFTER_SESSION_END: .*\n +source +https:.*\n(?: +advice .*\n)* +sent +SESSION_START; .*\n +expected .*\n +seen +0 ms/m,
    );
  });

  it('prints the report, and nothing else, in another form', async () => {
    const json = await run(['--target', bad.target, '--case', 'C17', '--format', 'json', '--mode', 'wav']);
    expect(json.status).toBe(1);
    expect(JSON.parse(json.stdout)).toMatchObject({
      passed: false,
      results: [{ id: 'C17', kind: 'contract', status: 'failed' }, { id: 'C17-inside' }],
    });
    const junit = await run(['--target', bad.target, '--case', 'C17', '--format', 'junit']);
    expect(readXml(junit.stdout)).toMatchObject({ name: 'testsuites', attributes: { failures: '1' } });
  });

  it('writes the report to a file, and prints the cases all the same', async () => {
    const output = join(folder, 'report.xml');
    const { status, stdout } = await run([
      ...['--target', good.target, '--case', 'C9', '--format', 'junit', '--output', output],
    ]);
    expect(status).toBe(0);
    expect(stdout).toMatch(/^C9 +ok/m);
    expect(readXml(await readFile(output, 'utf8'))).toMatchObject({ attributes: { tests: '1', failures: '0' } });
  });

  it('takes the token from the environment, and everything else from its flags', async () => {
    using server = await startDemoServer({
      mode: 'chunk',
      organization: 'o1',
      defect: 'fails_under_load',
      guard: (metadata) => (metadata.get('authorization')[0] === 'Bearer t' ? undefined : 'no'),
    });
    const flags = ['--target', server.target, '--org', 'o1', '--agent', 'odd-chunks', '--profile', 'generic'];
    const numbers = ['--end-silence-ms', '700', '--reply-ms', '3000', '--calls', '4', '--bad-token', 'x'];
    const format = ['--case', 'C2,C28', '--format', 'json'];
    const { status, stdout } = await run([...flags, ...numbers, ...format, '--mode', 'chunk'], {
      BYOVA_SIM_TOKEN: 't',
    });
    expect(JSON.parse(stdout)).toMatchObject({ organization: 'o1', agentId: 'odd-chunks', mode: 'chunk' });
    expect(status, stdout).toBe(1);
    expect(stdout).toMatch(/\d of 4 calls failed/);
  });

  it('ends with 2 and one line when the server cannot be reached', async () => {
    const { status, stdout, stderr } = await run(['--target', 'http://127.0.0.1:1']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^byova-sim: The server at http:\/\/127\.0\.0\.1:1 cannot be reached: .*\n$/);
  });

  it.each<[string, string[], RegExp]>([
    ['no target', [], /--target is missing/],
    ['an unknown flag', ['--colour'], /--colour/],
    ['a word too many', ['all'], /"all" is not understood/],
    ['a form that is none', ['--target', 'http://h:1', '--format', 'xml'], /--format must be text, json, junit/],
    ['a number that is none', ['--target', 'http://h:1', '--calls', 'many'], /--calls must be a whole number/],
    ['a case that is none', ['--target', 'http://h:1', '--case', 'C77'], /"C77" is no case/],
    ['an empty list of cases', ['--target', 'http://h:1', '--case', 'C1,'], /--case must be ids of cases/],
    ['a mode that is none', ['--target', 'http://h:1', '--mode', 'x'], /mode must be wav or chunk/],
    ['a target that is none', ['--target', 'h'], /target must be http/],
    ['speech that is not there', ['--target', 'http://h:1', '--speech', 'no.wav'], /no\.wav cannot be read/],
    ['a folder that is not there', ['--target', 'http://h:1', '--output', '/no/such/file'], /cannot be written/],
  ])('ends with 2 for %s', async (_name, args, message) => {
    const { status, stdout, stderr } = await run(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toContain('--help');
  });

  it('refuses speech that is no WAV file', async () => {
    const file = join(folder, 'speech.wav');
    await writeFile(file, 'hello');
    const { status, stderr } = await run(['--target', good.target, '--speech', file]);
    expect(status).toBe(2);
    expect(stderr).toContain('speech is no WAV file');
  });

  it('prints the help', async () => {
    const { status, stdout } = await run(['--help']);
    expect(status).toBe(0);
    expect(stdout).toContain('byova-sim conformance --target <host:port>');
  });

  it('ends at once when it is interrupted in the middle of a case', async () => {
    // The second case waits for an RPC that this server never answers, for as long as it takes to interrupt it.
    let answered = 0;
    using hanging = await startDemoServer({
      guard() {
        answered += 1;
        return answered > LIST_AND_FIRST_CASE ? new Promise(() => undefined) : undefined;
      },
    });
    const flags = ['--target', hanging.target, '--mode', 'wav', '--case', 'C2,C9', '--reply-ms', '60000'];
    const { status, stdout, stderr } = await run(flags, {}, 'C2 ');
    expect({ status, stderr }).toEqual({
      status: 1,
      stderr: 'byova-sim: The run of the conformance cases was aborted.\n',
    });
    expect(stdout).toMatch(/^C2 +ok/m);
    expect(stdout, 'the case that was running is not reported').not.toContain('C9');
  });
});
