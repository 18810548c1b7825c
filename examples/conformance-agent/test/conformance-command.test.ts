// `byova-sim conformance` as a partner runs it: the command, as a process, against the agent, as another.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startPlatform } from '@byova/simulator';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type AgentProcess, type AudioMode, startAgent } from './harness/agent-process.ts';

/** More than one case speaks in real time; all of them take half a minute. */
const RUN_MS = 180_000;

const URL_OF_SOURCE = 'https://va.example.com:443';
const ORGANIZATION = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';

const cli = resolve(import.meta.dirname, '../../../packages/simulator/src/cli.ts');

interface Result {
  readonly id: string;
  readonly status: string;
  readonly reason?: string;
  readonly notes: readonly string[];
}

interface Report {
  readonly mode: string;
  readonly agentId: string;
  readonly passed: boolean;
  readonly results: readonly Result[];
}

function run(args: readonly string[]): Promise<{ readonly status: number | null; readonly stdout: string }> {
  const { FORCE_COLOR: _colour, ...env } = process.env;
  const child = spawn(process.execPath, ['--conditions=@byova/source', cli, 'conformance', ...args], {
    env,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let stdout = '';
  child.stdout.on('data', (data: Buffer) => {
    stdout += data.toString();
  });
  return new Promise((done) => child.on('close', (status) => done({ status, stdout })));
}

describe.each<AudioMode>(['wav', 'chunk'])('against the agent in %s mode', (mode) => {
  const otherMode = mode === 'wav' ? 'chunk' : 'wav';
  let agent: AgentProcess;
  let folder: string;
  let target: string;

  beforeAll(async () => {
    agent = await startAgent(mode);
    folder = await mkdtemp(join(tmpdir(), 'conformance-'));
    target = `http://127.0.0.1:${agent.port}`;
  });
  afterAll(async () => {
    await agent.stop();
    await rm(folder, { recursive: true });
  });

  it(
    'finds out the mode and passes every case that a client can observe',
    async () => {
      const output = join(folder, 'report.json');
      const flags = ['--end-silence-ms', '800', '--calls', '50', '--format', 'json', '--output', output];
      const { status, stdout } = await run(['--target', target, ...flags]);
      const report = JSON.parse(await readFile(output, 'utf8')) as Report;
      expect(report.results.filter((one) => one.status === 'failed')).toEqual([]);
      expect({ status, passed: report.passed }).toEqual({ status: 0, passed: true });
      expect(report).toMatchObject({ mode, agentId: 'demo' });

      const idsOf = (wanted: string): string[] =>
        report.results.filter((one) => one.status === wanted && !one.id.includes('-')).map(({ id }) => id);
      const ofOtherMode = mode === 'wav' ? ['C4', 'C11', 'C19', 'C26'] : ['C3'];
      expect(idsOf('skipped')).toEqual([...ofOtherMode, 'C21'].sort(byNumber));
      const all = Array.from({ length: 31 }, (_, index) => `C${index + 1}`);
      const without = [...idsOf('skipped'), 'C31'];
      expect(idsOf('passed')).toEqual(all.filter((id) => !without.includes(id)));
      expect(report.results.find(({ id }) => id === 'C31')).toMatchObject({
        status: 'not_observable',
        reason: 'not observable over gRPC',
      });
      const why = (id: string): string | undefined => report.results.find((one) => one.id === id)?.reason;
      expect(why('C21')).toBe('needs --token');
      // Nothing was left out in what passed but what needs a token.
      const notes = report.results.filter((one) => one.status === 'passed').flatMap((one) => one.notes);
      expect(notes).toEqual(['that the list needs a token: needs --token']);
      // What is printed while the cases run says the same.
      for (const { id } of report.results) expect(stdout).toMatch(new RegExp(`^${id} `, 'm'));
      expect(agent.facts.filter((fact) => 'unhandledRejection' in fact)).toEqual([]);
      // What C29 and C30 leave to be seen from inside: two streams, and an end with a reason.
      const forked = agent.facts.filter((fact) => 'conversation' in fact);
      expect(forked.map(({ reason }) => reason)).toEqual([
        'completed',
        'invalid_audio',
        'completed',
        'cancelled',
        'completed',
      ]);
      expect(forked[0]?.['legs']).toEqual({ caller: 5000, agent: 5000 });
    },
    RUN_MS,
  );

  it('passes the case of tokens where the agent trusts the issuers of a local Webex', async () => {
    await using platform = await startPlatform();
    const claims = { 'com.cisco.datasource.url': URL_OF_SOURCE, 'com.cisco.org.uuid': ORGANIZATION };
    const sign = (changes: Record<string, unknown>): string =>
      platform.signToken({ claims: { ...claims, ...changes } });
    const verifying = await startAgent(mode, {
      BYOVA_DATASOURCE_URL: URL_OF_SOURCE,
      WEBEX_ISSUERS: Object.values(platform.issuers).join(','),
    });
    try {
      const bad = [
        sign({ exp: 1 }),
        sign({ exp: undefined }),
        sign({ 'com.cisco.datasource.url': `${URL_OF_SOURCE}/` }),
        sign({ 'com.cisco.datasource.schema.uuid': ORGANIZATION }),
      ].flatMap((token) => ['--bad-token', token]);
      const flags = ['--token', sign({}), ...bad, '--case', 'C1,C21,C22', '--format', 'json'];
      const { status, stdout } = await run(['--target', `127.0.0.1:${verifying.port}`, ...flags]);
      const report = JSON.parse(stdout) as Report;
      const told = report.results.map(({ id, status: how, notes, reason }) => ({ id, how, notes, reason }));
      const passed = { how: 'passed', notes: [], reason: undefined };
      expect(told).toEqual(['C1', 'C21', 'C22'].map((id) => ({ id, ...passed })));
      expect({ status, mode: report.mode }).toEqual({ status: 0, mode });
    } finally {
      await verifying.stop();
    }
  });

  it('fails the agent when it is said to send audio in the other mode', async () => {
    const { status, stdout } = await run(['--target', target, '--mode', otherMode, '--strict', '--case', 'c15,C16']);
    expect(status).toBe(1);
    const reason = mode === 'wav' ? 'in CHUNK mode its audio comes in CHUNKs' : 'in WAV mode it is one FINAL';
    expect(stdout).toMatch(new RegExp(`C15 +FAILED[^]*${reason}[^]*NO_INPUT[^]*FINAL[^]*C16 +ok`));
  });
});

function byNumber(one: string, other: string): number {
  return Number(one.slice(1)) - Number(other.slice(1));
}
