import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MediaError } from '../errors/media-errors.ts';
import { type AudioEncoding, checkAudioFormat, MULAW_8K } from './audio-format.ts';

const refusal = (value: unknown): MediaError => {
  try {
    checkAudioFormat(value, 'format');
  } catch (error) {
    if (error instanceof MediaError) return error;
    throw error;
  }
  throw new Error('The format was accepted.');
};

describe('checkAudioFormat', () => {
  it('takes every encoding at every whole rate from 8 to 96 kHz, and gives a frozen copy', () => {
    fc.assert(
      fc.property(
        fc.constantFrom<AudioEncoding>('mulaw', 'alaw', 'linear16'),
        fc.integer({ min: 8000, max: 96_000 }),
        (encoding, sampleRateHz) => {
          const given = { encoding, sampleRateHz };
          const checked = checkAudioFormat(given, 'format');
          expect(checked).toEqual(given);
          expect(checked).not.toBe(given);
          expect(Object.isFrozen(checked)).toBe(true);
        },
      ),
    );
    expect(checkAudioFormat(MULAW_8K, 'format')).toEqual(MULAW_8K);
  });

  it.each([
    ['ulaw', 'mulaw'],
    ['MULAW', 'mulaw'],
    ['mu-law', 'mulaw'],
    ['PCMU', 'mulaw'],
    ['g711_ulaw', 'mulaw'],
    ['pcm_mulaw', 'mulaw'],
    ['a-law', 'alaw'],
    ['pcma', 'alaw'],
    ['G711_ALAW', 'alaw'],
    ['pcm_s16le', 'linear16'],
    ['LINEAR16', 'linear16'],
    ['pcm', 'linear16'],
    ['s16le', 'linear16'],
  ])('refuses the encoding %s, and names %s', (encoding, meant) => {
    expect(refusal({ encoding, sampleRateHz: 8000 })).toMatchObject({
      code: 'OPTIONS_INVALID',
      message:
        `format is unusable: encoding is "${encoding}"; ` +
        `give "mulaw", "alaw" or "linear16" ("${meant}" is probably meant).`,
    });
  });

  it.each([
    [{ encoding: 'opus', sampleRateHz: 8000 }, /: encoding is "opus"; give "mulaw", "alaw" or "linear16"\.$/],
    [{ encoding: 'toString', sampleRateHz: 8000 }, /: encoding is "toString"; give "mulaw", "alaw"/],
    [{ sampleRateHz: 8000 }, /: encoding is undefined;/],
    [{ encoding: {}, sampleRateHz: 8000 }, /: encoding is of type object;/],
    [{ encoding: 'linear16' }, /: sampleRateHz is undefined; give a whole number from 8000 to 96000, in Hz\.$/],
    [{ encoding: 'linear16', sampleRateHz: 0 }, /sampleRateHz is 0;/],
    [{ encoding: 'linear16', sampleRateHz: Number.NaN }, /sampleRateHz is NaN;/],
    [{ encoding: 'linear16', sampleRateHz: -8000 }, /sampleRateHz is -8000;/],
    [{ encoding: 'linear16', sampleRateHz: 7999 }, /sampleRateHz is 7999;/],
    [{ encoding: 'linear16', sampleRateHz: 96_001 }, /sampleRateHz is 96001;/],
    [{ encoding: 'linear16', sampleRateHz: 8000.5 }, /sampleRateHz is 8000\.5;/],
    [{ encoding: 'linear16', sampleRateHz: '16000' }, /sampleRateHz is "16000";/],
    [{ encoding: 'linear16', sampleRate: 16_000 }, /unknown member "sampleRate"; sampleRateHz is probably meant\.$/],
    [{ codec: 'linear16', sampleRateHz: 8000 }, /unknown member "codec"; encoding is probably meant\.$/],
    [{ ...MULAW_8K, channels: 2 }, /unknown member "channels"; there are encoding and sampleRateHz\.$/],
    ['linear16', /^format is "linear16"; give \{ encoding, sampleRateHz \}\.$/],
    [null, /^format is null;/],
    [8000, /^format is 8000;/],
  ])('refuses %j by name', (value, message) => {
    expect(refusal(value)).toMatchObject({ code: 'OPTIONS_INVALID', message: expect.stringMatching(message) });
  });

  it('gives its typed error or a format for any value', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        try {
          expect(Object.keys(checkAudioFormat(value, 'format'))).toEqual(['encoding', 'sampleRateHz']);
        } catch (error) {
          expect(error).toMatchObject({ code: 'OPTIONS_INVALID' });
        }
      }),
    );
  });

  it('reads a member once, and gives its typed error where reading throws', () => {
    let reads = 0;
    const turning = {
      encoding: 'mulaw',
      get sampleRateHz() {
        reads += 1;
        return reads === 1 ? 8000 : 0;
      },
    };
    expect(checkAudioFormat(turning, 'format')).toEqual(MULAW_8K);
    const cause = new Error('no');
    const throwing = {
      get encoding() {
        throw cause;
      },
    };
    expect(refusal(throwing)).toMatchObject({ code: 'OPTIONS_INVALID', cause });
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    expect(refusal(proxy)).toMatchObject({ code: 'OPTIONS_INVALID' });
  });
});
