// The rate of everything that the caller hears and of the recording.

/** Samples per second. */
export const LINE_RATE_HZ = 8000;

/** Samples per ms. */
export const SAMPLES_PER_MS: number = LINE_RATE_HZ / 1000;
