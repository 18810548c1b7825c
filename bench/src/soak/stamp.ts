// When a frame was sent, written into the frame itself: one bit in each of its first bytes. The lowest bit of mu-law is the
// smallest step of its segment, which neither an ear nor a detector notices.

const BITS = 32;
const RANGE = 2 ** BITS;

/** The machine's monotonic clock in µs, the same in every process of it; starts again at 0 after 71 minutes. */
export function clockMicros(): number {
  return Number(process.hrtime.bigint() / 1000n) % RANGE;
}

/** Writes a time into the audio that begins at `offset`. */
export function writeStamp(frame: Uint8Array, offset: number, micros: number): void {
  for (let bit = 0; bit < BITS; bit++) {
    const at = offset + bit;
    frame[at] = ((frame[at] ?? 0) & 0xfe) | ((micros >>> bit) & 1);
  }
}

/** Reads it. */
export function readStamp(audio: Uint8Array): number {
  let micros = 0;
  for (let bit = 0; bit < BITS; bit++) micros |= ((audio[bit] ?? 0) & 1) << bit;
  return micros >>> 0;
}

/** The time from one to the other, in µs. */
export function microsBetween(from: number, to: number): number {
  return (to - from + RANGE) % RANGE;
}
