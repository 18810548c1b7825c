import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type CallerAudioOptions, createCallerAudio } from './caller-audio.ts';
import type { SpeechDetectorFactory } from './speech-detector.ts';

/** Speech is every block that is not digital silence; it ends at the second silent block. */
const plain: SpeechDetectorFactory = ({ sampleRateHz }) => {
  let speaking = false;
  let quiet = 0;
  return {
    sampleRateHz,
    push(samples) {
      const loud = samples.some((sample) => sample !== 0);
      quiet = loud ? 0 : quiet + 1;
      if (!speaking && loud) {
        speaking = true;
        return 'started';
      }
      if (!speaking || quiet < 2) return 'none';
      speaking = false;
      return 'ended';
    },
    reset() {
      speaking = false;
      quiet = 0;
    },
  };
};

function listen(options: Partial<CallerAudioOptions> = {}) {
  const told: string[] = [];
  const audio = createCallerAudio({
    detector: plain,
    sink: { onSpeechStarted: () => told.push('started'), onSpeechEnded: (reason) => told.push(`ended:${reason}`) },
    ...options,
  });
  audio.startTurn();
  return { audio, told };
}

const silence = (ms: number): Uint8Array => new Uint8Array(ms * 8).fill(0xff);
const loud = (ms: number, code = 0x10): Uint8Array => new Uint8Array(ms * 8).fill(code);

describe("the caller's audio", () => {
  it('gives the utterance with what came before it', () => {
    const { audio, told } = listen({ preRollMs: 60 });
    for (const frame of [silence(100), loud(40), silence(40)]) audio.push(frame, 'mulaw', 8000);
    expect(told).toEqual(['started', 'ended:silence']);
    const speech = audio.takeUtterance();
    // The block in which speech was found is part of what came before.
    const known = { durationMs: 120, speechStartMs: 60, endedBy: 'silence' };
    expect(speech).toMatchObject(known);
    const utterance = speech?.utterance;
    expect(utterance).toMatchObject(known);
    expect(Buffer.from(utterance?.audio ?? [])).toEqual(Buffer.concat([silence(40), loud(40), silence(40)]));
    expect(utterance?.toLinear16()).toHaveLength(960);
    expect(audio.takeUtterance()).toBeUndefined();
  });

  it('finds the same speech however the audio is cut, but for frames that are too small to look at', () => {
    const whole = Buffer.concat([silence(100), loud(200), silence(200)]);
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 16, max: 900 }), { minLength: 1, maxLength: 30 }), (cuts) => {
        const { audio, told } = listen();
        for (let offset = 0, cut = 0; offset < whole.length; cut += 1) {
          // A rest of fewer than 16 bytes goes with the piece before it.
          const size = cuts[cut % cuts.length] ?? 16;
          const end = whole.length - offset - size < 16 ? whole.length : offset + size;
          audio.push(whole.subarray(offset, end), undefined, 0);
          offset = end;
        }
        expect(told).toEqual(['started', 'ended:silence']);
        expect(audio.takeUtterance()?.utterance.audio.filter((code) => code === 0x10)).toHaveLength(1600);
      }),
    );
  });

  it('does not look at frames of 15 bytes or fewer', () => {
    const { audio, told } = listen();
    for (let frame = 0; frame < 100; frame += 1) audio.push(loud(20).subarray(0, 15), 'mulaw', 8000);
    expect(told).toEqual([]);
    expect(audio.receivedMs).toBeGreaterThan(0);
  });

  it('remembers the format within a turn, and forgets it with the turn', () => {
    const { audio } = listen();
    audio.push(new Uint8Array(0), 'linear16', 16_000);
    audio.push(new Uint8Array(640), undefined, 0);
    expect(audio.format).toEqual({ encoding: 'linear16', sampleRateHz: 16_000 });
    audio.startTurn();
    expect(audio.format).toEqual({ encoding: 'mulaw', sampleRateHz: 8000 });
  });

  it('refuses a rate that it cannot hear', () => {
    const { audio } = listen();
    expect(() => audio.push(loud(20), 'mulaw', 11_025)).toThrow(
      expect.objectContaining({ code: 'AUDIO_FORMAT_UNSUPPORTED' }),
    );
  });

  it('ends an utterance that is too long, and says so', () => {
    const { audio, told } = listen({ maxUtteranceMs: 1000 });
    for (let frame = 0; frame < 100; frame += 1) audio.push(loud(20), 'mulaw', 8000);
    expect(told).toEqual(['started', 'ended:max_utterance']);
    expect(audio.takeUtterance()).toMatchObject({ durationMs: 1000, endedBy: 'max_utterance' });
  });

  it('takes speech that no silence ended, when the platform stops sending', () => {
    const { audio, told } = listen();
    audio.push(loud(500), 'mulaw', 8000);
    expect(told).toEqual(['started']);
    expect(audio.takeUtterance()).toMatchObject({ endedBy: 'half_close' });
  });

  it('leaves the boundaries to an agent that wants them', () => {
    const { audio, told } = listen({ detector: 'manual' });
    audio.push(loud(100), 'mulaw', 8000);
    audio.startSpeech();
    audio.push(loud(100), 'mulaw', 8000);
    audio.endSpeech();
    expect(told).toEqual(['started', 'ended:agent']);
    expect(audio.takeUtterance()).toMatchObject({ durationMs: 200, endedBy: 'agent' });
  });

  it('hears nothing while digits are collected', () => {
    const { audio, told } = listen();
    audio.setDetection(false);
    audio.push(loud(500), 'mulaw', 8000);
    expect(told).toEqual([]);
  });

  it('refuses a detector of another rate', () => {
    const { audio } = listen({ detector: () => ({ sampleRateHz: 16_000, push: () => 'none', reset() {} }) });
    expect(() => audio.push(loud(20), 'mulaw', 8000)).toThrow(
      expect.objectContaining({ code: 'DETECTOR_RATE_MISMATCH' }),
    );
  });
});
