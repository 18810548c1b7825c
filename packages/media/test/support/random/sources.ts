// Sources of audio as users write them, good and bad: each kind fails, hangs or goes on in its own way.
import fc from 'fast-check';
import { type PlaySource, prompt } from '../../../src/index.ts';
import type { Clock } from '../../../src/session/clock.ts';

/** What a source does. */
export const SOURCE_KINDS = [
  'bytes',
  'long',
  'empty',
  'pieces',
  'slow_pieces',
  'many_pieces',
  'factory',
  'fails',
  'fails_late',
  'factory_throws',
  'bad_piece',
  'hangs',
  'hangs_late',
  'endless',
  'return_throws',
  'return_hangs',
  'open_rejects',
  'open_late',
] as const;

export type SourceKind = (typeof SOURCE_KINDS)[number];

/** Picks a kind; plain bytes are the usual. */
export const sourceKind: fc.Arbitrary<SourceKind> = fc.oneof(
  { weight: 2, arbitrary: fc.constantFrom<SourceKind>('bytes', 'long') },
  { weight: 3, arbitrary: fc.constantFrom(...SOURCE_KINDS) },
);

const PIECE = new Uint8Array(400).fill(3);
/** An endless source gives up some day, so that a run ends. */
const ENDLESS_PIECES = 30;

const never = (): Promise<never> => new Promise(() => {});

/** Makes a source; those that take time take it from `clock`. */
export function makeSource(kind: SourceKind, clock: Clock): PlaySource {
  const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.setTimer(resolve, ms));
  /** An iterator by hand: a generator would hide what `return` does. */
  const iterated = (next: () => Promise<IteratorResult<Uint8Array>>, leave: () => Promise<never>): PlaySource => ({
    replayable: false,
    open: async () => ({ [Symbol.asyncIterator]: () => ({ next, return: leave }) }),
  });
  switch (kind) {
    case 'bytes':
      return PIECE;
    case 'long':
      return prompt.bytes(new Uint8Array(16_000).fill(4));
    case 'empty':
      return new Uint8Array(0);
    case 'pieces':
      return [PIECE, new Uint8Array(7), PIECE];
    case 'slow_pieces':
      return async function* () {
        for (let piece = 0; piece < 3; piece += 1) {
          yield PIECE;
          await wait(200);
        }
      };
    case 'many_pieces':
      return async function* () {
        for (let piece = 0; piece < 40; piece += 1) yield PIECE;
      };
    case 'factory':
      return async () => PIECE;
    case 'fails':
      return { [Symbol.asyncIterator]: () => ({ next: () => Promise.reject(new Error('the source failed')) }) };
    case 'fails_late':
      return async function* () {
        yield PIECE;
        await wait(100);
        throw new Error('the source failed late');
      };
    case 'factory_throws':
      return () => {
        throw new Error('the factory threw');
      };
    case 'bad_piece':
      return ['no audio'] as unknown as PlaySource;
    case 'hangs':
      return never;
    case 'hangs_late':
      return async function* () {
        yield PIECE;
        await never();
      };
    case 'endless':
      return async function* ({ signal }) {
        for (let piece = 0; piece < ENDLESS_PIECES && !signal.aborted; piece += 1) {
          yield PIECE;
          await wait(500);
        }
      };
    case 'return_throws':
      return iterated(never, () => {
        throw new Error('return threw');
      });
    case 'return_hangs': {
      let left = ENDLESS_PIECES;
      return iterated(
        () =>
          wait(50).then(() => {
            left -= 1;
            return left > 0 ? { done: false, value: PIECE } : { done: true, value: undefined };
          }),
        never,
      );
    }
    case 'open_rejects':
      return { replayable: true, open: () => Promise.reject(new Error('the prompt could not be opened')) };
    case 'open_late':
      return {
        replayable: true,
        open: () =>
          wait(300).then(() => ({
            [Symbol.asyncIterator]: () => ({
              next: async () => ({ done: true as const, value: undefined }),
              return: () => {
                throw new Error('return threw after a late opening');
              },
            }),
          })),
      };
  }
}
