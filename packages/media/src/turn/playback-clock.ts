// What the caller is hearing. The protocol has no acknowledgement of playback, so it is reckoned: audio plays in the
// order in which it was sent, from a path delay after it was sent.

/** One prompt on the clock. */
export interface PlaybackSpan {
  /** When its first sample is heard, in ms of the session's clock. */
  readonly startMs: number;
  /** When its last sample is heard; moves while more of it is sent. */
  readonly endMs: number;
  readonly bargeIn: boolean;
}

interface MutableSpan {
  startMs: number;
  endMs: number;
  bargeIn: boolean;
}

/** Reckons what is heard; times are given by the caller. */
export interface PlaybackClock {
  /** When everything that was sent has been heard. In the past when nothing plays. */
  readonly playingUntilMs: number;
  /** A prompt begins: returns its span, still of no length. */
  begin(nowMs: number, bargeIn: boolean): PlaybackSpan;
  /** More audio of the prompt that began last was sent. */
  extend(span: PlaybackSpan, durationMs: number): void;
  /** Nothing plays from here on: it was cut, or has been heard to its end. */
  stop(nowMs: number): void;
}

/** How many ms of a span were heard by a moment. */
export function heardMs(span: PlaybackSpan, nowMs: number): number {
  return Math.max(0, Math.min(nowMs, span.endMs) - span.startMs);
}

/** Makes the clock of one call. `pathDelayMs`: from sending a sample to the caller hearing it. */
export function createPlaybackClock(pathDelayMs: number): PlaybackClock {
  const spans: MutableSpan[] = [];
  let playingUntilMs = 0;

  return {
    get playingUntilMs() {
      return playingUntilMs;
    },
    begin(nowMs, bargeIn) {
      while (spans.length > 0 && (spans[0]?.endMs ?? 0) < nowMs) spans.shift();
      const startMs = Math.max(nowMs + pathDelayMs, playingUntilMs);
      const span: MutableSpan = { startMs, endMs: startMs, bargeIn };
      spans.push(span);
      return span;
    },
    extend(span, durationMs) {
      const known = spans.find((one) => one === span);
      if (known === undefined) return;
      known.endMs += durationMs;
      playingUntilMs = Math.max(playingUntilMs, known.endMs);
    },
    stop(nowMs) {
      for (const span of spans) span.endMs = Math.max(span.startMs, Math.min(span.endMs, nowMs));
      playingUntilMs = 0;
    },
  };
}
