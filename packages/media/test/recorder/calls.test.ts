// Recordings of calls over real sockets, next to what the caller's own telephone recorded; and that nothing sensitive is
// anywhere: not in the recording, the log, the observations, the diagnostics channels or the transcript.
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { MEDIA_CHANNELS, type MediaPlugin, MediaServer, type MediaServerOptions, prompt } from '@byova/media';
import { type CallRecording, createRecorder, type RecorderOptions } from '@byova/media/recorder';
import { assertCallPassed, type CallStep, placeCall } from '@byova/simulator';
import { describe, expect, it, onTestFinished } from 'vitest';
import { decodeMulaw } from '../../src/audio/g711.ts';
import { readStereo, splitStereo, temporaryFolder } from './stereo.ts';

const speech = (name: string): string => join(import.meta.dirname, `../fixtures/speech/${name}.wav`);
/** How loud each 10 ms are: the mean of the samples' magnitudes. */
const HOP_MS = 10;

function loudness(side: Uint8Array): number[] {
  const samples = decodeMulaw(side);
  const hop = HOP_MS * 8;
  return Array.from({ length: Math.floor(samples.length / hop) }, (_, index) => {
    let sum = 0;
    for (const sample of samples.subarray(index * hop, (index + 1) * hop)) sum += Math.abs(sample);
    return sum / hop;
  });
}

/** By how many ms the second comes later than the first, where they are most alike, and how alike. */
function lag(first: readonly number[], second: readonly number[]): { readonly ms: number; readonly alike: number } {
  let best = { ms: 0, alike: -1 };
  const power = (side: readonly number[]): number => Math.sqrt(side.reduce((sum, value) => sum + value ** 2, 0));
  for (let shift = -50; shift <= 50; shift += 1) {
    const product = first.reduce((sum, value, index) => sum + value * (second[index + shift] ?? 0), 0);
    const alike = product / (power(first) * power(second));
    if (alike > best.alike) best = { ms: shift * HOP_MS, alike };
  }
  return best;
}

const lastSoundMs = (side: readonly number[]): number => (side.findLastIndex((value) => value > 100) + 1) * HOP_MS;

