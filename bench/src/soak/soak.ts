// A soak: one server under real-time calls for a long while, its heap looked at again and again after a collection.
import os from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { findCores } from '../run/cores.ts';
import { spawnLoad, spawnSoakServer } from '../run/spawn.ts';
import { TURNS, type TurnName } from '../utterance.ts';
import { createSoakReport, type HeapSample, type SoakReport } from './soak-report.ts';

/** Heap samples of a run. */
const SAMPLES = 40;
const LEAST_SAMPLE_MS = 1000;

/** What a soak does. */
export interface SoakOptions {
  readonly calls: number;
  readonly seconds: number;
  /** Before anything is measured: code is compiled and buffers have their size. */
  readonly warmUpSeconds: number;
  readonly connections: number;
  /** What callers do in a turn. */
  readonly turn: TurnName;
}

/** Runs a soak. */
export async function soak(options: SoakOptions, progress: (line: string) => void): Promise<SoakReport> {
  const startedAt = new Date();
  const cores = findCores();
  const { server: serverCore, load: loadCore } = typeof cores === 'string' ? {} : cores;
  const load = spawnLoad(loadCore);
  const server = spawnSoakServer(serverCore);
  const heap: HeapSample[] = [];
  try {
    const { port } = await server.call('listen', { promptMs: TURNS[options.turn].promptMs });
    await load.call('connect', { port, connections: options.connections, tls: false });
    // Before the first call, so that no failure is missed.
    await load.call('begin', null);
    const { calls, turn } = options;
    const { turnMs: rampMs, turnFrames } = TURNS[turn];
    // As the bench finds it for this detector: it knows with the frame after the last one of the script.
    const decisionFrame = turnFrames;
    await load.call('start', { calls, turn, rampMs, decisionFrame, idle: false, stamped: true });
    await delay(options.warmUpSeconds * 1000);
    await server.call('resetLatency', null);
    const first = await server.call('figures', null);
    const beganAt = performance.now();
    const untilMs = beganAt + options.seconds * 1000;
    const sampleMs = Math.max(LEAST_SAMPLE_MS, (options.seconds * 1000) / SAMPLES);
    let last = first;
    while (performance.now() < untilMs) {
      await delay(Math.min(sampleMs, untilMs - performance.now()));
      last = await server.call('figures', null);
      const seconds = (performance.now() - beganAt) / 1000;
      heap.push({ seconds, heapBytes: last.heapBytes, rssBytes: last.rssBytes });
      const mib = (last.heapBytes / 2 ** 20).toFixed(2);
      progress(`${seconds.toFixed(0)} s: heap ${mib} MiB, ${last.begun} calls begun, ${last.failures} failures`);
    }
    const seconds = (performance.now() - beganAt) / 1000;
    const latency = await server.call('latency', null);
    await load.call('disperse', null);
    const window = await load.call('end', null);
    const left = await server.call('drain', null);
    return createSoakReport({
      startedAt,
      machine: {
        node: process.version,
        cpuModel: os.cpus()[0]?.model ?? 'unknown',
        cores: os.availableParallelism(),
        pinned: cores,
        loadAverage: os.loadavg()[1] ?? Number.NaN,
      },
      options,
      seconds,
      first,
      last,
      left,
      latency,
      window,
      heap,
    });
  } finally {
    await Promise.all([load.close(), server.close()]);
  }
}
