import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MULAW_8K } from '../audio/audio-format.ts';
import { writeWav } from '../audio/wav.ts';
import { createWavPrompt } from './wav-prompt.ts';

it('is the WAV file of its pieces, in pieces and as a whole', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 5 }), (pieces) => {
      const audio = Buffer.concat(pieces);
      const file = Buffer.from(writeWav(audio, MULAW_8K));
      const prompt = createWavPrompt(pieces, audio.length, true);
      expect(Buffer.concat(prompt.pieces ?? []).equals(file)).toBe(true);
      expect(Buffer.from(prompt.audio).equals(file)).toBe(true);
    }),
  );
});

it('has the audio itself, and puts it together once, when it is asked for', () => {
  const audio = new Uint8Array(8001);
  const prompt = createWavPrompt([audio], audio.length, true);
  expect(prompt.pieces?.[1]).toBe(audio);
  expect(prompt.audio).toBe(prompt.audio);
});
