// What a recorder does to the disk: names, rights, bounds, what a crash leaves, and what happens when the disk takes no more.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRecorder, type RecorderOptions } from '@byova/media/recorder';
import { describe, expect, it } from 'vitest';
import { settle } from '../support/fake-clock.ts';
import { createBench, readStereo, temporaryFolder } from './stereo.ts';

/** Records a call of so many ms, both sides sounding. */
async function recordCall(bench: Awaited<ReturnType<typeof createBench>>, id: string, ms: number): Promise<void> {
  const before = bench.done.length;
  const call = bench.begin(id);
  bench.agent(call, 7, ms, bench.clock.now());
  for (let at = 0; at < ms; at += 20) {
    bench.frame(call, 6);
    await bench.clock.advance(20);
  }
  bench.end(call);
  await expect.poll(() => bench.done.length).toBe(before + 1);
}

/** Runs a recorder in a process of its own; gives what it prints. */
function runScript(body: string, before = '', directory = temporaryFolder()): unknown {
  const script = `
    import { readdirSync } from 'node:fs';
    import { createRecorder } from '@byova/media/recorder';
    const directory = ${JSON.stringify(directory)};
    const call = { id: 'c1', organization: 'o1', agentId: 'a', implicit: false };
    ${body}`;
  const command = `${before}exec "$0" --conditions=@byova/source --input-type=module -e "$1"`;
  const cwd = join(import.meta.dirname, '../..');
  return JSON.parse(
    execFileSync('sh', ['-c', command, process.execPath, script], { cwd, encoding: 'utf8', stdio: 'pipe' }),
  );
}

describe('a file', () => {
  it('is of its owner alone, is named by the call with nothing of a path in it, and is part of a file until it is whole', async () => {
    const directory = join(temporaryFolder(), 'a', 'b');
    const bench = await createBench({ directory, now: () => Date.UTC(2026, 0, 2, 3, 4, 5, 6) });
    const call = bench.begin('../../etc/pass wd\0\u{1f600}');
    bench.frame(call, 6);
    await bench.clock.advance(5000);
    await expect.poll(() => bench.files).toHaveLength(1);
    expect(bench.files).toEqual(['byova-20260102T030405006Z-_etc_pass_wd_.wav.part']);
    bench.end(call);
    await bench.result();
    expect(bench.files).toEqual(['byova-20260102T030405006Z-_etc_pass_wd_.wav']);
    const mode = (path: string): string => (statSync(path).mode & 0o777).toString(8);
    expect([mode(directory), mode(join(directory, bench.files[0] ?? ''))]).toEqual(['700', '600']);
  });

  it('can be named otherwise, and two of one name do not meet', async () => {
    const bench = await createBench({ now: () => 0, fileName: ({ agentId }) => `${agentId}/x`.repeat(40) });
    const calls = [bench.begin('c1'), bench.begin('c2')];
    for (const call of calls) bench.frame(call, 6);
    await bench.clock.advance(100);
    for (const call of calls) bench.end(call);
    await bench.recorder.close?.();
    const stem = `byova-19700101T000000000Z-${'demo_x'.repeat(40).slice(0, 64)}`;
    expect(bench.files).toEqual([`${stem}.2.wav`, `${stem}.wav`]);
  });

  it('opens in sox, with its length, its channels and its audio', async () => {
    const bench = await createBench();
    await recordCall(bench, 'c1', 1500);
    const [recording] = bench.done;
    const info = execFileSync('sox', ['--info', recording?.path ?? ''], { encoding: 'utf8' });
    expect(info).toMatch(/Channels\s+: 2/);
    expect(info).toMatch(/Sample Rate\s+: 8000/);
    expect(info).toMatch(/Duration\s+: 00:00:01\.50 /);
    expect(info).toMatch(/u-law/);
    const samples = execFileSync('sox', [recording?.path ?? '', '-t', 's16', '-']);
    expect(samples.length).toBe(1500 * 8 * 4);
  }, 20_000);
});

