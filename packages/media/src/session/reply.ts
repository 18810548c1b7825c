// One reply to the caller: what is to be played, in order, and how it ends. It is filled by a handler, may wait for an
// RPC to travel on, and is pumped into the writer of that RPC's audio mode.

import { type AbortReason, MediaError } from '../errors/media-errors.ts';
import type { PlaySource } from '../prompt/prompt.ts';
import type { PlayResult } from '../turn/play-result.ts';
import { createReplyWriter, type ReplyEnding, type ReplyWriter, type ReplyWriterHost } from '../turn/reply-writer.ts';
import type { RpcOutput } from '../wire/port.ts';
import type { AgentResponse } from '../wire/response.ts';
import type { CallSettings } from './call-environment.ts';
import type { ClockTimer } from './clock.ts';
import type { Play, Playback } from './playback.ts';
import { createQueuedPlay, type QueuedPlay, type ReplyPlayOptions } from './queued-play.ts';
import { type FedReply, ReplyFeed } from './reply-feed.ts';

/** What a reply needs of its call. */
export interface ReplyHost {
  /** Its audio mode, its clock, and the bounds of a reply. */
  readonly env: CallSettings;
  readonly playback: Playback;
  /** Told of a prompt that could not be made, whether or not its handler awaits it. */
  onPlayFailed(error: unknown): void;
  /** How the reply ends when nobody says it. */
  ending(): ReplyEnding;
  /** What the FINAL waits for. None: it goes out at once. */
  beforeFinal(ending: ReplyEnding): Promise<void> | undefined;
}

/** Where a reply travels. */
export interface ReplyTarget {
  readonly output: RpcOutput;
  /** Audio was made, so the turn is alive. */
  onProgress(): void;
  /** So many bytes of mu-law at 8 kHz went to the caller. */
  onAudio(bytes: number): void;
  /** Audio waits for the client to read, or the end of the call for audio that still plays: no answer is overdue. */
  onWaiting(): void;
  /** The FINAL was handed to the transport. */
  onReplied(ending: ReplyEnding): void;
}

/** One reply. */
export interface Reply {
  /** Whether more may be added: nobody has said yet how it ends. */
  readonly open: boolean;
  /** Whether it travels on an RPC. */
  readonly attached: boolean;
  /** How it ends, once that was said. */
  readonly ending: ReplyEnding | undefined;
  /** Whether newer input of the caller may push it aside: nothing in it is protected from interruption. */
  readonly interruptible: boolean;
  /** Adds a prompt. */
  play(source: PlaySource, options: ReplyPlayOptions): Promise<PlayResult>;
  /** Says how it ends; it is sent when its prompts are. The first ending stays. */
  finish(ending: ReplyEnding): void;
  /** Gives it an RPC to travel on. */
  attach(target: ReplyTarget): void;
  /** Whether nothing more will be heard of it. */
  readonly settled: boolean;
  /** Gives it prompts of another reply that are to go on. */
  resume(items: readonly QueuedPlay[]): void;
  /**
   * Stops its prompts for now, and ends it with an empty reply where an RPC waits for one. Gives the prompts that are to be
   * heard if it was nothing; none where one of them may not be interrupted.
   */
  suspend(ending: ReplyEnding): readonly QueuedPlay[];
  /** Drops what was not sent, and ends it now, with an empty reply where an RPC waits for one. */
  supersede(reason: AbortReason, ending: ReplyEnding): void;
  /** Drops everything and sends nothing: the RPC is gone, or is answered otherwise. */
  abandon(reason: AbortReason): void;
}

/** Whether a reply says that the call ends. */
export function endsCall({ ending }: Pick<Reply, 'ending'>): boolean {
  return ending !== undefined && ending.expectation === undefined;
}

/** Cuts a play when the signal of the one who asked for it is aborted. */
function stopOn(signal: AbortSignal | undefined, play: Play): void {
  if (signal === undefined) return;
  const cut = (): void => play.cut('cancelled');
  if (signal.aborted) {
    cut();
    return;
  }
  signal.addEventListener('abort', cut, { once: true });
  const release = (): void => signal.removeEventListener('abort', cut);
  play.result.then(release, release);
}

/** A prompt of up to four minutes can go on after an interruption that was none. */
const RESUMABLE_BYTES = 1_920_000;