async function start(
  options: Partial<MediaServerOptions<undefined>> = {},
  recording: Partial<RecorderOptions> = {},
  others: readonly MediaPlugin[] = [],
) {
  const recordings = new Map<string, CallRecording>();
  const startedMs = new Map<string, number>();
  const server = new MediaServer({
    agents: [{ id: 'demo', name: 'Demo' }],
    verify: { enforce: false },
    pathDelayMs: 0,
    ...options,
  });
  const recorder = createRecorder({
    directory: temporaryFolder(),
    onRecorded: (one) => void recordings.set(one.call.id, one),
    ...recording,
  });
  const starts: MediaPlugin = {
    name: 'starts',
    observe(observation) {
      if (observation.type === 'session_started') startedMs.set(observation.call.id, observation.atMs);
    },
  };
  for (const plugin of [recorder, starts, ...others]) server.use(plugin);
  onTestFinished(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return {
    server,
    async call(script: readonly CallStep[]) {
      let placedMs = 0;
      const report = await placeCall({
        target: `http://127.0.0.1:${port}`,
        organization: 'o1',
        pace: 'real_time',
        recording: 'mulaw',
        script,
        onTimeline({ atMs }) {
          placedMs ||= performance.now() - atMs;
        },
      });
      assertCallPassed(report);
      const { conversationId } = report;
      await expect.poll(() => recordings.has(conversationId)).toBe(true);
      return {
        report,
        ours: readStereo(readFileSync(recordings.get(conversationId)?.path ?? '')),
        theirs: splitStereo(report.recording.subarray(44)),
        /** How much later than the telephone's the recording begins: the call takes some time to arrive. */
        laterMs: (startedMs.get(conversationId) ?? 0) - placedMs,
      };
    },
  };
}

describe.each(['wav', 'chunk'] as const)('a recording of a call: %s', (audioMode) => {
  it('has both sides where the caller has them', async () => {
    const { server, call } = await start({ audioMode });
    server.on('session_start', async ({ session }) => {
      await session.listen({ prompt: prompt.tone({ frequencyHz: 440, durationMs: 700 }) });
      await session.listen({ prompt: prompt.tone({ frequencyHz: 600, durationMs: 400 }) });
      await session.end({ prompt: prompt.tone({ frequencyHz: 800, durationMs: 500 }) });
    });
    // What runs for the first time is slow, and would be measured as a delay of the line.
    await call([{ waitForPrompt: {} }, { say: speech('operator-scot') }, { wait: 2000 }, { hangUp: true }]);
    const { report, ours, theirs, laterMs } = await call([
      { waitForPrompt: {} },
      { say: speech('operator-scot') },
      { waitForPrompt: {} },
      { say: speech('number-m7') },
      { expect: 'end' },
    ]);
    const said = report.timeline.flatMap(({ kind, atMs }) => (kind === 'speech_started' ? [atMs] : []));
    const played = report.prompts.map(({ startedAtMs = 0 }) => startedAtMs);
    expect([said.length, played.length]).toEqual([2, 3]);
    for (const [side, starts] of [
      ['left', said],
      ['right', played],
    ] as const) {
      for (const startMs of starts) {
        const fromMs = Math.max(0, Math.round(startMs) - 300);
        const part = (of: Uint8Array): number[] => loudness(of.subarray(fromMs * 8, (fromMs + 1500) * 8));
        const { ms, alike } = lag(part(theirs[side]), part(ours[side]));
        expect(Math.abs(ms + laterMs), side).toBeLessThanOrEqual(100);
        expect(alike, side).toBeGreaterThan(0.9);
      }
    }
    expect(Math.abs(ours.durationMs + laterMs - theirs.durationMs)).toBeLessThanOrEqual(100);
  }, 30_000);

  it('has the agent fall silent where the caller interrupted', async () => {
    const { server, call } = await start({ audioMode });
    server.on('session_start', async ({ session }) => {
      await session.listen({ prompt: prompt.tone({ frequencyHz: 440, durationMs: 8000 }) });
      await session.end();
    });
    const { report, ours, theirs, laterMs } = await call([
      { expect: 'prompt' },
      { wait: 1200 },
      { say: speech('number-m7') },
      { expect: 'end' },
    ]);
    const heardMs = report.prompts[0]?.heardMs ?? 0;
    expect(heardMs).toBeGreaterThan(1000);
    expect(heardMs).toBeLessThan(4000);
    const cutMs = lastSoundMs(loudness(ours.right)) + laterMs;
    expect(Math.abs(cutMs - lastSoundMs(loudness(theirs.right)))).toBeLessThanOrEqual(100);
    expect(Math.abs(lag(loudness(theirs.left), loudness(ours.left)).ms + laterMs)).toBeLessThanOrEqual(100);
  }, 30_000);
});

/** Whether bytes are anywhere in a value. */
function holdsBytes(value: unknown, seen = new Set<unknown>()): boolean {
  if (ArrayBuffer.isView(value) || value instanceof ArrayBuffer) return true;
  if (typeof value !== 'object' || value === null || seen.has(value)) return false;
  seen.add(value);
  return Reflect.ownKeys(value).some((key) => holdsBytes(Reflect.get(value, key), seen));
}

describe('what is sensitive', () => {
  it('is nowhere', async () => {
    const PIN = '48151623';
    const SAID = 'two three four two';
    const told: unknown[] = [];
    const log = (level: string) => (fields: object, message: string) => void told.push([level, message, fields]);
    const logger = { debug: log('debug'), info: log('info'), warn: log('warn'), error: log('error') };
    for (const name of Object.values(MEDIA_CHANNELS)) {
      const listener = (message: unknown): void => void told.push([name, message]);
      subscribe(name, listener);
      onTestFinished(() => void unsubscribe(name, listener));
    }
    const heard: string[] = [];
    const spoken: number[] = [];
    const { server, call } = await start({ logger, bargeIn: true }, { logger }, [
      { name: 'watcher', observe: (observation) => void told.push(['observed', observation]) },
    ]);
    const ask = prompt.tone({ frequencyHz: 440, durationMs: 300 });
    server.on('session_start', async ({ session }) => {
      await session.listen({ prompt: ask });
      const pin = await session.collectDigits({
        prompt: ask,
        max: 8,
        sensitive: true,
        validate: (digits) => heard.push(digits) > 1,
      });
      session.transcript.add({ role: 'caller', text: pin.status === 'ok' ? pin.digits : '' });
      const number = await session.listen({ prompt: ask, sensitive: true });
      if (number.status === 'speech') {
        spoken.push(number.utterance.durationMs);
        session.transcript.add({ role: 'caller', text: SAID });
      }
      await session.listen({ prompt: ask });
      // Errors are logged and told to observers as well.
      throw new Error('broken');
    });
    const { report, ours, theirs, laterMs } = await call([
      { waitForPrompt: {} },
      { say: speech('operator-scot') },
      { waitForPrompt: {} },
      { press: PIN, everyMs: 100 },
      { waitForPrompt: {} },
      { press: PIN, everyMs: 100 },
      { waitForPrompt: {} },
      { say: speech('number-m7') },
      { waitForPrompt: {} },
      { say: speech('operator-scot') },
      { expect: 'transfer', name: 'agent_error' },
    ]);

    // It did happen: the program was given all of it.
    expect(heard).toEqual([PIN, PIN]);
    expect(spoken).toEqual([expect.toSatisfy((ms: number) => ms > 1500)]);
    expect(report.transcript).toBe('caller: [sensitive]\ncaller: [sensitive]');

    const kinds = new Set(told.map((entry) => (entry as unknown[])[0]));
    expect([...kinds]).toEqual(expect.arrayContaining(['error', 'observed', MEDIA_CHANNELS.dtmf_received]));
    const text = inspect(told, { depth: Number.POSITIVE_INFINITY, showHidden: true, maxArrayLength: null });
    for (const secret of [PIN, ...PIN.split('').map((digit) => `'${digit}'`), SAID]) expect(text).not.toContain(secret);
    expect(holdsBytes(told)).toBe(false);

    const said = report.timeline.flatMap(({ kind, atMs }) => (kind === 'speech_started' ? [atMs] : []));
    const energy = (side: Uint8Array, fromMs: number, ms: number): number => {
      const part = loudness(side.subarray(fromMs * 8, (fromMs + ms) * 8));
      return part.reduce((sum, value) => sum + value, 0) / part.length;
    };
    expect(said).toHaveLength(3);
    const [before = 0, secret = 0, after = 0] = said.map((atMs) => Math.round(atMs - laterMs));
    // The telephone has it; ours has what was said before and after, and silence in its place.
    expect(energy(theirs.left, Math.round(secret + laterMs), 2500)).toBeGreaterThan(300);
    expect(energy(ours.left, secret - 100, 2800)).toBe(0);
    for (const fromMs of [before, after]) {
      const ratio = energy(ours.left, fromMs, 1000) / energy(theirs.left, Math.round(fromMs + laterMs), 1000);
      expect(ratio).toBeGreaterThan(0.8);
    }
    const outside = ours.left.filter(
      (_sample, at) => at < (before - 100) * 8 || (at > (before + 1300) * 8 && at < (after - 100) * 8),
    );
    expect(energy(outside, 0, outside.length / 8)).toBe(0);
  }, 60_000);
});
