// Formats out of plain JavaScript or a configuration file, wherever one is taken.
import { describe, expect, it } from 'vitest';
import { prompt } from '../prompt/prompt.ts';

const BYTES = new Uint8Array(3200);

const WRONG: readonly (readonly [string, unknown, RegExp])[] = [
  ['an encoding of another library', { encoding: 'pcm_s16le', sampleRateHz: 16_000 }, /encoding 'pcm_s16le'/],
  ['an encoding that is misspelt', { encoding: 'ulaw', sampleRateHz: 8000 }, /encoding 'ulaw'; give one of mulaw/],
  ['an encoding in capital letters', { encoding: 'MULAW', sampleRateHz: 8000 }, /encoding 'MULAW'/],
  ['no rate', { encoding: 'linear16' }, /sampleRateHz undefined/],
  ['a rate of 0', { encoding: 'linear16', sampleRateHz: 0 }, /sampleRateHz 0; give one of 8000, 16000, 24000, 48000/],
  ['NaN', { encoding: 'linear16', sampleRateHz: Number.NaN }, /sampleRateHz NaN/],
  ['a negative rate', { encoding: 'linear16', sampleRateHz: -8000 }, /sampleRateHz -8000/],
  ['a rate that is text', { encoding: 'linear16', sampleRateHz: '16000' }, /sampleRateHz '16000'/],
  ['a misspelt member', { encoding: 'linear16', sampleRate: 16_000 }, /unknown member 'sampleRate'/],
  ['a rate that is not converted', { encoding: 'linear16', sampleRateHz: 22_050 }, /sampleRateHz 22050/],
  ['a text', 'linear16', /must be \{ encoding, sampleRateHz \}/],
  ['null', null, /must be \{ encoding, sampleRateHz \}/],
];

describe.each(WRONG)('%s', (_title, format, message) => {
  const refusal = expect.objectContaining({ code: 'OPTIONS_INVALID', message: expect.stringMatching(message) });

  it('is refused by the maker of a prompt', () => {
    expect(() => prompt.bytes(BYTES, format as never)).toThrow(refusal);
    expect(() => prompt.stream([BYTES], format as never)).toThrow(refusal);
  });
});

it('a format that throws when it is read is refused with the cause', () => {
  const boom = new Error('boom');
  const format = {
    get encoding(): never {
      throw boom;
    },
  };
  expect(() => prompt.bytes(BYTES, format as never)).toThrow(
    expect.objectContaining({ code: 'OPTIONS_INVALID', cause: boom }),
  );
});