/** A class: one for each turn, of one shape, and no closures of its own. It is the host of its writer. */
class SpokenReply implements Reply, ReplyWriterHost<Play>, FedReply {
  readonly #host: ReplyHost;
  /** What was not given to the writer yet. */
  #queue: QueuedPlay[] | undefined;
  /** All that was added; made, as the queue, with the first prompt. */
  #items: QueuedPlay[] | undefined;
  /** Until the FINAL has gone out: behind it is the stream of an RPC, and a reply is known until the next one. */
  #target: ReplyTarget | undefined;
  #writer: ReplyWriter<Play> | undefined;
  attached = false;
  ending: ReplyEnding | undefined;
  /** Nothing more is added to it. */
  done = false;
  /** Complete, and waiting for what comes before the FINAL. */
  #sealing = false;
  #pumping = false;
  #hold: ClockTimer | undefined;

  constructor(host: ReplyHost) {
    this.#host = host;
  }

  get open(): boolean {
    return this.ending === undefined && !this.done;
  }

  get interruptible(): boolean {
    if (endsCall(this)) return false;
    return this.#items?.every(({ play }) => play.over || play.bargeIn) ?? true;
  }

  get settled(): boolean {
    return this.done && (this.#items?.every(({ play }) => play.over) ?? true);
  }

  #checkSize(bytes: number): void {
    const { maxReplyBytes } = this.#host.env.limits;
    if (bytes <= maxReplyBytes) return;
    throw new MediaError({
      code: 'PROMPT_FAILED',
      message:
        `The prompts of one response are larger than ${maxReplyBytes} bytes, which the platform would ` +
        "refuse. Use shorter prompts, or audioMode 'chunk'.",
    });
  }

