// What the caller is hearing. The protocol has no acknowledgement of playback, so it is reckoned: audio plays in the
// order in which it was sent, from a path delay after it was sent.

/** One prompt on the clock. */
export interface PlaybackSpan {
  /** When its first sample is heard, in ms of the session's clock. */
  readonly startMs: number;
  /** When its last sample is heard; moves while more of it is sent, and when it goes out late. */
  readonly endMs: number;
  /** The length of its audio. Less than from start to end where it went out so late that the caller heard a gap. */
  readonly durationMs: number;
  /** The length of its audio before the last gap, and when that was heard to its end. */
  readonly beforeGapMs: number;
  readonly gapStartMs: number;
  readonly bargeIn: boolean;
}

interface MutableSpan {
  startMs: number;
  endMs: number;
  durationMs: number;
  beforeGapMs: number;
  gapStartMs: number;
  bargeIn: boolean;
}

/** Reckons what is heard; times are given by the caller. */
export interface PlaybackClock {
  /** When everything that was sent has been heard. In the past when nothing plays. */
  readonly playingUntilMs: number;
  /** A prompt begins: returns its span, still of no length. */
  begin(nowMs: number, bargeIn: boolean): PlaybackSpan;
  /** More audio of the prompt that began last was sent. Returns when it is heard from. */
  extend(span: PlaybackSpan, durationMs: number, nowMs: number): number;
  /**
   * The last `leftMs` of what was sent go out now at the earliest, and cannot be heard before. Returns by how much later the end
   * is heard than was reckoned.
   */
  delay(leftMs: number, nowMs: number): number;
  /** All of a prompt was sent, and nobody will ask how much of it was heard. */
  forget(span: PlaybackSpan): void;
  /** Nothing plays from here on: it was cut, or has been heard to its end. */
  stop(nowMs: number): void;
}

/** A frame. What goes out in less time than that after it was sent is not late. */
const LEAST_LATE_MS = 20;

/** How many ms of a span were heard by a moment, that of its last change or a later one. */
export function heardMs({ durationMs, endMs, beforeGapMs, gapStartMs }: PlaybackSpan, nowMs: number): number {
  const before = beforeGapMs - Math.max(0, gapStartMs - nowMs);
  return Math.max(0, before, durationMs - Math.max(0, endMs - nowMs));
}

/** A class, as all that there is one of for each call: one shape, and no closures of its own. */
class Reckoning implements PlaybackClock {
  readonly #pathDelayMs: number;
  /** Made with the first prompt. */
  #spans: MutableSpan[] | undefined;
  playingUntilMs = 0;

  constructor(pathDelayMs: number) {
    this.#pathDelayMs = pathDelayMs;
  }

  begin(nowMs: number, bargeIn: boolean): PlaybackSpan {
    const spans = this.#spans;
    while (spans !== undefined && spans.length > 0 && (spans[0]?.endMs ?? 0) < nowMs) spans.shift();
    const startMs = Math.max(nowMs + this.#pathDelayMs, this.playingUntilMs);
    const span: MutableSpan = {
      startMs,
      endMs: startMs,
      durationMs: 0,
      beforeGapMs: 0,
      gapStartMs: startMs,
      bargeIn,
    };
    if (spans === undefined) this.#spans = [span];
    else spans.push(span);
    return span;
  }

  extend(span: PlaybackSpan, durationMs: number, nowMs: number): number {
    const known = this.#spans?.find((one) => one === span);
    if (known === undefined) return span.endMs;
    // What comes after the caller has heard all before it is heard a path delay later.
    const fromMs = Math.max(known.endMs, nowMs + this.#pathDelayMs);
    if (known.durationMs === 0) known.startMs = fromMs;
    else if (fromMs > known.endMs) {
      known.beforeGapMs = known.durationMs;
      known.gapStartMs = known.endMs;
    }
    known.endMs = fromMs + durationMs;
    known.durationMs += durationMs;
    this.playingUntilMs = Math.max(this.playingUntilMs, known.endMs);
    return fromMs;
  }

  delay(leftMs: number, nowMs: number): number {
    const reckonedMs = this.playingUntilMs;
    const lateMs = nowMs + this.#pathDelayMs + leftMs - reckonedMs;
    if (reckonedMs === 0 || lateMs < LEAST_LATE_MS) return 0;
    const goneMs = reckonedMs - leftMs;
    for (const span of this.#spans ?? []) {
      if (span.endMs <= goneMs) continue;
      if (span.startMs >= goneMs) span.startMs += lateMs;
      else {
        span.beforeGapMs = span.durationMs - (span.endMs - goneMs);
        span.gapStartMs = goneMs;
      }
      span.endMs += lateMs;
    }
    this.playingUntilMs += lateMs;
    return lateMs;
  }

  forget(span: PlaybackSpan): void {
    const spans = this.#spans?.filter((one) => one !== span);
    this.#spans = spans?.length === 0 ? undefined : spans;
  }

  stop(nowMs: number): void {
    for (const span of this.#spans ?? []) {
      span.durationMs = heardMs(span, nowMs);
      span.beforeGapMs = 0;
      span.endMs = Math.max(span.startMs, Math.min(span.endMs, nowMs));
    }
    this.playingUntilMs = 0;
  }
}

/** Makes the clock of one call. `pathDelayMs`: from sending a sample to the caller hearing it. */
export function createPlaybackClock(pathDelayMs: number): PlaybackClock {
  return new Reckoning(pathDelayMs);
}
