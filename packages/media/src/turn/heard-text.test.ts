import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type TimedText, textHeard } from './heard-text.ts';

const WORDS: readonly TimedText[] = [
  { text: 'Your ', atMs: 0 },
  { text: 'balance ', atMs: 200 },
  { text: 'is ', atMs: 600 },
  { text: 'ten ', atMs: 800 },
  { text: 'pounds.', atMs: 1000 },
];

describe('the text that was heard', () => {
  it.each([
    [0, ''],
    [100, 'Your'],
    [200, 'Your'],
    [390, 'Your'],
    [400, 'Your balance'],
    [600, 'Your balance'],
    [800, 'Your balance is'],
    [1500, 'Your balance is ten pounds.'],
  ])('of words with their times, after %i ms', (heardMs, text) => {
    expect(textHeard(WORDS, heardMs, 1500)).toBe(text);
  });

  it('of a sentence with one time is a share of its words', () => {
    const sentence = [{ text: 'one two three four', atMs: 0 }];
    expect(textHeard(sentence, 500, 1000)).toBe('one two');
    expect(textHeard(sentence, 1000, 1000)).toBe('one two three four');
  });

  it('is unknown where the text is', () => expect(textHeard([], 500, 1000)).toBeUndefined());

  it('is a prefix of the text, and grows with what was heard', () => {
    const parts = fc
      .array(fc.tuple(fc.string(), fc.nat({ max: 500 })))
      .map((given) => {
        let atMs = 0;
        return given.map(([text, afterMs]) => {
          atMs += afterMs;
          return { text, atMs };
        });
      })
      .filter((given) => given.length > 0);
    fc.assert(
      fc.property(
        parts,
        fc.nat({ max: 9000 }),
        fc.nat({ max: 9000 }),
        fc.nat({ max: 9000 }),
        (given, a, b, audioMs) => {
          const whole = given.map(({ text }) => text).join('');
          const [less, more] = [Math.min(a, b), Math.max(a, b)].map((heard) => textHeard(given, heard, audioMs) ?? '');
          expect(whole.startsWith(more ?? '')).toBe(true);
          expect((more ?? '').startsWith(less ?? '')).toBe(true);
          expect(textHeard(given, Math.max(10_000, audioMs), audioMs)).toBe(whole.trimEnd());
        },
      ),
    );
  });
});
