// A frame that was found too late, in a moment in which the machine was held up, is corrected by the window that shows it.
import { describe, expect, it } from 'vitest';
import type { LoadCommands } from '../src/load/load-commands.ts';
import { correctDecisionFrame, measureCalibrated } from '../src/run/decision-frame.ts';
import type { Bench } from '../src/run/measure.ts';

const REQUEST = { calls: 10, turn: 'hurried', rampMs: 0, settleMs: 0, ms: 1 } as const;

/** A server that knows with frame 85, and a load that notes which frame it was told. */
function createBench() {
  const told: number[] = [];
  const call = async (command: string, argument: unknown): Promise<unknown> => {
    if (command === 'start') told.push((argument as LoadCommands['start']['argument']).decisionFrame);
    if (command === 'usage') return { cpuMicros: told.length * 100, framesReceived: told.length * 100 };
    if (command !== 'end') return null;
    const isEarly = (told.at(-1) ?? 0) > 85;
    const count = isEarly ? 0 : 100;
    return { seconds: 1, framesSent: 100, lastFrames: Array(100).fill(85), replyMs: { p50: 1, p99: 2, count } };
  };
  const remote = { call, close: async () => undefined };
  const bench = {
    server: remote,
    load: remote,
    port: 1,
    authorization: '',
    connections: 1,
    tls: false,
  } as unknown as Bench;
  return { bench, told };
}

describe('measureCalibrated', () => {
  it('measures again when replies came before the frame that they were taken to need, and remembers it', async () => {
    const { bench, told } = createBench();
    const calibrated = { bench, decisionFrame: 86 };
    const window = await measureCalibrated(calibrated, REQUEST);
    expect(told).toEqual([86, 85]);
    expect(window.replyMs.count).toBe(100);
    expect(calibrated.decisionFrame).toBe(85);
  });

  it('measures once when the frame was right', async () => {
    const { bench, told } = createBench();
    const calibrated = { bench, decisionFrame: 85 };
    await measureCalibrated(calibrated, REQUEST);
    expect(told).toEqual([85]);
    expect(calibrated.decisionFrame).toBe(85);
  });
});

describe('correctDecisionFrame', () => {
  it.each([
    ['a server that was seen to know later', 85, [85, 86, 90], 85],
    ['nothing seen', 85, [], 85],
    ['one of a hundred before it', 85, [40, ...Array(99).fill(85)], 85],
    ['two of a hundred before it', 85, [40, 84, ...Array(98).fill(85)], 84],
  ])('with %s', (_, found, seen, corrected) => {
    expect(correctDecisionFrame(found, seen)).toBe(corrected);
  });
});
