import { describe, expect, it, vi } from 'vitest';
import { FakeClock } from '../../test/support/fake-clock.ts';
import { setAlarm } from './alarm.ts';
import { systemClock, type WallClock } from './clock.ts';
import { abortable, wait } from './wait.ts';

const DAY = 86_400_000;

describe('setAlarm', () => {
  it('rings after 90 days, though no timer can wait so long', () => {
    const clock = new FakeClock(); // throws at a timer beyond 2^31-1 ms
    const ring = vi.fn();
    setAlarm(clock, clock.now() + 90 * DAY, ring);
    clock.advance(90 * DAY - 1);
    expect(ring).not.toHaveBeenCalled();
    clock.advance(1);
    expect(ring).toHaveBeenCalledOnce();
    clock.advance(DAY);
    expect(ring).toHaveBeenCalledOnce();
    expect(clock.timers).toBe(0);
  });

  it('rings soon after a machine slept through its time', () => {
    const clock = new FakeClock();
    const ring = vi.fn();
    setAlarm(clock, clock.now() + 5 * DAY, ring);
    clock.jump(6 * DAY);
    clock.advance(60_000);
    expect(ring).toHaveBeenCalledOnce();
  });

  it('can be cancelled, and a past time rings at once', () => {
    const clock = new FakeClock();
    const ring = vi.fn();
    setAlarm(clock, clock.now() + DAY, ring).cancel();
    expect(clock.timers).toBe(0);
    setAlarm(clock, clock.now() - DAY, ring);
    clock.advance(0);
    expect(ring).toHaveBeenCalledOnce();
  });
});

describe('waiting', () => {
  it('ends with the signal, and leaves no timer and no listener', async () => {
    const clock = new FakeClock();
    const stop = new AbortController();
    const remove = vi.spyOn(stop.signal, 'removeEventListener');
    const first = wait(clock, 1000, stop.signal);
    clock.advance(1000);
    await first;
    expect(remove).toHaveBeenCalled();
    const second = wait(clock, 1000, stop.signal);
    stop.abort(new Error('enough'));
    await expect(second).rejects.toThrow('enough');
    await expect(wait(clock, 1000, stop.signal)).rejects.toThrow('enough');
    expect(clock.timers).toBe(0);
  });

  it('abortable leaves the work running, and its failure unheard', async () => {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(abortable(Promise.reject(new Error('late')), signal)).rejects.toThrow('enough');
    const stop = new AbortController();
    const never = abortable(new Promise(() => {}), stop.signal);
    stop.abort(new Error('stopped'));
    await expect(never).rejects.toThrow('stopped');
    await expect(abortable(Promise.resolve(1), new AbortController().signal)).resolves.toBe(1);
  });
});

it('the system clock tells the time of day, and keeps the process alive only where it is asked to', async () => {
  expect(Math.abs(systemClock.now() - Date.now())).toBeLessThan(1000);
  const alive = (): number => process.getActiveResourcesInfo().filter((name) => name === 'Timeout').length;
  const before = alive();
  const background = systemClock.setTimer(() => {}, 2 ** 40);
  expect(alive()).toBe(before);
  const awaited = systemClock.setTimer(() => {}, 2 ** 40, { keepAlive: true });
  expect(alive()).toBe(before + 1);
  for (const timer of [background, awaited]) timer.cancel();
  expect(alive()).toBe(before);
  await new Promise<void>((resolve) => systemClock.setTimer(resolve, -5));
});

it('what waits keeps the process alive, and a schedule does not', () => {
  const setTimer = vi.fn<WallClock['setTimer']>(() => ({ cancel: () => {} }));
  const clock: WallClock = { ...systemClock, setTimer };
  void wait(clock, 1000);
  setAlarm(clock, clock.now() + 1000, () => {});
  expect(setTimer.mock.calls.map(([, , options]) => options?.keepAlive === true)).toEqual([true, false]);
});
