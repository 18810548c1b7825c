import { describe, expect, it } from 'vitest';
import { createFastClock, createRealTimeClock } from './call-clock.ts';
import type { SimulatorClock } from './clock.ts';
import { createMailbox } from './mailbox.ts';

/** A clock that stands still until a timer is set, and then is at its end at once. */
function jumpingClock(): SimulatorClock & { readonly slept: number[] } {
  let now = 1000;
  const slept: number[] = [];
  return {
    slept,
    now: () => now,
    setTimer(callback, delayMs) {
      let live = true;
      slept.push(delayMs);
      queueMicrotask(() => {
        if (!live) return;
        now += delayMs;
        callback();
      });
      return () => {
        live = false;
      };
    },
  };
}

describe('createRealTimeClock', () => {
  it('counts from its start and heeds no speed', async () => {
    const clock = jumpingClock();
    const call = createRealTimeClock(clock);
    expect(call.now()).toBe(0);
    await call.wait(250, 80, createMailbox());
    expect(call.now()).toBe(250);
    expect(clock.slept).toEqual([250]);
  });

  it('does not sleep when something waits already, nor for the past', async () => {
    const clock = jumpingClock();
    const call = createRealTimeClock(clock);
    const mailbox = createMailbox<string>();
    await call.wait(-5, 1, mailbox);
    mailbox.put('something');
    await call.wait(100, 1, mailbox);
    expect(clock.slept).toEqual([]);
  });
});

describe('createFastClock', () => {
  it('passes at the speed given, and sleeps only for what adds up to a ms', async () => {
    const clock = jumpingClock();
    const call = createFastClock(clock);
    for (let frame = 1; frame <= 50; frame += 1) await call.wait(frame * 20, 20, createMailbox());
    expect(call.now()).toBeCloseTo(1000);
    expect(clock.slept.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(50);
  });

  it('jumps when nothing concerns the agent', async () => {
    const clock = jumpingClock();
    const call = createFastClock(clock);
    await call.wait(60_000, Number.POSITIVE_INFINITY, createMailbox());
    expect(call.now()).toBe(60_000);
    expect(clock.slept).toEqual([]);
  });

  it('passes only as much time as has really passed when something arrives', async () => {
    let now = 0;
    const mailbox = createMailbox<string>();
    const call = createFastClock({
      now: () => now,
      setTimer: () => {
        now = 30;
        queueMicrotask(() => mailbox.put('an answer'));
        return () => undefined;
      },
    });
    await call.wait(15_000, 1, mailbox);
    expect(call.now()).toBe(30);
    await call.wait(15_000, Number.POSITIVE_INFINITY, mailbox);
    expect(call.now(), 'what has arrived is taken in before time goes on').toBe(30);
  });
});
