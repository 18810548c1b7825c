// What is in a recording, on a fake clock: both sides where they belong, to the sample.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { convertAudio } from '../../src/audio/audio-converter.ts';
import { decodeMulaw } from '../../src/audio/g711.ts';
import { tone } from '../../src/audio/tone.ts';
import { type Bench, createBench, stretches } from './stereo.ts';

describe('the caller, left', () => {
  it('lies where it arrived, with silence where nothing came', async () => {
    const bench = await createBench();
    const call = bench.begin();
    await bench.clock.advance(100);
    bench.frame(call, 1);
    await bench.clock.advance(20);
    bench.frame(call, 2);
    await bench.clock.advance(30_000);
    bench.frame(call, 3);
    await bench.clock.advance(500);
    bench.end(call);
    const { left, right, durationMs } = await bench.result();
    expect(durationMs).toBe(30_620);
    expect(stretches(left)).toEqual([
      [1, 100, 120],
      [2, 120, 140],
      [3, 30_120, 30_140],
    ]);
    expect(stretches(right)).toEqual([]);
    expect(bench.done).toMatchObject([{ call, durationMs: 30_620, endedBy: 'call_ended', bytes: 30_620 * 16 + 58 }]);
  });

  it('has no gaps where frames come a little early or late', async () => {
    const bench = await createBench();
    const call = bench.begin();
    for (const waitMs of [100, 33, 7, 25, 15, 38, 2, 20]) {
      await bench.clock.advance(waitMs);
      bench.frame(call, 5);
    }
    await bench.clock.advance(100);
    bench.end(call);
    expect(stretches((await bench.result()).left)).toEqual([[5, 100, 260]]);
  });

  it('lies where it was spoken when frames were held up and come at once', async () => {
    const bench = await createBench();
    const call = bench.begin();
    bench.frame(call, 1);
    // Frames of 20 to 1220 ms, all at once; then in time again.
    await bench.clock.advance(1220);
    for (let value = 2; value <= 62; value += 1) bench.frame(call, value);
    for (let value = 63; value <= 70; value += 1) {
      await bench.clock.advance(20);
      bench.frame(call, value);
    }
    await bench.clock.advance(100);
    bench.end(call);
    const found = stretches((await bench.result()).left);
    expect(found.map(([value]) => value)).toEqual(Array.from({ length: 70 }, (_, index) => index + 1));
    for (const [value, startMs] of found) expect(Math.abs(startMs - (value - 1) * 20)).toBeLessThanOrEqual(20);
  });

  it('leaves out what comes faster than it can be spoken, and stays aligned', async () => {
    const bench = await createBench();
    const call = bench.begin();
    for (let frame = 0; frame < 50; frame += 1) bench.frame(call, 1);
    await bench.clock.advance(1000);
    bench.frame(call, 2);
    await bench.clock.advance(20);
    bench.end(call);
    expect(stretches((await bench.result()).left)).toEqual([
      [1, 0, 40],
      [2, 1000, 1020],
    ]);
  });

  it.each([
    ['alaw', 8000],
    ['linear16', 8000],
    ['linear16', 16_000],
    ['mulaw', 16_000],
  ] as const)('is converted from %s at %i Hz', async (encoding, sampleRateHz) => {
    const bench = await createBench();
    const call = bench.begin();
    const spoken = tone({ frequencyHz: 500, durationMs: 400, amplitude: 9000 });
    const sent = convertAudio(spoken, { encoding: 'mulaw', sampleRateHz: 8000 }, { encoding, sampleRateHz });
    const frameBytes = ((sampleRateHz * (encoding === 'linear16' ? 2 : 1)) / 1000) * 20;
    await bench.clock.advance(300);
    for (let at = 0; at < sent.length; at += frameBytes) {
      bench.recorder.callerAudio?.(call, sent.subarray(at, at + frameBytes), encoding, sampleRateHz);
      await bench.clock.advance(20);
    }
    await bench.clock.advance(100);
    bench.end(call);
    const heard = decodeMulaw((await bench.result()).left).subarray(300 * 8, 700 * 8);
    const due = decodeMulaw(spoken);
    let error = 0;
    let power = 0;
    due.forEach((sample, index) => {
      error += (sample - (heard[index] ?? 0)) ** 2;
      power += sample ** 2;
    });
    // The last 5 ms of a resampler are flushed by what comes next, which nothing does here.
    expect(10 * Math.log10(power / error)).toBeGreaterThan(25);
  });

  it('has neither the tiny frames of a start nor a rate that nobody sends', async () => {
    const bench = await createBench();
    const call = bench.begin();
    bench.recorder.callerAudio?.(call, new Uint8Array(3), 'mulaw', 8000);
    bench.recorder.callerAudio?.(call, new Uint8Array(160), 'mulaw', 11_025);
    await bench.clock.advance(20);
    bench.end(call);
    expect(stretches((await bench.result()).left)).toEqual([]);
  });
});

