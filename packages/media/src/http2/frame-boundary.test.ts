import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createFrameBoundary } from './frame-boundary.ts';

function frameOf(length: number): Buffer {
  const frame = Buffer.alloc(9 + length, 0xff);
  frame.writeUIntBE(length, 0, 3);
  return frame;
}

it('stands between two frames when the bytes end with a whole one, however they are cut', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat({ max: 300 }), { minLength: 1, maxLength: 10 }),
      fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1, maxLength: 5 }),
      (lengths, sizes) => {
        const boundary = createFrameBoundary();
        const ends = new Set<number>([0]);
        let total = 0;
        for (const length of lengths) {
          total += 9 + length;
          ends.add(total);
        }
        const all = Buffer.concat(lengths.map(frameOf));
        for (let at = 0, turn = 0; at < all.length; turn += 1) {
          const size = sizes[turn % sizes.length] ?? 1;
          boundary.follow(all.subarray(at, at + size));
          at = Math.min(all.length, at + size);
          expect(boundary.between).toBe(ends.has(at));
        }
      },
    ),
  );
});
