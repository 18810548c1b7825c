import { describe, expect, it } from 'vitest';
import { createPlaybackClock, heardMs } from './playback-clock.ts';

describe('what the caller hears', () => {
  it('plays in the order in which it was sent, a path delay later', () => {
    const clock = createPlaybackClock(200);
    const first = clock.begin(1000, true);
    clock.extend(first, 500, 1000);
    const second = clock.begin(1010, false);
    clock.extend(second, 300, 1010);
    expect([first, second]).toMatchObject([
      { startMs: 1200, endMs: 1700 },
      { startMs: 1700, endMs: 2000 },
    ]);
    expect(clock.playingUntilMs).toBe(2000);
    expect([heardMs(first, 1100), heardMs(first, 1500), heardMs(first, 9999), heardMs(second, 1750)]).toEqual([
      0, 300, 500, 50,
    ]);
  });

  it('stops where it is, and what comes later begins then', () => {
    const clock = createPlaybackClock(0);
    const first = clock.begin(0, true);
    clock.extend(first, 5000, 0);
    const queued = clock.begin(10, true);
    clock.extend(queued, 1000, 10);
    clock.stop(2000);
    expect([heardMs(first, 3000), heardMs(queued, 9000)]).toEqual([2000, 0]);
    expect(clock.playingUntilMs).toBe(0);
    expect(clock.begin(2500, true).startMs).toBe(2500);
  });

  it('leaves a gap where audio is sent after all before it was heard', () => {
    const clock = createPlaybackClock(200);
    const span = clock.begin(1000, true);
    expect(clock.extend(span, 500, 1000)).toBe(1200);
    // Heard to its end at 1700.
    expect(clock.extend(span, 300, 3000)).toBe(3200);
    expect([3000, 3200, 3300, 9999].map((nowMs) => heardMs(span, nowMs))).toEqual([500, 500, 600, 800]);
    expect(span).toMatchObject({ startMs: 1200, endMs: 3500, durationMs: 800 });
  });

  it('plays what goes out late when it has gone out', () => {
    const clock = createPlaybackClock(200);
    const first = clock.begin(1000, true);
    clock.extend(first, 1000, 1000);
    const second = clock.begin(1000, true);
    clock.extend(second, 2000, 1000);
    // Half of the first and all of the second went out at once: in time.
    expect(clock.delay(2500, 1010)).toBe(0);
    // They did not go out before 6000, when the first half had long been heard.
    expect(clock.delay(2500, 6000)).toBe(8700 - 4200);
    expect([first.endMs, second.startMs, second.endMs, clock.playingUntilMs]).toEqual([6700, 6700, 8700, 8700]);
    expect([heardMs(first, 6000), heardMs(second, 6000), heardMs(first, 6500), heardMs(second, 7700)]).toEqual([
      500, 0, 800, 1000,
    ]);
  });

  it('does not move what was heard to its end, or cut', () => {
    const clock = createPlaybackClock(0);
    const heard = clock.begin(0, true);
    clock.extend(heard, 1000, 0);
    const late = clock.begin(0, true);
    clock.extend(late, 1000, 0);
    expect(clock.delay(1000, 5000)).toBe(4000);
    expect([heard.endMs, late.startMs, late.endMs]).toEqual([1000, 5000, 6000]);
    clock.stop(5500);
    expect([clock.delay(1000, 9000), clock.playingUntilMs, heardMs(late, 9000)]).toEqual([0, 0, 500]);
  });
});
