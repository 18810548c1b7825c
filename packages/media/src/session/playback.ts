// The prompts of one call that were given to `play` and have not settled: which of them the caller hears, has heard to
// the end, or cut short.
import { type AbortReason, type CallEndReason, SessionEndedError } from '../errors/media-errors.ts';
import { withoutStack } from '../errors/without-stack.ts';
import { BYTES_PER_MS, type OutputShare, type OutputWatcher } from '../output/output-share.ts';
import type { SpokenText } from '../prompt/prompt.ts';
import { type TimedText, textHeard } from '../turn/heard-text.ts';
import type { PlayResult } from '../turn/play-result.ts';
import { createPlaybackClock, heardMs, type PlaybackClock, type PlaybackSpan } from '../turn/playback-clock.ts';
import type { Clock, ClockTimer } from './clock.ts';
import { none, withOne, withoutOne } from './few.ts';
import { IdleWaits } from './idle-waits.ts';
import type { SignalNode } from './signal-node.ts';

/** What the caller heard of a prompt that was cut. */
export interface CutPrompt {
  readonly label: string | undefined;
  readonly heardMs: number;
  readonly heardText: string | undefined;
}

/** One prompt on its way to the caller. */
export interface Play {
  readonly bargeIn: boolean;
  /** Aborted when the prompt is to stop. */
  readonly signal: AbortSignal;
  /** True once it has settled: nothing of it may be sent any more. */
  readonly over: boolean;
  /** True while nobody is to hear more of it: it was cut, or the caller may have interrupted. */
  readonly silenced: boolean;
  readonly result: Promise<PlayResult>;
  /** What it is called. */
  name(label: string | undefined): void;
  /** What is said, from `atMs` of its audio on; from where it stands when that is not told. */
  speaks(part: SpokenText): void;
  /** Bytes of mu-law were made. */
  rendered(bytes: number): void;
  /** Audio went to the platform: mu-law at 8 kHz. */
  sent(audio: Uint8Array): void;
  /** All of it was made. */
  complete(): void;
  /** It could not be made. */
  fail(error: unknown): void;
  /** It stops now. */
  cut(reason: AbortReason): void;
  /** It stops for now, and may go on. */
  suspend(): void;
  /** It goes on: gives the first byte that is to be heard next. */
  resume(): number;
}

/** The plays of a call. */
export interface Playback {
  /** A play begins. */
  start(bargeIn: boolean): Play;
  /** What is sent from now on goes out by `share`. What waits there is heard later. */
  follow(share: OutputShare): void;
  /** When all that was sent has been heard, in ms of the clock. */
  readonly playingUntilMs: number;
  /**
   * The caller interrupts: cuts what may be cut. What may not has been heard, since the platform drops input until then.
   * Gives what was heard of the prompt that played.
   */
  interrupt(): CutPrompt | undefined;
  /** The caller may have interrupted: nothing plays from now on, and nothing is cut yet. */
  pause(): void;
  /** The platform says that the caller is silent: it counts from the end of the prompts, so all were heard. */
  allHeard(): void;
  /** Resolves when nothing plays any more, at most `capMs` after the audio went out in time, at once when interrupted. */
  idle(capMs: number): Promise<void>;
  /** Nothing that plays is waited for any more, interruptible or not. */
  abandon(reason: AbortReason): void;
  /** The call is over: every play that has not settled rejects. */
  stop(reason: CallEndReason): void;
}

/** Told what the caller hears. */
export interface PlaybackSink {
  /** Audio was sent, and is heard from `heardAtMs` on. */
  onAudio(audio: Uint8Array, heardAtMs: number): void;
  /** Nothing of what was sent is heard from `atMs` on. */
  onCut(atMs: number): void;
  onEnded(status: 'completed' | 'interrupted' | 'failed', heardMs: number, reason: AbortReason | undefined): void;
}

/** What {@link createPlayback} needs. */
export interface PlaybackOptions {
  readonly sink: PlaybackSink;
  readonly clock: Clock;
  readonly pathDelayMs: number;
  readonly parent: SignalNode;
}

/** A timer may fire so much early. */
const TIMER_MS = 1;

const NOTHING_SAID: readonly TimedText[] = Object.freeze([]);

/** A class, as are the plays of it: one shape, and no closures of its own for each prompt of each call. */
class PendingPlay implements Play {
  readonly #playback: CallPlayback;
  readonly #node: SignalNode;
  readonly #resolve: (result: PlayResult) => void;
  readonly #reject: (error: unknown) => void;
  readonly result: Promise<PlayResult>;
  readonly bargeIn: boolean;
  over = false;
  silenced = false;
  #complete = false;
  /** Made when text is told. */
  #parts: TimedText[] | undefined;
  #label: string | undefined;
  #span: PlaybackSpan | undefined;
  #timer: ClockTimer | undefined;
  #renderedBytes = 0;
  #sentBytes = 0;
  /** What was heard of it before it was suspended. */
  #heardBeforeMs = 0;