describe('the bounds', () => {
  it.each<[string, Partial<RecorderOptions>, number]>([
    ['by time', { maxMs: 1200 }, 1200],
    ['by size', { maxBytesPerCall: 58 + 700 * 16 }, 700],
  ])('end a recording %s, and the call goes on', async (_name, options, durationMs) => {
    const bench = await createBench(options);
    const call = bench.begin();
    bench.agent(call, 7, 10_000, bench.clock.now());
    for (let at = 0; at < 5000; at += 20) {
      bench.frame(call, 6);
      await bench.clock.advance(20);
    }
    await expect.poll(() => bench.done).toHaveLength(1);
    expect(bench.done).toMatchObject([{ durationMs, endedBy: 'limit' }]);
    bench.end(call);
    const { left, right } = await bench.result();
    expect([left.length, right.length]).toEqual([durationMs * 8, durationMs * 8]);
    expect(bench.done).toHaveLength(1);
  });

  it('delete the oldest recordings, and no file of another', async () => {
    const directory = temporaryFolder();
    const others = ['byova-notes.wav', 'a.wav', 'byova-20200101T000000000Z-x.mp3'];
    for (const name of others) writeFileSync(join(directory, name), 'x'.repeat(50_000));
    let now = Date.UTC(2026, 0, 1);
    const bench = await createBench({
      directory,
      maxBytesTotal: 3 * (58 + 500 * 16) + 10,
      now: () => {
        now += 1000;
        return now;
      },
    });
    for (const id of ['c1', 'c2', 'c3', 'c4', 'c5']) await recordCall(bench, id, 500);
    expect(bench.files.filter((name) => !others.includes(name)).map((name) => name.slice(-6))).toEqual([
      'c3.wav',
      'c4.wav',
      'c5.wav',
    ]);
    expect(bench.files).toEqual(expect.arrayContaining(others));
    expect(bench.warnings).toEqual([]);
    // A recorder that starts anew knows what is there.
    const next = await createBench({ directory, maxBytesTotal: 2 * (58 + 500 * 16) + 10 });
    await recordCall(next, 'c6', 500);
    expect(next.files.filter((name) => !others.includes(name)).map((name) => name.slice(-6))).toEqual([
      'c5.wav',
      'c6.wav',
    ]);
  });

  it('hold for calls in progress as well', async () => {
    const bench = await createBench({ maxBytesTotal: 40_000 });
    await recordCall(bench, 'old', 1000);
    const call = bench.begin('long');
    for (let at = 0; at < 8000; at += 20) {
      bench.frame(call, 6);
      await bench.clock.advance(20);
    }
    await expect.poll(() => bench.done).toHaveLength(2);
    expect(bench.done[1]).toMatchObject({
      call: { id: 'long' },
      endedBy: 'failed',
      bytes: expect.toSatisfy((n) => n <= 40_000),
    });
    expect(bench.files).toHaveLength(1);
    expect(bench.warnings).toHaveLength(1);
  });

  it('of memory leave out the audio of the agent, with one warning', async () => {
    const bench = await createBench({ maxMemoryBytes: 400_000 });
    const call = bench.begin();
    bench.agent(call, 7, 30_000, bench.clock.now());
    bench.agent(call, 8, 10_000, bench.clock.now() + 30_000);
    bench.agent(call, 8, 10_000, bench.clock.now() + 40_000);
    for (let at = 1000; at <= 35_000; at += 1000) {
      await bench.clock.advance(1000);
      // The clock is faster than the disk.
      const onDisk = (): number =>
        bench.files.reduce((sum, name) => sum + statSync(join(bench.directory, name)).size, 0);
      await expect.poll(() => onDisk()).toBeGreaterThanOrEqual((at - 2000) * 16);
    }
    bench.agent(call, 9, 100, bench.clock.now());
    await bench.clock.advance(200);
    bench.end(call);
    const { right } = await bench.result();
    expect(new Set(right)).toEqual(new Set([7, 9, 0xff]));
    expect(bench.warnings.map(({ message }) => message)).toEqual([expect.stringContaining('maxMemoryBytes')]);
  });
});

