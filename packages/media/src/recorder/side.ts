// One side of a recording that is written as it is heard: whatever format its frames have, they lie on its track in mu-law.
import { type AudioConverter, createAudioConverter } from '../audio/audio-converter.ts';
import { type AudioEncoding, MULAW_8K, type SampleRateHz } from '../audio/audio-format.ts';
import { type CallerTrack, createCallerTrack } from './caller-track.ts';

/** A track, and what converts for it. */
export interface Side extends Pick<CallerTrack, 'isSilentFrom' | 'take' | 'skip'> {
  /** A frame lies at `at`, in samples since the recording began. The track must reach as far as it does. */
  write(audio: Uint8Array, encoding: AudioEncoding, sampleRateHz: SampleRateHz, at: number): void;
}

/** Makes an empty side. */
export function createSide(): Side {
  const track = createCallerTrack();
  let encoding: AudioEncoding = 'mulaw';
  let rate: SampleRateHz = 8000;
  let converter: AudioConverter = createAudioConverter({ from: MULAW_8K, to: MULAW_8K });

  /** What converts from here on; what the one before still holds belongs to what came before. */
  const renew = (): void => {
    track.extend(converter.flush());
    converter = createAudioConverter({ from: { encoding, sampleRateHz: rate }, to: MULAW_8K });
  };

  return {
    isSilentFrom: track.isSilentFrom,
    take: track.take,
    skip: track.skip,
    write(audio, nextEncoding, nextRate, at) {
      const changed = encoding !== nextEncoding || rate !== nextRate;
      encoding = nextEncoding;
      rate = nextRate;
      if (changed || track.isGap(at)) renew();
      track.write(converter.convert(audio), at);
    },
  };
}
