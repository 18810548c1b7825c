// What the queue of a leg puts together, what it keeps apart, and what it drops.
import { describe, expect, it } from 'vitest';
import { encodeLinear16 } from '../audio/linear16.ts';
import type { ForkFrame } from '../wire/fork-port.ts';
import { createLeg } from './leg.ts';
import { createLegQueue } from './leg-queue.ts';

/** A queue, and a leg whose frames go into it. */
function start(maxMs = 1000, roleId = 'r') {
  const queue = createLegQueue(maxMs);
  const leg = createLeg('caller', roleId);
  const send = (audio: Uint8Array, frame: Partial<ForkFrame> = {}): void => {
    const taken = leg.take(
      { audio, encoding: 'mulaw', sampleRateHz: 8000, atMs: undefined, role: 'caller', roleId, ...frame },
      5000,
    );
    expect(taken).toBe(true);
    queue.push(leg);
  };
  return { queue, leg, send };
}

const ms = (length: number, code = 0x10): Uint8Array => new Uint8Array(length * 8).fill(code);

describe('what is together', () => {
  it('is one piece, however it was cut', () => {
    const { queue, send } = start();
    const audio = Uint8Array.from({ length: 800 }, (_, index) => index & 0xff);
    for (const [from, to] of [
      [0, 1],
      [1, 160],
      [160, 167],
      [167, 800],
    ] as const)
      send(audio.subarray(from, to), { atMs: 1000 + from / 8 });
    expect(queue.take(100)).toMatchObject({ atMs: 1000, durationMs: 100, droppedMs: 0, audio });
    expect(queue.take(0)).toBeUndefined();
  });

  it('is not given before it is as long as it is wanted', () => {
    const { queue, send } = start();
    send(ms(60));
    expect([queue.has(100), queue.take(100)]).toEqual([false, undefined]);
    send(ms(60));
    expect(queue.has(100)).toBe(true);
    expect(queue.take(100)?.durationMs).toBe(120);
  });

  it('keeps its bytes when more comes', () => {
    const { queue, send } = start();
    send(ms(20, 1));
    const piece = queue.take(0);
    send(ms(20, 2));
    expect(piece?.audio).toEqual(ms(20, 1));
    expect(queue.take(0)?.audio).toEqual(ms(20, 2));
  });

  it('may have timestamps that jitter', () => {
    const { queue, send } = start();
    [0, 31, 28, 75, 80].forEach((atMs) => {
      send(ms(20), { atMs: 1000 + atMs });
    });
    expect(queue.take(0)).toMatchObject({ atMs: 1000, durationMs: 100 });
  });
});

describe('what is apart', () => {
  it('lies behind a gap', () => {
    const { queue, send } = start();
    send(ms(20), { atMs: 1000 });
    send(ms(20), { atMs: 1500 });
    // The first one is complete, whatever length is wanted.
    expect(queue.take(100)).toMatchObject({ atMs: 1000, durationMs: 20 });
    expect(queue.take(100)).toBeUndefined();
    expect(queue.take(0)).toMatchObject({ atMs: 1500, durationMs: 20 });
  });

  it('is coded otherwise', () => {
    const { queue, send } = start();
    send(ms(20));
    send(encodeLinear16(Int16Array.of(1, -2, 3)), { encoding: 'linear16', sampleRateHz: 16_000 });
    expect(queue.take(0)?.format).toEqual({ encoding: 'mulaw', sampleRateHz: 8000 });
    const piece = queue.take(0);
    expect(piece?.format).toEqual({ encoding: 'linear16', sampleRateHz: 16_000 });
    expect(piece?.toLinear16()).toEqual(Int16Array.of(1, -2, 3));
  });

  it('is spoken by another', () => {
    const { queue, leg, send } = start();
    send(ms(20), { atMs: 1000 });
    const other = createLeg('caller', 'other');
    other.take({ audio: ms(20), encoding: 'mulaw', sampleRateHz: 0, atMs: 1020, role: 'caller', roleId: 'other' }, 0);
    queue.push(other);
    expect([queue.take(0)?.roleId, queue.take(0)?.roleId]).toEqual([leg.roleId, 'other']);
  });
});

describe('what is not read', () => {
  it('is dropped, the oldest first, and told', () => {
    const { queue, send } = start(100);
    for (let turn = 0; turn < 10; turn += 1) send(ms(20, turn), { atMs: 1000 + turn * 20 });
    expect(queue.droppedMs).toBeCloseTo(100);
    const piece = queue.take(0);
    expect(piece).toMatchObject({ atMs: 1100, durationMs: 100, droppedMs: 100 });
    expect([piece?.audio[0], piece?.audio.at(-1)]).toEqual([5, 9]);
    send(ms(20));
    expect(queue.take(0)?.droppedMs).toBe(0);
    expect(queue.droppedMs).toBe(100);
  });

  it('is dropped in whole samples', () => {
    const { queue, send } = start(100);
    const audio = encodeLinear16(Int16Array.from({ length: 1608 }, (_, index) => index));
    send(audio, { encoding: 'linear16', sampleRateHz: 16_000 });
    expect(queue.take(0)?.toLinear16()[0]).toBe(8);
  });

  it('takes no more memory than its time, whatever size it comes in', () => {
    const { queue, send } = start(100);
    for (let sample = 0; sample < 20_000; sample += 1) send(Uint8Array.of(sample & 0xff));
    const piece = queue.take(0);
    expect(piece?.audio).toHaveLength(800);
    expect(piece?.audio.at(-1)).toBe(19_999 & 0xff);
  });

  it('is dropped when it is in many pieces', () => {
    const { queue, send } = start(60_000);
    for (let turn = 0; turn < 1000; turn += 1) send(ms(1), { atMs: 1000 + turn * 500 });
    let pieces = 0;
    while (queue.take(0) !== undefined) pieces += 1;
    expect(pieces).toBe(64);
    expect(queue.droppedMs).toBe(936);
  });

  it('is nothing when the queue is cleared', () => {
    const { queue, send } = start();
    send(ms(20));
    queue.clear();
    expect(queue.take(0)).toBeUndefined();
  });
});

it('goes on where the frame before ended when no time is told, and begins at the arrival', () => {
  const { queue, send } = start();
  send(ms(20));
  send(ms(20));
  send(ms(20), { atMs: 9000 });
  send(ms(20));
  expect(queue.take(0)).toMatchObject({ atMs: 5000, durationMs: 40 });
  expect(queue.take(0)).toMatchObject({ atMs: 9000, durationMs: 40 });
});
