// What the load saw in one measured window. Outside a window nothing is kept.
import { createHistogram } from 'node:perf_hooks';
import { type Percentiles, percentiles } from '../statistics.ts';

/** The result of one window. */
export interface LoadWindow {
  readonly seconds: number;
  readonly framesSent: number;
  /** From the frame that lets the server know that the caller has finished to the reply's first byte, in ms. */
  readonly replyMs: Percentiles;
  /** From a SESSION_START RPC's request to the first byte of its answer, in ms. */
  readonly sessionStartMs: Percentiles;
  /** The last frame sent before each first sign that the server knew the caller had finished. */
  readonly lastFrames: readonly number[];
  /** Signs that came before the frame that should have been needed; their turns are in no percentile. */
  readonly early: number;
  readonly failures: number;
  /** The first failure's text; empty when there was none. */
  readonly firstFailure: string;
  /** How late frames left the load, 99th percentile, in ms: its own event loop's lag. */
  readonly lagP99Ms: number;
  /** The load's CPU time as a share of one core, without that in which it only looked at the clock. */
  readonly cpuShare: number;
}

/** Collects one window at a time. All times are in ms of `performance.now`. */
export interface Recorder {
  begin(): void;
  end(): LoadWindow;
  frameSent(): void;
  /** A tick of the frame clock that ran this much after its time. */
  late(lateMs: number): void;
  /** The load did nothing but look at the clock for so long, in ms. */
  waited(ms: number): void;
  sessionStarted(ms: number): void;
  replied(ms: number): void;
  /** The server knew that the caller had finished when `lastFrame` had been sent. */
  noticed(lastFrame: number, early: boolean): void;
  failed(text: string): void;
}

/** Makes a recorder with no window open. */
export function createRecorder(): Recorder {
  const lag = createHistogram();
  let open = false;
  let beganAt = 0;
  let cpuAtBegin = process.cpuUsage();
  let framesSent = 0;
  let waitedMs = 0;
  let early = 0;
  let failures: string[] = [];
  let replies: number[] = [];
  let sessionStarts: number[] = [];
  let lastFrames: number[] = [];

  return {
    begin() {
      open = true;
      beganAt = performance.now();
      cpuAtBegin = process.cpuUsage();
      framesSent = 0;
      waitedMs = 0;
      early = 0;
      failures = [];
      replies = [];
      sessionStarts = [];
      lastFrames = [];
      lag.reset();
    },
    end() {
      open = false;
      const seconds = (performance.now() - beganAt) / 1000;
      const cpu = process.cpuUsage(cpuAtBegin);
      return {
        seconds,
        framesSent,
        replyMs: percentiles(replies),
        sessionStartMs: percentiles(sessionStarts),
        lastFrames,
        early,
        failures: failures.length,
        firstFailure: failures[0] ?? '',
        lagP99Ms: lag.percentile(99) / 1000,
        cpuShare: (cpu.user + cpu.system - waitedMs * 1000) / 1e6 / seconds,
      };
    },
    frameSent() {
      framesSent++;
    },
    late(lateMs) {
      lag.record(Math.max(1, Math.round(lateMs * 1000)));
    },
    waited(ms) {
      waitedMs += ms;
    },
    sessionStarted(ms) {
      if (open) sessionStarts.push(ms);
    },
    replied(ms) {
      if (open) replies.push(ms);
    },
    noticed(lastFrame, wasEarly) {
      if (!open) return;
      lastFrames.push(lastFrame);
      if (wasEarly) early++;
    },
    failed(text) {
      failures.push(text);
    },
  };
}
