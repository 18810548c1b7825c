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
});