  constructor(playback: CallPlayback, bargeIn: boolean) {
    this.#playback = playback;
    this.#node = playback.parent.child();
    const { promise, resolve, reject } = Promise.withResolvers<PlayResult>();
    // A play that nobody awaits must not take the process down when the caller hangs up.
    promise.catch(() => {});
    this.#resolve = resolve;
    this.#reject = reject;
    this.result = promise;
    this.bargeIn = bargeIn;
  }

  get signal(): AbortSignal {
    return this.#node.signal;
  }

  /** Whether something of it was sent. */
  get begun(): boolean {
    return this.#span !== undefined || this.#heardBeforeMs > 0;
  }

  /** When its next sample is heard, or was first heard. */
  get startMs(): number {
    return this.#span?.startMs ?? 0;
  }

  #heardSoFarMs(): number {
    this.#playback.catchUp();
    return this.#heardBeforeMs + (this.#span === undefined ? 0 : heardMs(this.#span, this.#playback.clock.now()));
  }

  #textUpTo(ms: number): string | undefined {
    return textHeard(this.#parts ?? NOTHING_SAID, ms, this.#renderedBytes / BYTES_PER_MS);
  }

  #settle(): boolean {
    if (this.over) return false;
    this.over = true;
    this.#timer?.cancel();
    this.#playback.forget(this);
    return true;
  }

  #finish(): void {
    if (this.#settle()) {
      const durationMs = this.#renderedBytes / BYTES_PER_MS;
      if (this.#span !== undefined && this.#sentBytes >= this.#renderedBytes)
        this.#playback.reckoning.forget(this.#span);
      this.#resolve({ status: 'completed', durationMs, heardText: this.#textUpTo(durationMs) });
      this.#playback.sink.onEnded('completed', durationMs, undefined);
    }
    this.#node.release();
  }

  #awaitEnd(): void {
    if (!this.#complete || this.over || this.silenced) return;
    if (!this.bargeIn || this.#renderedBytes === 0) this.#finish();
    else if (this.#span !== undefined && this.#sentBytes >= this.#renderedBytes) this.#finishAtEndOf(this.#span);
  }

  #finishAtEndOf(span: PlaybackSpan): void {
    const { clock } = this.#playback;
    this.#timer?.cancel();
    this.#timer = clock.setTimer(() => {
      // What went out late ends late.
      this.#playback.catchUp();
      if (span.endMs - clock.now() > TIMER_MS) this.#finishAtEndOf(span);
      else this.#finish();
    }, span.endMs - clock.now());
  }

  /** What the caller has heard of it. */
  heardNow(): CutPrompt {
    const ms = Math.round(this.#heardSoFarMs());
    return { label: this.#label, heardMs: ms, heardText: this.#textUpTo(ms) };
  }

  name(label: string | undefined): void {
    this.#label = label;
  }

  speaks({ text, atMs }: SpokenText): void {
    const part = { text, atMs: atMs ?? this.#renderedBytes / BYTES_PER_MS };
    if (this.#parts === undefined) this.#parts = [part];
    else this.#parts.push(part);
  }

  rendered(bytes: number): void {
    this.#renderedBytes += bytes;
  }

  sent(audio: Uint8Array): void {
    if (this.silenced) return;
    const { reckoning, clock, sink } = this.#playback;
    const now = clock.now();
    this.#span ??= reckoning.begin(now, this.bargeIn);
    sink.onAudio(audio, reckoning.extend(this.#span, audio.length / BYTES_PER_MS, now));
    this.#sentBytes += audio.length;
    this.#playback.unsentBytes += audio.length;
    this.#awaitEnd();
  }

  complete(): void {
    this.#complete = true;
    this.#awaitEnd();
  }

  fail(error: unknown): void {
    if (this.#settle()) {
      this.#reject(error);
      this.#playback.sink.onEnded('failed', 0, undefined);
    }
    this.#node.release();
  }

  cut(reason: AbortReason): void {
    const ms = this.#heardSoFarMs();
    if (!this.#settle()) return;
    this.silenced = true;
    this.#node.abort(reason);
    this.#resolve({ status: 'interrupted', heardMs: Math.round(ms), heardText: this.#textUpTo(ms), reason });
    this.#playback.sink.onEnded('interrupted', Math.round(ms), reason);
  }

  suspend(): void {
    if (this.over) return;
    this.#heardBeforeMs = this.#heardSoFarMs();
    this.#span = undefined;
    this.silenced = true;
    this.#timer?.cancel();
  }

  resume(): number {
    this.silenced = false;
    this.#sentBytes = Math.min(this.#renderedBytes, Math.floor(this.#heardBeforeMs * BYTES_PER_MS));
    if (this.#complete && this.#sentBytes >= this.#renderedBytes) this.#finish();
    return this.#sentBytes;
  }

  /** It was heard to its end, if all of it was sent. */
  heard(): void {
    if (this.#complete && this.#span !== undefined && this.#sentBytes >= this.#renderedBytes) this.#finish();
  }

  /** The call is over. */
  reject(error: unknown): void {
    if (!this.#settle()) return;
    this.#node.abort('cancelled');
    this.#reject(error);
  }
}

class CallPlayback implements Playback, OutputWatcher {
  readonly sink: PlaybackSink;
  readonly clock: Clock;
  readonly parent: SignalNode;
  readonly reckoning: PlaybackClock;
  #unsettled: readonly PendingPlay[] = none();
  /** Made with the first. */
  #idleWaits: IdleWaits | undefined;
  #share: OutputShare | undefined;
  /** Bytes of audio that were sent since the share had nothing queued: as many of them may wait there. */
  unsentBytes = 0;

  constructor({ clock, pathDelayMs, parent, sink }: PlaybackOptions) {
    this.sink = sink;
    this.clock = clock;
    this.parent = parent;
    this.reckoning = createPlaybackClock(pathDelayMs);
  }

  follow(share: OutputShare): void {
    this.#share?.watch(undefined);
    this.#share = share;
    this.unsentBytes = 0;
    share.watch(this);
  }

  onTaken(bytes: number): void {
    this.#delay(bytes + (this.#share?.queuedBytes ?? 0));
  }

  /** What is still queued now is heard later than was reckoned. */
  catchUp(): void {
    this.#delay(this.#share?.queuedBytes ?? 0);
  }

  /** The last so many bytes go out now at the earliest: a message is played when all of it is there. */
  #delay(bytes: number): void {
    const leftBytes = Math.min(bytes, this.unsentBytes);
    if (leftBytes > 0) {
      const lateMs = this.reckoning.delay(leftBytes / BYTES_PER_MS, this.clock.now());
      if (lateMs > 0) this.#idleWaits?.delay(lateMs);
    }
    if (this.#share === undefined || this.#share.queuedBytes === 0) this.unsentBytes = 0;
  }

  start(bargeIn: boolean): Play {
    const play = new PendingPlay(this, bargeIn);
    this.#unsettled = withOne(this.#unsettled, play);
    return play;
  }

  /** A play has settled. */
  forget(play: PendingPlay): void {
    this.#unsettled = withoutOne(this.#unsettled, play);
  }

  get playingUntilMs(): number {
    this.catchUp();
    return this.reckoning.playingUntilMs;
  }

  #stopAt(atMs: number): void {
    const cut = this.reckoning.playingUntilMs > atMs;
    this.reckoning.stop(atMs);
    if (cut) this.sink.onCut(atMs);
    this.#idleWaits?.end();
  }

  interrupt(): CutPrompt | undefined {
    const now = this.clock.now();
    let playing: CutPrompt | undefined;
    for (const play of this.#unsettled) {
      if (play.over || !play.bargeIn || !play.begun) continue;
      if (playing === undefined || play.startMs <= now) playing = play.heardNow();
      play.cut('barge_in');
    }
    this.#stopAt(now);
    return playing;
  }

  pause(): void {
    this.#stopAt(this.clock.now());
  }

  allHeard(): void {
    for (const play of this.#unsettled) play.heard();
    this.reckoning.stop(this.clock.now());
    this.#idleWaits?.end();
  }

  idle(capMs: number): Promise<void> {
    this.#idleWaits ??= new IdleWaits(this.clock);
    return this.#idleWaits.add(() => this.playingUntilMs, capMs);
  }

  abandon(reason: AbortReason): void {
    for (const play of this.#unsettled) play.cut(reason);
    this.#stopAt(this.clock.now());
  }

  stop(reason: CallEndReason): void {
    // What went out with the end of the call is heard after it; what a caller who left would have heard is not.
    if (reason === 'caller_hangup') this.#stopAt(this.clock.now());
    else this.reckoning.stop(this.clock.now());
    if (this.#unsettled.length > 0) {
      const error = withoutStack(() => new SessionEndedError(reason));
      for (const play of this.#unsettled) play.reject(error);
    }
    this.#idleWaits?.end();
  }
}

/** Makes the playback of one call. */
export function createPlayback(options: PlaybackOptions): Playback {
  return new CallPlayback(options);
}
