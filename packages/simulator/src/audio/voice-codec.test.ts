import { describe, expect, it } from 'vitest';
import { createVoiceCodec } from './voice-codec.ts';

describe('createVoiceCodec', () => {
  it.each([
    ['mulaw', 8000, 160, 0xff, 3],
    ['mulaw', 16000, 320, 0xff, 3],
    ['alaw', 8000, 160, 0xd5, 3],
    ['linear16', 8000, 320, 0, 4],
    ['linear16', 16000, 640, 0, 4],
  ] as const)('frames 20 ms of %s at %i Hz in %i bytes', (encoding, sampleRateHz, bytes, quiet, tiny) => {
    const codec = createVoiceCodec({ encoding, sampleRateHz });
    expect(codec.silence.length).toBe(bytes);
    expect(new Set(codec.silence)).toEqual(new Set([quiet]));
    expect(codec.tiny.length).toBe(tiny);
    expect(codec.encode(new Int16Array(codec.samplesPerFrame)).length).toBe(bytes);
  });

  it('is mu-law at 8000 Hz unless something else is asked for', () => {
    expect(createVoiceCodec()).toMatchObject({ encoding: 'mulaw', sampleRateHz: 8000 });
  });

  it('writes linear samples with the low byte first', () => {
    expect([...createVoiceCodec({ encoding: 'linear16' }).encode(Int16Array.of(0x0102, -2))]).toEqual([
      2, 1, 0xfe, 0xff,
    ]);
  });
});