describe('a disk that takes no more', () => {
  it('ends the recording of a call with one warning; what was written is kept', () => {
    // A limit on the size of files stands for the disk: the system refuses to write in the middle of a block.
    const [written, warnings, files] = runScript(
      `
      const recordings = [];
      const warnings = [];
      const recorder = createRecorder({
        directory,
        logger: { info() {}, warn: (_fields, message) => warnings.push(message) },
        onRecorded: ({ endedBy, durationMs }) => recordings.push({ endedBy, durationMs }),
      });
      recorder.observe({ type: 'session_started', call, atMs: performance.now() });
      recorder.agentAudio(call, new Uint8Array(80_000).fill(7), performance.now());
      recorder.observe({ type: 'session_ended', call, atMs: performance.now() });
      await recorder.close();
      console.log(JSON.stringify([recordings, warnings, readdirSync(directory)]));`,
      'ulimit -f 100; ',
    ) as [unknown[], unknown[], string[]];
    expect(warnings).toEqual(['the recording of a call stops']);
    expect(written).toMatchObject([
      { endedBy: 'failed', durationMs: expect.toSatisfy((ms) => ms >= 2000 && ms <= 6500 && ms % 1000 === 0) },
    ]);
    expect(files).toMatchObject([expect.stringMatching(/c1\.wav$/)]);
  });

  it('may be a folder that is cleared away: the recording is lost with one warning, and the next one is there', async () => {
    const bench = await createBench();
    const call = bench.begin();
    for (let at = 0; at < 5000; at += 20) {
      bench.frame(call, 6);
      await bench.clock.advance(20);
    }
    await expect.poll(() => bench.files).toHaveLength(1);
    rmSync(bench.directory, { recursive: true });
    bench.frame(call, 6);
    bench.end(call);
    await expect.poll(() => bench.warnings).toHaveLength(1);
    expect(bench.warnings).toMatchObject([
      {
        message: 'the recording of a call could not be finished',
        fields: { conversationId: 'c1', organization: 'o1' },
      },
    ]);
    expect(bench.done).toEqual([]);
    await recordCall(bench, 'c2', 100);
    expect(bench.done).toMatchObject([{ call: { id: 'c2' }, endedBy: 'call_ended' }]);
  });

  it('may be there later', async () => {
    const place = join(temporaryFolder(), 'disk');
    writeFileSync(place, '');
    const bench = await createBench({ directory: join(place, 'recordings') });
    const call = bench.begin();
    bench.frame(call, 6);
    await bench.clock.advance(5000);
    await expect.poll(() => bench.warnings).toHaveLength(1);
    rmSync(place);
    await recordCall(bench, 'c2', 100);
    expect(bench.done).toHaveLength(1);
    bench.end(call);
  });

  it('is told once for each call when the folder cannot be made', async () => {
    const file = join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const bench = await createBench({ directory: join(file, 'recordings') });
    for (const id of ['c1', 'c2']) {
      const call = bench.begin(id);
      bench.frame(call, 6);
      await bench.clock.advance(5000);
      bench.end(call);
    }
    await bench.recorder.close?.();
    expect(bench.warnings).toHaveLength(2);
  });
});