describe('the agent, right', () => {
  it('lies where it is heard, and stops where it was cut', async () => {
    const bench = await createBench();
    const call = bench.begin();
    const startMs = bench.clock.now();
    bench.agent(call, 7, 5000, startMs + 200);
    bench.agent(call, 8, 1000, startMs + 5200);
    await bench.clock.advance(3456);
    bench.cut(call, bench.clock.now());
    bench.agent(call, 9, 300, bench.clock.now() + 200);
    await bench.clock.advance(4000);
    bench.end(call);
    const { right, durationMs } = await bench.result();
    expect(stretches(right)).toEqual([
      [7, 200, 3456],
      [9, 3656, 3956],
    ]);
    expect(durationMs).toBe(7456);
  });

  it('is heard over the caller, and both are there', async () => {
    const bench = await createBench();
    const call = bench.begin();
    bench.agent(call, 7, 100, bench.clock.now());
    for (let frame = 0; frame < 5; frame += 1) {
      bench.frame(call, 6);
      await bench.clock.advance(20);
    }
    bench.end(call);
    const { left, right } = await bench.result();
    expect(stretches(left)).toEqual([[6, 0, 100]]);
    expect(stretches(right)).toEqual([[7, 0, 100]]);
  });

  it('gives way to what is heard in its place', async () => {
    const bench = await createBench();
    const call = bench.begin();
    const startMs = bench.clock.now();
    bench.agent(call, 7, 1000, startMs);
    await bench.clock.advance(100);
    bench.agent(call, 8, 50, startMs + 300);
    await bench.clock.advance(1000);
    bench.end(call);
    expect(stretches((await bench.result()).right)).toEqual([
      [7, 0, 300],
      [8, 300, 350],
    ]);
  });

  it('is heard to its end after the end of the call, and not after a hang-up', async () => {
    const bench = await createBench();
    const [ended, left] = [bench.begin('ended'), bench.begin('left')];
    for (const call of [ended, left]) bench.agent(call, 7, 1500, bench.clock.now() + 200);
    await bench.clock.advance(100);
    bench.cut(left, bench.clock.now());
    bench.end(ended);
    bench.end(left);
    await bench.recorder.close?.();
    expect(bench.done.map(({ call, durationMs }) => [call.id, durationMs]).sort()).toEqual([
      ['ended', 1700],
      ['left', 100],
    ]);
  });
});

type Step = { readonly waitMs: number; readonly act: 'frame' | 'burst' | 'agent' | 'cut'; readonly count: number };

/** What a recording of such a call must hold, reckoned without rings, blocks or queues. */
function naive(steps: readonly Step[], pathMs: number) {
  const left: { start: number; length: number; value: number; run: number }[] = [];
  let right: number[] = [];
  let nowMs = 0;
  let run = 0;
  let playingUntilMs = 0;
  steps.forEach(({ waitMs, act, count }, index) => {
    const value = (index % 120) + 1;
    nowMs += waitMs;
    if (act === 'agent') {
      const atMs = Math.max(nowMs + pathMs, playingUntilMs);
      playingUntilMs = atMs + count * 10;
      right = [...right.slice(0, atMs * 8), ...Array<number>(Math.max(0, atMs * 8 - right.length)).fill(0xff)];
      for (let at = 0; at < count * 80; at += 1) right.push(value);
    } else if (act === 'cut') {
      if (playingUntilMs > nowMs) right = right.slice(0, nowMs * 8);
      playingUntilMs = 0;
    } else {
      for (let frame = 0; frame < (act === 'burst' ? count : 1); frame += 1) {
        const at = nowMs * 8;
        const last = left.at(-1);
        let start = last === undefined ? 0 : last.start + last.length;
        if (at - start > 160) {
          run += 1;
          start = at;
        } else if (start - at > 160) {
          const own = left.filter((piece) => piece.run === run);
          const before = left.filter((piece) => piece.run !== run).at(-1);
          const flushed = Math.max(0, Math.floor(nowMs / 1000) * 1000 - 2000) * 8;
          const floor = Math.max(flushed, before === undefined ? 0 : before.start + before.length);
          const by = Math.max(0, Math.min(start - at, (own[0]?.start ?? 0) - floor));
          for (const piece of own) piece.start -= by;
          start -= by;
          if (start - at > 160) continue;
        }
        left.push({ start, length: 160, value, run });
      }
    }
  });
  nowMs += 100;
  const frames = Math.max(nowMs * 8, right.length);
  const caller = new Uint8Array(frames).fill(0xff);
  for (const { start, length, value } of left) caller.fill(value, start, start + length);
  const agent = new Uint8Array(frames).fill(0xff);
  agent.set(right);
  return { caller, agent, frames };
}

/** The same, for a recorder. */
async function play(bench: Bench, steps: readonly Step[], pathMs: number) {
  const call = bench.begin();
  let playingUntilMs = 0;
  for (const [index, { waitMs, act, count }] of steps.entries()) {
    const value = (index % 120) + 1;
    await bench.clock.advance(waitMs);
    const now = bench.clock.now();
    if (act === 'agent') {
      const heardAtMs = Math.max(now + pathMs, playingUntilMs);
      bench.agent(call, value, count * 10, heardAtMs);
      playingUntilMs = heardAtMs + count * 10;
    } else if (act === 'cut') {
      if (playingUntilMs > now) bench.cut(call, now);
      playingUntilMs = 0;
    } else for (let frame = 0; frame < (act === 'burst' ? count : 1); frame += 1) bench.frame(call, value);
  }
  await bench.clock.advance(100);
  bench.end(call);
  return bench.result();
}

describe('any call', () => {
  const step = fc.record<Step>({
    waitMs: fc.oneof(
      { weight: 6, arbitrary: fc.integer({ min: 0, max: 45 }) },
      { weight: 1, arbitrary: fc.integer({ min: 46, max: 4000 }) },
    ),
    act: fc.constantFrom('frame', 'frame', 'frame', 'burst', 'agent', 'cut'),
    count: fc.integer({ min: 1, max: 40 }),
  });

  it('is recorded as a naive model has it', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { minLength: 1, maxLength: 60 }),
        fc.constantFrom(0, 200),
        async (steps, path) => {
          const bench = await createBench();
          const found = await play(bench, steps, path);
          const due = naive(steps, path);
          expect(Math.abs(found.left.length - due.frames)).toBeLessThanOrEqual(160);
          expect(Buffer.compare(found.left, due.caller)).toBe(0);
          expect(Buffer.compare(found.right, due.agent)).toBe(0);
        },
      ),
      { numRuns: 60 },
    );
  }, 60_000);
});
