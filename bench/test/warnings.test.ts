import { describe, expect, it } from 'vitest';
import { type LoadReport, perServer } from '../src/run/report.ts';
import { findWarnings } from '../src/run/warnings.ts';

const GOOD = {
  replies: 1000,
  sessionStarts: 300,
  earlyReplies: 0,
  failures: 0,
  firstFailure: '',
  serverCpuShare: 0.4,
  loadCpuShare: 0.2,
  loadLagP99Ms: 1.4,
  deliveredShare: 0.999,
};

const ONE = { median: 1, min: 1, max: 1 };
const figure = { median: 1, min: 1, max: 1, rounds: [1], ratio: ONE, floorRatio: ONE };
const metrics = {
  cpuMicrosPerFrame: figure,
  replyP50Ms: figure,
  replyP99Ms: figure,
  sessionStartP50Ms: figure,
  sessionStartP99Ms: figure,
};

/** A run in which all went well, but for what happened to the bare Connect server. */
function runWith(checks: Partial<typeof GOOD>): readonly LoadReport[] {
  return [
    {
      calls: 400,
      servers: perServer((name) => ({ metrics, checks: name === 'connect' ? { ...GOOD, ...checks } : GOOD })),
    },
  ];
}

describe('findWarnings', () => {
  it('has nothing to say of a good run', () => {
    expect(findWarnings(runWith({}))).toEqual([]);
  });

  it.each([
    [{ loadCpuShare: 0.9 }, 'the load itself was saturated (90 % of its core)'],
    [{ loadLagP99Ms: 7.25 }, 'the load itself was held up (frames 7.3 ms late at p99)'],
    [{ serverCpuShare: 0.97 }, 'the server was saturated (97 % of its core)'],
    [{ deliveredShare: 0.91 }, 'the server took only 91 % of the frames'],
    [{ earlyReplies: 11 }, '11 replies came before the frame they need'],
    [{ failures: 2, firstFailure: 'turn: status 13' }, '2 RPCs failed, the first with: turn: status 13'],
  ])('names the server and the reason: %o', (checks, text) => {
    expect(findWarnings(runWith(checks))).toEqual([`bare Connect, 400 calls: ${text}`]);
  });
});
