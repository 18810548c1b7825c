import { describe, expect, it } from 'vitest';
import { keyTone } from './key-tone.ts';
import { createStereoRecording } from './stereo-recording.ts';
import { readWav } from './wav-reader.ts';

function channels(file: Uint8Array): { left: number[]; right: number[] } {
  const result = readWav(file);
  if ('problem' in result) throw new Error(result.problem);
  const { data } = result.wav;
  const samples = new Int16Array(data.slice().buffer);
  return {
    left: [...samples].filter((_, index) => index % 2 === 0),
    right: [...samples].filter((_, index) => index % 2 === 1),
  };
}

describe('createStereoRecording', () => {
  it('puts the caller left and the agent right, each at its time', () => {
    const recording = createStereoRecording();
    recording.caller(1, Int16Array.of(7, 8));
    recording.agent(0.5, Int16Array.of(-1, -2));
    const { left, right } = channels(recording.toWav(2, 'linear16'));
    expect(left).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 7, 8, 0, 0, 0, 0, 0, 0]);
    expect(right).toEqual([0, 0, 0, 0, -1, -2, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0]);
  });

  it('cuts what sounds past the end, and limits what adds up', () => {
    const recording = createStereoRecording();
    recording.agent(0, Int16Array.of(30_000, 30_000, 30_000));
    recording.agent(0, Int16Array.of(30_000));
    expect(channels(recording.toWav(0.25, 'linear16')).right).toEqual([32_767, 30_000]);
  });

  it('can be mu-law', () => {
    const result = readWav(createStereoRecording().toWav(10, 'mulaw'));
    expect(result).toMatchObject({ wav: { formatTag: 7, channels: 2, sampleRateHz: 8000, bitsPerSample: 8 } });
  });
});

describe('keyTone', () => {
  it('holds the two tones of its key and not those of others', () => {
    const strength = (hertz: number): number => {
      const samples = keyTone('5');
      const turn = (2 * Math.PI * hertz) / 8000;
      const [real, imaginary] = [Math.cos, Math.sin].map((wave) =>
        samples.reduce((sum, value, index) => sum + value * wave(turn * index), 0),
      );
      return Math.hypot(real ?? 0, imaginary ?? 0) / samples.length;
    };
    expect(strength(770)).toBeGreaterThan(2000);
    expect(strength(1336)).toBeGreaterThan(2000);
    expect(strength(941)).toBeLessThan(200);
  });

  it('is nothing for what is no key', () => {
    expect(keyTone('x').length).toBe(0);
  });
});
