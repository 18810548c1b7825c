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
  /** All of a prompt was sent, and nobody will ask how much of it was heard. */
  forget(span: PlaybackSpan): void;
  /** Nothing plays from here on: it was cut, or has been heard to its end. */
  stop(nowMs: number): void;
}

/** How many ms of a span were heard by a moment. */
export function heardMs(span: PlaybackSpan, nowMs: number): number {
  return Math.max(0, Math.min(nowMs, span.endMs) - span.startMs);
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
    const span: MutableSpan = { startMs, endMs: startMs, bargeIn };
    if (spans === undefined) this.#spans = [span];
    else spans.push(span);
    return span;
  }

  extend(span: PlaybackSpan, durationMs: number): void {
    const known = this.#spans?.find((one) => one === span);
    if (known === undefined) return;
    known.endMs += durationMs;
    this.playingUntilMs = Math.max(this.playingUntilMs, known.endMs);
  }

  forget(span: PlaybackSpan): void {
    const spans = this.#spans?.filter((one) => one !== span);
    this.#spans = spans?.length === 0 ? undefined : spans;
  }

  stop(nowMs: number): void {
    for (const span of this.#spans ?? []) span.endMs = Math.max(span.startMs, Math.min(span.endMs, nowMs));
    this.playingUntilMs = 0;
  }
}

/** Makes the clock of one call. `pathDelayMs`: from sending a sample to the caller hearing it. */
export function createPlaybackClock(pathDelayMs: number): PlaybackClock {
  return new Reckoning(pathDelayMs);
}
