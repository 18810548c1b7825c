// A prompt in the queue of a reply: opened once, pulled as fast as its reply takes it, and kept where it may have to be said
// again from the middle, after an interruption that was none.
import type { AudioFormat } from '../audio/audio-format.ts';
import { isSpokenText } from '../prompt/mulaw-pieces.ts';
import { type OpenedSource, openNow, openSource, type PlaySource, type PromptAudio } from '../prompt/prompt.ts';
import { ABORTED, abortable } from './abortable.ts';
import type { Clock } from './clock.ts';
import { forEachPiece } from './play-pieces.ts';
import type { Play } from './playback.ts';

/** How one prompt is to be played. */
export interface ReplyPlayOptions {
  readonly bargeIn: boolean;
  readonly format?: AudioFormat | undefined;
  /** Its name in results and events; the source's own by default. */
  readonly label?: string | undefined;
  /** Aborted when the prompt is not wanted any more. */
  readonly signal?: AbortSignal | undefined;
  /** Set on audio that goes out before the reply is complete. */
  readonly partial?: { readonly uninterruptible: boolean } | undefined;
}

/** Takes the audio of a prompt; a promise says when it takes more. Throws when it takes no more at all. */
export type TakeAudio = (bytes: Uint8Array) => Promise<void> | undefined;

/** A prompt in a queue. */
export interface QueuedPlay {
  readonly play: Play;
  readonly options: ReplyPlayOptions;
  /** Whether any of its audio was made. */
  readonly begun: boolean;
  /**
   * Gives its audio to `take` from now on, after what was made and not heard. Resolves when all of it was made; undefined
   * where that is so now.
   */
  render(take: TakeAudio): Promise<void> | undefined;
  /** Its audio is kept from now on, and nobody is given it. */
  suspend(): void;
}

/** What {@link createQueuedPlay} needs. */
export interface QueuedPlayInit {
  readonly play: Play;
  readonly source: PlaySource;
  readonly options: ReplyPlayOptions;
  readonly clock: Clock;
  /** Whether what was made is kept until the prompt is over, at most so many bytes; 0 keeps nothing. */
  readonly keepBytes: number;
}

async function discard(audio: PromptAudio): Promise<void> {
  if (audio instanceof Uint8Array) return;
  await audio[Symbol.asyncIterator]().return?.();
}

/** A class: one for each prompt, of one shape, and no closures of its own. */
class QueuedPrompt implements QueuedPlay {
  readonly play: Play;
  readonly options: ReplyPlayOptions;
  begun = false;
  readonly #source: PlaySource;
  readonly #clock: Clock;
  readonly #keepBytes: number;
  /** Made with the first piece, where anything is kept. */
  #kept: Uint8Array[] | undefined;
  #keptBytes = 0;
  /** None where all of it could be made at once. */
  #rendering: Promise<void> | undefined;
  #take: TakeAudio | undefined;
  /** Who is given what was made and not heard, before anything else. */
  #heir: TakeAudio | undefined;
  #rendered = false;
  #resumed: { readonly promise: Promise<void>; resolve(): void } | undefined;

  constructor({ play, source, options, clock, keepBytes }: QueuedPlayInit) {
    this.play = play;
    this.options = options;
    this.#source = source;
    this.#clock = clock;
    this.#keepBytes = keepBytes;
  }

  #give(bytes: Uint8Array): Promise<void> | undefined {
    this.play.rendered(bytes.length);
    if (this.#keepBytes > 0) {
      if (this.#kept === undefined) this.#keepFrom(bytes);
      else this.#kept.push(bytes);
      this.#keptBytes += bytes.length;
      // Too long to be said again: an interruption ends it.
      const suspended = this.#take === undefined && this.#heir === undefined;
      if (suspended && this.#keptBytes > this.#keepBytes) this.play.cut('barge_in');
    }
    if (this.#take !== undefined) return this.#take(bytes);
    this.#resumed ??= Promise.withResolvers<void>();
    return this.#resumed.promise;
  }

  /** Until it is over: the reply that it is in is known until the next one. */
  #keepFrom(first: Uint8Array): void {
    this.#kept = [first];
    const drop = (): void => {
      this.#kept = undefined;
    };
    this.play.result.then(drop, drop);
  }

  #begin(): Promise<void> | undefined {
    this.begun = true;
    let wait: Promise<void> | undefined;
    try {
      const opened = openNow(this.#source, this.options.format);
      wait = opened === undefined ? this.#open() : this.#play(opened);
    } finally {
      if (wait === undefined) this.#end();
    }
    return wait === undefined ? undefined : this.#until(wait);
  }

  async #until(wait: Promise<void>): Promise<void> {
    try {
      await wait;
    } finally {
      this.#end();
    }
  }

  /** All of it was made. */
  #end(): void {
    this.#rendered = true;
    // Behind it are the reply's turn and the stream of that.
    this.#take = undefined;
  }

  async #open(): Promise<void> {
    const { play, options } = this;
    const opening = openSource(this.#source, options.format, play.signal);
    const opened = await abortable(opening, play.signal);
    if (opened === ABORTED) {
      // What comes of it after all is not wanted any more, and must not be left open.
      opening.then(({ audio }) => discard(audio)).catch(() => {});
      return;
    }
    await this.#play(opened);
  }

  #play({ audio, label, text }: OpenedSource): Promise<void> | undefined {
    const { play, options } = this;
    play.name(options.label ?? label);
    if (text !== undefined) play.speaks({ text, atMs: 0 });
    if (audio instanceof Uint8Array) return this.#give(audio);
    return forEachPiece(audio, play.signal, this.#clock, (piece) => {
      if (!isSpokenText(piece)) return this.#give(piece);
      play.speaks(piece);
      return undefined;
    });
  }

  /**
   * Gives what is kept to `take`, from byte `from` of the prompt on; then what comes. The source waits meanwhile, and what it was
   * about to give is kept behind the rest.
   */
  #giveUnheard(take: TakeAudio, from: number, piece = 0, offset = 0): Promise<void> | undefined {
    let at = offset;
    for (let next = piece; this.#heir === take; next += 1) {
      const bytes = this.#kept?.[next];
      if (bytes === undefined) {
        this.#goOn(take);
        return this.#rendering;
      }
      const skip = Math.max(0, from - at);
      at += bytes.length;
      const wait = skip < bytes.length ? take(bytes.subarray(skip)) : undefined;
      if (wait !== undefined) return wait.then(() => this.#giveUnheard(take, from, next + 1, at));
    }
    return this.#rendering;
  }

  /** All that was made has been given: the source may make more. */
  #goOn(take: TakeAudio): void {
    this.#heir = undefined;
    if (!this.#rendered) this.#take = take;
    this.#resumed?.resolve();
    this.#resumed = undefined;
  }

  render(take: TakeAudio): Promise<void> | undefined {
    if (this.begun) {
      this.#heir = take;
      return this.#giveUnheard(take, this.play.resume());
    }
    this.#take = take;
    this.#rendering = this.#begin();
    // Whoever renders awaits it; between two replies nobody does.
    this.#rendering?.catch(() => {});
    return this.#rendering;
  }

  suspend(): void {
    this.#take = undefined;
    this.#heir = undefined;
    this.play.suspend();
    if (this.#keepBytes === 0 || this.#keptBytes > this.#keepBytes) this.play.cut('barge_in');
  }
}

/** Makes the queue's entry of a prompt; nothing is opened before it is its turn. */
export function createQueuedPlay(init: QueuedPlayInit): QueuedPlay {
  return new QueuedPrompt(init);
}