describe('what a crash left', () => {
  const name = 'byova-20260101T000000000Z-c1.wav.part';

  /** A recording that was never finished, some bytes in the middle of a moment. */
  async function crashed(directory: string, name: string, audioBytes: number): Promise<void> {
    const bench = await createBench();
    await recordCall(bench, 'c1', 1000);
    const whole = readFileSync(bench.done[0]?.path ?? '');
    // As it is on disk before its end: no sizes.
    whole.writeUInt32LE(50, 4);
    whole.writeUInt32LE(0, 46);
    whole.writeUInt32LE(0, 54);
    writeFileSync(join(directory, name), whole.subarray(0, 58 + audioBytes));
  }
  const age = (path: string): void => utimesSync(path, new Date(Date.now() - 120_000), new Date(Date.now() - 120_000));

  it('is finished when there is audio in it, and removed when there is none', async () => {
    const directory = temporaryFolder();
    await crashed(directory, name, 8001);
    await crashed(directory, name.replace('c1', 'c2'), 0);
    await crashed(directory, 'mine.wav.part', 100);
    writeFileSync(
      join(directory, name.replace('c1', 'c3')),
      'something else, longer than the header of a recording would be',
    );
    for (const file of readdirSync(directory)) age(join(directory, file));
    const bench = await createBench({ directory });
    await expect.poll(() => bench.files).toEqual(['byova-20260101T000000000Z-c1.wav', 'mine.wav.part']);
    expect(readStereo(readFileSync(join(directory, bench.files[0] ?? ''))).durationMs).toBe(500);
  });

  it('is left alone while another process may write to it, and finished a minute later', async () => {
    const directory = temporaryFolder();
    await crashed(directory, name, 8000);
    let now = Date.now();
    const bench = await createBench({ directory, now: () => now });
    await recordCall(bench, 'other', 100);
    expect(bench.files).toContain(name);
    await bench.clock.advance(30_000);
    expect(bench.files).toContain(name);
    now += 61_000;
    await bench.clock.advance(31_000);
    await expect.poll(() => bench.files).toContain(name.replace('.part', ''));
  });

  it('can be a file of a process that was killed', async () => {
    const directory = temporaryFolder();
    const killed = `
      const recorder = createRecorder({ directory });
      recorder.observe({ type: 'session_started', call, atMs: performance.now() });
      setInterval(() => recorder.callerAudio(call, new Uint8Array(160).fill(6), 'mulaw', 8000), 20);
      setTimeout(() => process.kill(process.pid, 'SIGKILL'), 4500);`;
    expect(() => runScript(killed, '', directory)).toThrow();
    const [left = ''] = readdirSync(directory);
    expect(left).toMatch(/\.wav\.part$/);
    age(join(directory, left));
    const bench = await createBench({ directory });
    await expect.poll(() => bench.files).toEqual([left.replace('.part', '')]);
    const { left: caller } = readStereo(readFileSync(join(directory, bench.files[0] ?? '')));
    expect(caller.filter((sample) => sample === 6).length / 8).toBeGreaterThan(1000);
  }, 20_000);
});

describe('the recorder', () => {
  it('records the calls that it is told to', async () => {
    const bench = await createBench({ when: ({ id }) => id === 'yes' });
    for (const id of ['no', 'yes']) {
      const call = bench.begin(id);
      bench.frame(call, 6);
      await bench.clock.advance(100);
      bench.end(call);
    }
    await bench.recorder.close?.();
    expect(bench.done.map(({ call }) => call.id)).toEqual(['yes']);
  });

  it('finishes what is open when it is closed, and takes nothing after', async () => {
    const bench = await createBench();
    const call = bench.begin();
    bench.frame(call, 6);
    await bench.clock.advance(1234);
    await bench.result();
    expect(bench.done).toMatchObject([{ durationMs: 1234, endedBy: 'closed' }]);
    bench.frame(bench.begin('late'), 6);
    await settle();
    expect(bench.clock.pending).toBe(0);
    expect(bench.files).toHaveLength(1);
  });

  it('goes on when the program throws in onRecorded', async () => {
    const seen: string[] = [];
    const bench = await createBench({
      onRecorded({ path }) {
        seen.push(path);
        throw new Error('broken');
      },
    });
    for (const id of ['c1', 'c2']) {
      const call = bench.begin(id);
      await bench.clock.advance(100);
      bench.end(call);
    }
    await bench.recorder.close?.();
    expect(seen.every((path) => existsSync(path))).toBe(true);
    expect(bench.warnings).toHaveLength(2);
  });

  it.each<[string, object]>([
    ['no folder', {}],
    ['an empty folder', { directory: '' }],
    ['a bound that is none', { directory: '/tmp/x', maxBytesTotal: 0 }],
    ['a misspelt option', { directory: '/tmp/x', maxByte: 5 }],
    ['more than a WAV file can say', { directory: '/tmp/x', maxBytesPerCall: 2 ** 33 }],
  ])('refuses %s', (_name, options) => {
    expect(() => createRecorder(options as RecorderOptions)).toThrow(
      expect.objectContaining({ code: 'OPTIONS_INVALID' }),
    );
  });
});
