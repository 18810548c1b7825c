// The command as it is used: a child process, from source, against an agent on a socket.
import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readWav } from '../src/audio/wav-reader.ts';
import { type FakeAgent, startFakeAgent } from './support/fake-agent.ts';
import { EventType, event, final, wav } from './support/messages.ts';
import { speech } from './support/place.ts';
import { kindsOf, politeAgent } from './support/polite-agent.ts';

interface Finished {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

const cli = resolve(import.meta.dirname, '../src/cli.ts');

/** Runs the command; `stopAt` interrupts it once it has printed that. */
function run(args: readonly string[], environment: Record<string, string> = {}, stopAt?: string): Promise<Finished> {
  const { FORCE_COLOR: _colour, ...inherited } = process.env;
  const child = spawn(process.execPath, ['--conditions=@byova/source', cli, ...args], {
    env: { ...inherited, ...environment },
  });
  const text = { stdout: '', stderr: '' };
  let stopped = false;
  child.stdout.on('data', (data: Buffer) => {
    text.stdout += data.toString();
    // Once: a second interrupt ends the process at once, as it should.
    if (stopped || stopAt === undefined || !text.stdout.includes(stopAt)) return;
    stopped = child.kill('SIGINT');
  });
  child.stderr.on('data', (data: Buffer) => {
    text.stderr += data.toString();
  });
  return new Promise((resolved) => child.on('close', (status) => resolved({ status, ...text })));
}

describe('byova-sim', () => {
  let agent: FakeAgent;
  let folder: string;
  let call: string[];

  beforeAll(async () => {
    const digits: Record<string, EventType> = { '5': EventType.TRANSFER_TO_AGENT, '6': EventType.SESSION_END };
    const behaviour = politeAgent({
      onDigits: (pressed) => {
        const type = digits[pressed];
        const metadata = { pressed };
        return type === undefined
          ? [final([wav(100)])]
          : [event(type, { name: 'menu', metadata, prompts: [wav(200)] })];
      },
      onCustomEvent: () => [{ ...final([wav(100)]), inputHandlingConfig: undefined }],
    });
    agent = await startFakeAgent(behaviour);
    folder = await mkdtemp(join(tmpdir(), 'byova-sim-'));
    await writeFile(join(folder, 'hello.wav'), speech());
    call = ['call', '--target', agent.target, '--org', 'o1', '--fast'];
  });
  afterAll(async () => {
    agent.close();
    await rm(folder, { recursive: true });
  });

  it('prints its help', async () => {
    for (const args of [['--help'], ['call', '--help']]) {
      const { status, stdout, stderr } = await run(args);
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      expect(stdout).toMatch(/Usage:\n {2}byova-sim call/);
    }
  });

  it('does the steps in the order of their flags, prints both sides in columns, and records', async () => {
    const record = join(folder, 'out.wav');
    const steps = [
      '--listen',
      '--say',
      join(folder, 'hello.wav'),
      '--listen',
      '--press',
      '5',
      '--expect',
      'transfer=menu',
    ];
    const { status, stdout, stderr } = await run([...call, ...steps, '--record', record]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const lines = stdout.split('\n');
    expect(lines[0]).toMatch(/^ +CALLER +AGENT$/);
    const column = lines[0]?.indexOf('AGENT') ?? -1;
    expect(lines.find((line) => line.includes('TRANSFER_TO_AGENT'))?.indexOf('TRANSFER')).toBe(column);
    expect(lines.find((line) => line.includes('key 5'))?.indexOf('key 5')).toBe(10);
    const order = ['1. listen', '2. say', '3. listen', '4. press', '5. expect transfer named menu'];
    const places = order.map((step) => stdout.indexOf(step));
    expect(places).toEqual([...places].sort((a, b) => a - b));
    expect(places[0]).toBeGreaterThan(0);
    expect(stdout).toMatch(/transferred after \d/);
    expect(stdout).toContain('no break of the contract');
    expect(stdout, 'no colours where there is no terminal').not.toContain('\u001b');
    expect(readWav(await readFile(record))).toMatchObject({ wav: { channels: 2, sampleRateHz: 8000 } });
  });

  it('paints where colours are asked for, and not where they are refused', async () => {
    expect((await run([...call, '--hang-up'], { FORCE_COLOR: '1' })).stdout).toContain('\u001b[36m');
    expect((await run([...call, '--hang-up'], { NO_COLOR: '1' })).stdout).not.toContain('\u001b');
  });

  it('prints the report, and only that, as JSON', async () => {
    const { status, stdout } = await run([...call, '--press', '6', '--expect', 'end', '--json']);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({
      outcome: 'ended',
      terminal: { event: 'end', name: 'menu', metadata: { pressed: '6' } },
      violations: [],
      prompts: [{ number: 1 }, { heardMs: 200 }],
    });
  });

  it('takes steps from a file, at the place where it stands', async () => {
    const script = join(folder, 'script.json');
    await writeFile(script, JSON.stringify([{ press: '1' }, { waitForPrompt: {} }, { press: '5' }]));
    const { status, stdout } = await run([...call, '--listen', '--script', script, '--expect', 'transfer']);
    expect(status).toBe(0);
    expect(stdout).toMatch(/1\. listen[\s\S]*2\. press[\s\S]*3\. listen[\s\S]*4\. press[\s\S]*5\. expect/);
  });

  it('hands over everything that identifies the call', async () => {
    const seen = agent.rpcs.length;
    const who = ['--agent', 'a1', '--conversation', 'c7', '--param', 'from=a=b', '--vendor-config', 'v', '--partial'];
    await run([...call, ...who, '--hang-up'], { BYOVA_SIM_TOKEN: 'secret' });
    const first = agent.rpcs[seen];
    expect(first?.requests[0]).toMatchObject({
      conversationId: 'c7',
      virtualAgentId: 'a1',
      vendorSpecificConfig: 'v',
      allowPartialResponses: true,
      voiceVaInputType: { eventInput: { parameters: { from: 'a=b' } } },
    });
    expect(first?.metadata.get('authorization')).toEqual(['Bearer secret']);
  });

  it('breaks the line and sends events when told to', async () => {
    const seen = agent.rpcs.length;
    const { status } = await run([...call, '--listen', '--event', 'go', '--wait', '50', '--reset']);
    expect(status, 'the reply has no input config').toBe(1);
    const kinds = agent.rpcs.slice(seen).flatMap(({ requests }) => kindsOf(requests).slice(0, 1));
    expect(kinds).toContain('event 5');
    expect(kinds).not.toContain('event 2');
  });

  it('runs a scenario, whose WAV files lie beside it, with further steps after it', async () => {
    const seen = agent.rpcs.length;
    const file = join(folder, 'menu.call.yaml');
    const lines = ['agent: reception', 'parameters: { language: en }', 'steps:', '  - waitForPrompt: {}'];
    await writeFile(file, [...lines, '  - say: hello.wav', '  - waitForPrompt: {}'].join('\n'));
    const { status, stdout } = await run([...call, file, '--press', '5', '--expect', 'transfer=menu']);
    expect({ status, stdout }).toEqual({ status: 0, stdout: expect.stringContaining('4. press 1 key') });
    expect(stdout).toContain(`2. say ${join(folder, 'hello.wav')}`);
    expect(agent.rpcs[seen]?.requests[0]).toMatchObject({ virtualAgentId: 'reception' });
  });

  it('ends with 2 for a scenario that cannot be used', async () => {
    const file = join(folder, 'wrong.call.yaml');
    for (const [text, message] of [
      [
        'steps: [{ press: 1234 }]',
        /wrong\.call\.yaml: Step 1: "press" must be a string: in YAML, put the keys in quotes/,
      ],
      ['agents: x\nsteps: []', /does not know "agents"/],
    ] as const) {
      await writeFile(file, text);
      const { status, stderr } = await run([...call, file]);
      expect(status).toBe(2);
      expect(stderr).toMatch(message);
    }
  });

  it('ends with 1 when an expectation fails or a rule is broken, and with 2 when the agent cannot be reached', async () => {
    const unmet = await run([...call, '--press', '1', '--listen', '--expect', 'transfer', '--max-ms', '3000']);
    expect(unmet.status).toBe(1);
    const other = await run([...call, '--press', '6', '--expect', 'transfer']);
    expect(other.status).toBe(1);
    expect(other.stdout).toMatch(/failed: Step 2 \(expect transfer; the agent sent end named menu/);
    const broken = await run([...call, '--event', 'x', '--listen']);
    expect(broken.status).toBe(1);
    expect(broken.stdout).toMatch(/!! REPLY_WITHOUT_INPUT_CONFIG/);
    const unreachable = await run(['call', '--target', 'http://127.0.0.1:1', '--org', 'o1']);
    expect(unreachable.status).toBe(2);
    expect(unreachable.stdout).toMatch(
      /\nfailed: The agent at http:\/\/127\.0\.0\.1:1 cannot be reached: .*ECONNREFUSED/,
    );
    expect(unreachable.stdout).not.toContain('of the contract');
  });

  it('ends with 1 when the agent failed, unless that is expected', async () => {
    const failed = await run([...call, '--press', '5', '--expect', 'transfer', '--failure-events', 'menu,other']);
    expect(failed.status).toBe(1);
    expect(failed.stdout).toMatch(/failed: The agent sent transfer named "menu", with which a server answers/);
    const expected = [...call, '--press', '5', '--expect', 'transfer=menu', '--failure-events', 'menu'];
    expect((await run(expected)).status).toBe(0);
    expect((await run([...call, '--press', '5', '--expect', 'transfer', '--failure-events', ''])).status).toBe(0);
  });

  it.each<[string, string[], RegExp]>([
    ['no command', [], /The command is "call"/],
    ['another command', ['list'], /The command is "call"/],
    ['no target', ['call', '--org', 'o'], /--target is missing/],
    ['no organization', ['call', '--target', 'http://127.0.0.1:1'], /--org is missing/],
    ['an unknown flag', ['call', '--colour'], /--colour/],
    ['a word too many', ['call', 'me', 'too'], /"too" is not understood/],
    [
      'a wait that is no number',
      ['call', '--target', 'http://h:1', '--org', 'o', '--wait', 'x'],
      /--wait must be a number/,
    ],
    ['an unknown key', ['call', '--target', 'http://h:1', '--org', 'o', '--press', '1x'], /Step 1: "press"/],
    ['a target that is none', ['call', '--target', 'h:1', '--org', 'o'], /target must be/],
    [
      'speech that is not there',
      ['call', '--target', 'http://h:1', '--org', 'o', '--say', 'no.wav'],
      /no\.wav cannot be read/,
    ],
    [
      'a script that is not there',
      ['call', '--target', 'http://h:1', '--org', 'o', '--script', 'no.json'],
      /no\.json cannot/,
    ],
    ['a parameter without a value', ['call', '--target', 'http://h:1', '--org', 'o', '--param', 'x'], /name=value/],
    ['a voice that is none', ['call', '--target', 'http://h:1', '--org', 'o', '--voice', 'opus'], /voice\.encoding/],
  ])('ends with 2 for %s', async (_name, args, message) => {
    const { status, stdout, stderr } = await run(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).toContain('--help');
  });

  it('ends the call and says so when it is interrupted', async () => {
    const real = call.filter((flag) => flag !== '--fast');
    const { status, stderr } = await run([...real, '--wait', '60000'], {}, 'SESSION_START');
    expect(status).toBe(1);
    expect(stderr).toContain('aborted');
  });
});
