import { expect, test } from 'vitest';
import { createFakeClock } from '../../test/support/fake-clock.ts';
import { createLifetimes, type Mortal } from './lifetimes.ts';

const MAX_MS = 1000;

/** Lifetimes on a clock of their own, and what has ended, with the moment. */
function setUp() {
  const clock = createFakeClock();
  const lifetimes = createLifetimes(clock, MAX_MS);
  const ended: string[] = [];
  const begin = (name: string): Mortal => {
    const call = { startedMs: clock.now(), onMaxDuration: () => void ended.push(`${name} at ${clock.now()}`) };
    lifetimes.add(call);
    return call;
  };
  return { clock, lifetimes, ended, begin };
}

test('each call has its own time, by one timer', async () => {
  const { clock, ended, begin } = setUp();
  begin('first');
  await clock.advance(300);
  begin('second');
  begin('third');
  expect(clock.pending).toBe(1);
  await clock.advance(5000);
  expect(ended).toEqual(['first at 1000', 'second at 1300', 'third at 1300']);
  expect(clock.pending).toBe(0);
});

test('one that is over is not ended again, and does not hold up the others', async () => {
  const { clock, lifetimes, ended, begin } = setUp();
  const first = begin('first');
  await clock.advance(300);
  begin('second');
  lifetimes.remove(first);
  await clock.advance(5000);
  expect(ended).toEqual(['second at 1300']);
});

test('without calls there is no timer, and the next call has all its time', async () => {
  const { clock, lifetimes, ended, begin } = setUp();
  lifetimes.remove(begin('first'));
  expect(clock.pending).toBe(0);
  await clock.advance(700);
  begin('second');
  await clock.advance(999);
  expect(ended).toEqual([]);
  await clock.advance(1);
  expect(ended).toEqual(['second at 1700']);
});

test('a call that is ended by the end of another is not ended twice', async () => {
  const { clock, lifetimes, ended, begin } = setUp();
  const both: Mortal[] = [];
  lifetimes.add({
    startedMs: clock.now(),
    onMaxDuration() {
      for (const call of both) lifetimes.remove(call);
    },
  });
  both.push(begin('second'));
  await clock.advance(5000);
  expect(ended).toEqual([]);
  expect(clock.pending).toBe(0);
});
