// What a piece of work costs: its time, and the bytes that it leaves behind for the garbage collector, on the heap and in
// array buffers. For `node --expose-gc`.
import { GCProfiler } from 'node:v8';

/** What one of many cost. */
export interface Cost {
  readonly nanos: number;
  readonly garbageBytes: number;
}

/** Work to be measured, done `count` times. */
export type Work = (count: number) => void;

/** At most so many are done before the memory is looked at; halved until no collection comes in between. */
const MOST_AT_ONCE = 4096;

/** CPU time of this thread so far, in ms: what others do on the machine is not in it. */
export function cpuMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function nanosOf(work: Work, windowMs: number): number {
  let count = 1;
  for (;;) {
    const started = cpuMs();
    work(count);
    const tookMs = cpuMs() - started;
    if (tookMs >= windowMs) return (tookMs * 1e6) / count;
    count = Math.ceil(tookMs < windowMs / 10 ? count * 4 : (count * windowMs * 1.1) / tookMs);
  }
}

function usedBytes(): number {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

function garbageOf(work: Work, atMost: number): number {
  if (globalThis.gc === undefined) throw new Error('Run it with --expose-gc.');
  for (let count = Math.min(MOST_AT_ONCE, Math.ceil(atMost)); count >= 1; count >>= 1) {
    // Twice, since the first leaves array buffers to be given back later.
    globalThis.gc();
    globalThis.gc();
    const collections = new GCProfiler();
    collections.start();
    const before = usedBytes();
    work(count);
    const after = usedBytes();
    if (collections.stop()?.statistics.length === 0) return Math.max(0, after - before) / count;
  }
  return Number.NaN;
}

/** Measures work that was warmed up, in a window of so many ms. */
export function measure(work: Work, windowMs: number): Cost {
  nanosOf(work, windowMs);
  const nanos = nanosOf(work, windowMs);
  return { nanos, garbageBytes: garbageOf(work, (windowMs * 1e6) / nanos) };
}
