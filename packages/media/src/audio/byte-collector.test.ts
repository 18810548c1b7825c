import { expect, test } from 'vitest';
import { createByteRing } from './byte-collector.ts';

/** The bytes of a count that goes on from piece to piece. */
function counting(): (length: number) => Uint8Array {
  let next = 0;
  return (length) => Uint8Array.from({ length }, () => next++ % 251);
}

test.each([0, 1, 160, 639, 640, 641, 2400, 5000])(
  'a ring of %i bytes keeps the last ones, whatever the pieces',
  (maxBytes) => {
    const ring = createByteRing({ maxBytes });
    const count = counting();
    let all: number[] = [];
    for (const [index, length] of [0, 160, 160, 3, 700, 160, 2400, 1, 6000, 160, 160].entries()) {
      if (index === 5) {
        ring.clear();
        all = [];
      }
      const piece = count(length);
      all.push(...piece);
      ring.push(piece);
      const kept = maxBytes === 0 ? [] : all.slice(-maxBytes);
      expect(ring.length).toBe(kept.length);
      expect([...ring.copy()]).toEqual(kept);
    }
  },
);
