// Reads recordings, by code of its own, and drives a recorder by its hooks alone.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { MediaPlugin, ObservedCall } from '@byova/media';
import { type CallRecording, createRecorder, type RecorderOptions } from '@byova/media/recorder';
import { onTestFinished } from 'vitest';
import { createFakeClock, type FakeClock } from '../support/fake-clock.ts';

/** A recording, taken apart: mu-law of each side. */
export interface Stereo {
  readonly left: Uint8Array;
  readonly right: Uint8Array;
  readonly durationMs: number;
}

/** Reads a recording, and checks that its sizes are true. */
export function readStereo(bytes: Uint8Array): Stereo {
  const file = Buffer.from(bytes);
  const data = file.subarray(58);
  const fields = {
    id: file.toString('latin1', 0, 4) + file.toString('latin1', 8, 16),
    tag: file.readUInt16LE(20),
    channels: file.readUInt16LE(22),
    rate: file.readUInt32LE(24),
    bits: file.readUInt16LE(34),
    riff: file.readUInt32LE(4) + 8,
    frames: file.readUInt32LE(46),
    data: file.readUInt32LE(54),
  };
  const due = { id: 'RIFFWAVEfmt ', tag: 7, channels: 2, rate: 8000, bits: 8, riff: file.length };
  const sized = { ...due, frames: data.length / 2, data: data.length };
  if (JSON.stringify(fields) !== JSON.stringify(sized)) throw new Error(`not a recording: ${JSON.stringify(fields)}`);
  return splitStereo(data);
}

/** Takes audio of two channels apart. */
export function splitStereo(data: Uint8Array): Stereo {
  const side = (offset: number): Uint8Array => data.filter((_byte, index) => index % 2 === offset);
  return { left: side(0), right: side(1), durationMs: data.length / 16 };
}

/** A folder that goes with its test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'recordings-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** A recorder that is driven by hand. */
export interface Bench {
  readonly clock: FakeClock;
  readonly recorder: MediaPlugin;
  readonly directory: string;
  readonly done: CallRecording[];
  readonly warnings: { readonly message: string; readonly fields: Readonly<Record<string, unknown>> }[];
  /** A call begins. */
  begin(id?: string): ObservedCall;
  /** It ends; resolves when its recording is there, or is given up. */
  end(call: ObservedCall): void;
  frame(call: ObservedCall, value: number, ms?: number): void;
  agent(call: ObservedCall, value: number, ms: number, heardAtMs: number): void;
  cut(call: ObservedCall, atMs: number): void;
  /** Closes the recorder and reads the first recording that was told. */
  result(): Promise<Stereo>;
  readonly files: string[];
}

/** Makes a recorder on a fake clock that stands at 1000 ms. */
export async function createBench(options: Partial<RecorderOptions> = {}): Promise<Bench> {
  const clock = createFakeClock();
  await clock.advance(1000);
  const directory = options.directory ?? temporaryFolder();
  const done: CallRecording[] = [];
  const warnings: { message: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const nothing = (): void => {};
  const recorder = createRecorder({
    directory,
    clock,
    logger: {
      debug: nothing,
      info: nothing,
      warn: (fields, message) => void warnings.push({ fields, message }),
      error: nothing,
    },
    onRecorded: (recording) => void done.push(recording),
    ...options,
  });
  onTestFinished(async () => recorder.close?.());
  return {
    clock,
    recorder,
    directory,
    done,
    warnings,
    begin(id = 'c1') {
      const call: ObservedCall = { id, organization: 'o1', agentId: 'demo', implicit: false };
      recorder.observe?.({ type: 'session_started', call, atMs: clock.now() });
      return call;
    },
    end(call) {
      recorder.observe?.({ type: 'session_ended', call, atMs: clock.now(), reason: 'ended', durationMs: 0 });
    },
    frame: (call, value, ms = 20) => recorder.callerAudio?.(call, new Uint8Array(ms * 8).fill(value), 'mulaw', 8000),
    agent: (call, value, ms, heardAtMs) => recorder.agentAudio?.(call, new Uint8Array(ms * 8).fill(value), heardAtMs),
    cut: (call, atMs) => recorder.agentAudioCut?.(call, atMs),
    async result() {
      await recorder.close?.();
      const [first] = done;
      if (first === undefined) throw new Error('there is no recording');
      return readStereo(readFileSync(first.path));
    },
    get files() {
      return readdirSync(directory).sort();
    },
  };
}

/** Where the same sample stands in a row: `[value, from ms, to ms]`; silence is left out. */
export function stretches(side: Uint8Array): [number, number, number][] {
  const found: [number, number, number][] = [];
  side.forEach((value, at) => {
    const last = found.at(-1);
    if (value === 0xff) return;
    if (last !== undefined && last[0] === value && last[2] === at / 8) last[2] = (at + 1) / 8;
    else found.push([value, at / 8, (at + 1) / 8]);
  });
  return found;
}
