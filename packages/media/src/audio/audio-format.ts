// How a piece of mono audio is coded: the three encodings of the protocol and their sample rates.

/**
 * Encodings of mono audio: `mulaw` and `alaw` are G.711, one byte a sample; `linear16` is signed 16-bit little-endian.
 */
export type AudioEncoding = 'mulaw' | 'alaw' | 'linear16';

/** Sample rates that the package converts between, in Hz. */
export type SampleRateHz = 8000 | 16000 | 24000 | 48000;

/** The coding of a piece of mono audio without a header. */
export interface AudioFormat {
  /** How samples are coded. */
  readonly encoding: AudioEncoding;
  /** Samples per second, in Hz. */
  readonly sampleRateHz: SampleRateHz;
}

/** What every deployment of Webex Contact Center plays: G.711 mu-law, 8000 Hz, mono. */
export const MULAW_8K: AudioFormat = Object.freeze({ encoding: 'mulaw', sampleRateHz: 8000 });
