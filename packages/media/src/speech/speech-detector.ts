// What finds where speech begins and ends. One detector serves one call, and is given blocks of exactly 20 ms.

/**
 * What a block changed. `ending` is nothing yet: it has been quiet for so long that the next block may end the speech. A
 * detector need not tell; where it does, the frame that comes next is read as soon as it is there.
 */
export type SpeechBoundary = 'none' | 'started' | 'ending' | 'ended';

/** Finds where speech begins and ends in the audio of one call. */
export interface SpeechDetector {
  /** The rate that it works at, in Hz; must be the one that it was made for. */
  readonly sampleRateHz: number;
  /** How long before the boundary reported last speech began or ended, in ms. For figures only. */
  readonly lagMs?: number | undefined;
  /** How long it has been quiet in speech that has not ended, in ms; 0 while the caller is heard. */
  readonly quietMs?: number | undefined;
  /** Takes the next 20 ms. Called 50 times a second and call: no promise, no allocation. The block is reused. */
  push(samples: Int16Array): SpeechBoundary;
  /**
   * The same for 20 ms of G.711, one byte a sample: `decoded` has the sample of each of the 256 codes. Optional, for a
   * detector that need not have the samples written down; without it they are decoded for `push`. The bytes are reused.
   */
  pushCoded?(bytes: Uint8Array, decoded: Int16Array): SpeechBoundary;
  /** A new turn begins: forgets speech in progress, keeps what it learnt of the noise. */
  reset(): void;
}

/** What a detector is made for. */
export interface SpeechDetectorContext {
  /** The rate of the caller's audio, in Hz. */
  readonly sampleRateHz: 8000 | 16000;
}

/** Makes the detector of a call. */
export type SpeechDetectorFactory = (context: SpeechDetectorContext) => SpeechDetector;
