import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createChunker, MAX_CHUNK_BYTES, MIN_CHUNK_BYTES } from './chunker.ts';

const SILENCE = 0xff;

/** Audio in which every byte tells where it stands, and none is silence. */
const audio = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, index) => (index * 31) % 251);

const LONGEST = 8;
const AUDIO = audio(LONGEST * (2 * MAX_CHUNK_BYTES + 200));

const sizes = fc.array(
  fc.oneof(
    fc.nat(120),
    fc.constantFrom(0, 1, MIN_CHUNK_BYTES - 1, MIN_CHUNK_BYTES, MIN_CHUNK_BYTES + 1),
    fc.integer({ min: MAX_CHUNK_BYTES - 200, max: MAX_CHUNK_BYTES + 200 }),
    fc.integer({ min: 2 * MAX_CHUNK_BYTES - 200, max: 2 * MAX_CHUNK_BYTES + 200 }),
  ),
  { maxLength: LONGEST },
);

it('gives the same bytes however they are cut, in chunks of a legal size, with silence at the end alone', () => {
  fc.assert(
    fc.property(sizes, (pieces) => {
      const whole = AUDIO.subarray(
        0,
        pieces.reduce((sum, size) => sum + size, 0),
      );
      const chunks: Uint8Array[] = [];
      const audibles: number[] = [];
      const chunker = createChunker((chunk, audible) => {
        chunks.push(chunk.slice());
        audibles.push(audible);
      });
      let offset = 0;
      for (const size of pieces) {
        chunker.write(whole.subarray(offset, offset + size));
        offset += size;
        const emitted = audibles.reduce((sum, bytes) => sum + bytes, 0);
        expect(chunker.pending).toHaveLength(offset - emitted);
        // What can be sent alone is never kept back.
        expect(chunker.pending.length).toBeLessThan(MIN_CHUNK_BYTES);
      }
      chunker.flush();
      chunker.flush();
      expect(chunker.pending).toHaveLength(0);
      const sent = Buffer.concat(chunks);
      expect(sent.subarray(0, whole.length).equals(whole)).toBe(true);
      expect(sent.subarray(whole.length).every((byte) => byte === SILENCE)).toBe(true);
      expect(sent.length - whole.length).toBeLessThan(MIN_CHUNK_BYTES);
      for (const [index, chunk] of chunks.entries()) {
        expect(chunk.length).toBeGreaterThanOrEqual(MIN_CHUNK_BYTES);
        expect(chunk.length).toBeLessThanOrEqual(MAX_CHUNK_BYTES);
        if (index < chunks.length - 1) expect(audibles[index]).toBe(chunk.length);
      }
      expect(audibles.reduce((sum, bytes) => sum + bytes, 0)).toBe(whole.length);
    }),
    { numRuns: 300 },
  );
});

it('keeps nothing of the pieces that it was given: they may be used again', () => {
  const chunks: Uint8Array[] = [];
  const chunker = createChunker((chunk) => void chunks.push(chunk.slice()));
  const scratch = audio(70);
  chunker.write(scratch);
  scratch.fill(0);
  chunker.write(audio(70));
  expect(Buffer.concat(chunks)).toEqual(Buffer.concat([audio(70), audio(70)]));
});
