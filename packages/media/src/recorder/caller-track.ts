// Where the caller's frames lie in time: by their arrival, but without a gap where the caller spoke without one. Holds the
// last seconds only, in a ring.
import { FRAME_BYTES, FRAMES_PER_MS, SILENCE } from './stereo-wav.ts';

/** Samples that the ring holds: four seconds. */
export const RING_SAMPLES = 32_768;
/** How far a frame may lie from its arrival; beyond that there was a gap, or it comes late. */
export const TOLERANCE_SAMPLES: number = 20 * FRAMES_PER_MS;
/** The longest frame; what is more than that is left out. */
export const MAX_FRAME_SAMPLES = 8000;

const MASK = RING_SAMPLES - 1;

/** The caller's side of a recording; positions are samples since the call began. */
export interface CallerTrack {
  /** Whether a frame that arrives now begins anew, after a gap. */
  isGap(at: number): boolean;
  /** A frame in mu-law arrived. The ring must reach as far as it does. */
  write(frame: Uint8Array, at: number): void;
  /** More of the frame that came last. */
  extend(rest: Uint8Array): void;
  /** Whether there is nothing but silence from `at` on. */
  isSilentFrom(at: number): boolean;
  /** Moves everything before `to` into the first channel of `out`, and makes room for what comes. */
  take(to: number, out: Uint8Array): void;
  /** Goes on at `to`: there is nothing but silence before. */
  skip(to: number): void;
}

/** Makes an empty track. */
export function createCallerTrack(): CallerTrack {
  const ring = new Uint8Array(RING_SAMPLES).fill(SILENCE);
  /** What lies before was taken. */
  let base = 0;
  /** Where the last frame ends, where the frames without a gap before it begin, and where those before the gap end. */
  let end = 0;
  let runStart = 0;
  let previousEnd = 0;

  const put = (samples: Uint8Array): void => {
    const room = Math.max(0, base + RING_SAMPLES - end);
    const fitting = samples.length <= room ? samples : samples.subarray(0, room);
    const from = end & MASK;
    const first = RING_SAMPLES - from;
    // As nearly every frame does, it fits before the ring's end: views of it would be garbage for each.
    if (fitting.length <= first) ring.set(fitting, from);
    else {
      ring.set(fitting.subarray(0, first), from);
      ring.set(fitting.subarray(first), 0);
    }
    end += fitting.length;
  };

  const clear = (from: number, to: number): void => {
    for (let at = from; at < to; at += 1) ring[at & MASK] = SILENCE;
  };

  /**
   * Frames that come faster than they were spoken were held up on their way: they belong into the gap before them, as far
   * as it is still here.
   */
  const moveBack = (samples: number): void => {
    const free = runStart - Math.max(previousEnd, base);
    const by = Math.min(samples, free);
    if (by <= 0) return;
    for (let at = runStart; at < end; at += 1) ring[(at - by) & MASK] = ring[at & MASK] ?? SILENCE;
    clear(end - by, end);
    runStart -= by;
    end -= by;
  };

  const isGap = (at: number): boolean => at - end > TOLERANCE_SAMPLES;

  return {
    isGap,
    write(frame, at) {
      if (isGap(at)) {
        previousEnd = end;
        runStart = at;
        end = at;
      } else if (end - at > TOLERANCE_SAMPLES) {
        moveBack(end - at);
        // Nobody speaks faster than time passes: with no gap to fill, this frame would push all that follow out of place.
        if (end - at > TOLERANCE_SAMPLES) return;
      }
      put(frame.length <= MAX_FRAME_SAMPLES ? frame : frame.subarray(0, MAX_FRAME_SAMPLES));
    },
    extend(rest) {
      if (end >= base) put(rest);
    },
    isSilentFrom: (at) => end <= at,
    take(to, out) {
      for (let at = base, place = 0; at < to; at += 1, place += FRAME_BYTES) out[place] = ring[at & MASK] ?? SILENCE;
      clear(base, to);
      base = to;
    },
    skip(to) {
      base = to;
    },
  };
}