  /** Audio that goes out before the reply is complete: collected, since it goes in one message. */
  async #renderPartial(
    item: QueuedPlay,
    out: ReplyTarget,
    to: ReplyWriter<Play>,
    uninterruptible: boolean,
  ): Promise<void> {
    const { play, options: how } = item;
    const { share } = out.output;
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    const take = (slice: Uint8Array): void => {
      pieces.push(slice);
      bytes += slice.length;
      share.hold(to.heldBytes + bytes);
      out.onProgress();
    };
    const feed = new ReplyFeed({ play, reply: this, share, toHold: true, take });
    try {
      await item.render((piece) => {
        this.#checkSize(bytes + piece.length);
        return feed.push(piece);
      });
      if (!play.over && !this.done) to.partial(play, Buffer.concat(pieces), { bargeIn: how.bargeIn, uninterruptible });
    } finally {
      if (!this.done) share.hold(to.heldBytes);
    }
  }

  #render(item: QueuedPlay, out: ReplyTarget, to: ReplyWriter<Play>): Promise<void> | undefined {
    const { play, options: how } = item;
    if (how.partial !== undefined && !item.begun)
      return this.#renderPartial(item, out, to, how.partial.uninterruptible);
    to.begin(play, how.bargeIn);
    const { share } = out.output;
    const toHold = this.#host.env.audioMode === 'wav';
    const take = (slice: Uint8Array): void => {
      to.write(slice);
      if (toHold) share.hold(to.heldBytes);
      out.onProgress();
    };
    const feed = new ReplyFeed({ play, reply: this, share, toHold, take });
    return item.render((piece) => {
      if (this.done) return undefined;
      this.#checkSize(to.heldBytes + piece.length);
      return feed.push(piece);
    });
  }

  onHeldBack(): void {
    this.#target?.onWaiting();
  }

  onRoom(): void {
    this.#target?.onProgress();
  }

  #sendFinal(out: ReplyTarget, to: ReplyWriter<Play>, how: ReplyEnding): void {
    this.done = true;
    this.#hold?.cancel();
    const before = this.#host.beforeFinal(how);
    if (before === undefined) {
      this.#send(out, to, how);
      return;
    }
    this.#sealing = true;
    void before.then(() => {
      if (!this.#sealing) return;
      this.#sealing = false;
      this.#send(out, to, how);
    });
  }

  #send(out: ReplyTarget, to: ReplyWriter<Play>, how: ReplyEnding): void {
    to.finish(how);
    this.#leave();
    out.onReplied(how);
  }

  /** Nothing more goes out. */
  #leave(): void {
    this.#target?.output.share.hold(0);
    this.#target = undefined;
    this.#writer = undefined;
  }

  /** Makes what is queued, with no promise where nothing is to be waited for. */
  #pump(): void {
    const out = this.#target;
    const to = this.#writer;
    if (this.#pumping || out === undefined || to === undefined || this.done) return;
    this.#pumping = true;
    for (;;) {
      const next = this.#queue?.shift();
      if (next === undefined) break;
      this.#hold?.cancel();
      let wait: Promise<void> | undefined;
      try {
        if (!next.play.over) wait = this.#render(next, out, to);
        if (wait === undefined) next.play.complete();
      } catch (error) {
        this.#fail(next.play, error);
      }
      if (wait !== undefined) {
        void this.#rendered(next.play, wait);
        return;
      }
      if (this.done) return;
    }
    this.#pumping = false;
    this.#seeToEnd(out, to);
  }

  #fail(play: Play, error: unknown): void {
    if (!play.over) this.#host.onPlayFailed(error);
    play.fail(error);
  }

  async #rendered(play: Play, wait: Promise<void>): Promise<void> {
    try {
      await wait;
      play.complete();
    } catch (error) {
      this.#fail(play, error);
    }
    if (this.done) return;
    this.#pumping = false;
    this.#pump();
  }

  /** All that was added has been made. */
  #seeToEnd(out: ReplyTarget, to: ReplyWriter<Play>): void {
    const { env, playback } = this.#host;
    if (this.ending === undefined) {
      // A prompt that waits for its end on the clock keeps its handler waiting, so nobody is left to end the reply.
      if (this.#items?.some(({ play }) => play.bargeIn && !play.over)) {
        this.#hold = env.clock.setTimer(() => this.finish(this.#host.ending()), env.finalHoldMs);
      }
      return;
    }
    if (endsCall(this)) {
      out.onWaiting();
      void playback.idle(env.terminalWaitMs).then(() => this.#seal(out, to));
    } else this.#seal(out, to);
  }

  #seal(out: ReplyTarget, to: ReplyWriter<Play>): void {
    if (!this.done && this.ending !== undefined) this.#sendFinal(out, to, this.ending);
  }

  #drop(reason: AbortReason): void {
    this.#hold?.cancel();
    for (const { play } of this.#items ?? []) if (!play.over) play.cut(reason);
    this.#queue = undefined;
  }

  #add(items: readonly QueuedPlay[]): void {
    if (this.#items === undefined) this.#items = [...items];
    else this.#items.push(...items);
    if (this.#queue === undefined) this.#queue = [...items];
    else this.#queue.push(...items);
    this.#pump();
  }

  play(source: PlaySource, options: ReplyPlayOptions): Promise<PlayResult> {
    const { playback, env } = this.#host;
    const play = playback.start(options.bargeIn);
    const keepBytes = env.interruption.falseStartMs > 0 ? RESUMABLE_BYTES : 0;
    const item = createQueuedPlay({ play, source, options, clock: env.clock, keepBytes });
    stopOn(options.signal, play);
    this.#add([item]);
    return play.result;
  }

  finish(ending: ReplyEnding): void {
    if (this.ending !== undefined || this.done) return;
    this.ending = ending;
    this.#hold?.cancel();
    this.#pump();
  }

  attach(target: ReplyTarget): void {
    this.attached = true;
    this.#target = target;
    this.#writer = createReplyWriter<Play>(this.#host.env.audioMode, this);
    this.#host.playback.follow(target.output.share);
    this.#pump();
  }

  send(response: AgentResponse): void {
    this.#target?.output.send(response);
  }

  onAudioSent(play: Play, audio: Uint8Array): void {
    this.#target?.onAudio(audio.length);
    play.sent(audio);
  }

  isWanted(play: Play): boolean {
    return !play.silenced;
  }

  resume(items: readonly QueuedPlay[]): void {
    this.#add(items);
  }

  suspend(ending: ReplyEnding): readonly QueuedPlay[] {
    const going = this.#items?.filter(({ play }) => !play.over) ?? [];
    if (going.some(({ play }) => !play.bargeIn)) return [];
    this.#hold?.cancel();
    this.#queue = undefined;
    for (const item of going) item.suspend();
    this.ending ??= ending;
    if (!this.done && this.#target !== undefined && this.#writer !== undefined) {
      this.#sendFinal(this.#target, this.#writer, this.ending);
    }
    this.done = true;
    return going.filter(({ play }) => !play.over);
  }

  supersede(reason: AbortReason, ending: ReplyEnding): void {
    if (this.done && !this.#sealing) return;
    this.#drop(reason);
    // Its FINAL is on its way.
    if (this.#sealing) return;
    this.ending ??= ending;
    if (this.#target !== undefined && this.#writer !== undefined) {
      this.#sendFinal(this.#target, this.#writer, this.ending);
    } else this.done = true;
  }

  abandon(reason: AbortReason): void {
    if (this.done && !this.#sealing) return;
    this.done = true;
    this.#sealing = false;
    this.#drop(reason);
    this.#leave();
  }
}

/** Makes an empty reply. */
export function createReply(host: ReplyHost): Reply {
  return new SpokenReply(host);
}
