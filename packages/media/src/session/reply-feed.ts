// The audio of one prompt on its way into a reply, in slices that the RPC has room for. What a source gives is of any size: a
// prompt from memory comes whole.
import type { OutputShare } from '../output/output-share.ts';
import { ABORTED, abortable } from './abortable.ts';
import type { Play } from './playback.ts';

/** The reply that a prompt is fed to. */
export interface FedReply {
  /** Whether it takes more. */
  readonly done: boolean;
  /** Called when audio waits for room: the agent owes nothing meanwhile. */
  onHeldBack(): void;
  /** Called when the wait is over: from now on it owes something again. */
  onRoom(): void;
}

/** What {@link ReplyFeed} needs. */
export interface ReplyFeedInit {
  readonly play: Play;
  readonly reply: FedReply;
  /** What the RPC takes of the budget of its connection. */
  readonly share: OutputShare;
  /** Whether the reply holds the audio until it is complete, and does not send it at once. */
  readonly toHold: boolean;
  /** Takes a slice. */
  readonly take: (slice: Uint8Array) => void;
}

/** Feeds one prompt. */
export class ReplyFeed {
  readonly #init: ReplyFeedInit;

  constructor(init: ReplyFeedInit) {
    this.#init = init;
  }

  get #wanted(): boolean {
    const { play, reply } = this.#init;
    return !play.over && !reply.done;
  }

  /** Takes what a source gave. The promise resolves when it may give more; undefined where it may at once. */
  push(bytes: Uint8Array): Promise<void> | undefined {
    const taken = this.#takeFrom(bytes, 0);
    const { share, toHold } = this.#init;
    if (!this.#wanted || (taken === bytes.length && share.room(toHold) > 0)) return undefined;
    return this.#pushLater(bytes, taken);
  }

  /** Takes as much as there is room for, from `start` on. Returns where it stopped. */
  #takeFrom(bytes: Uint8Array, start: number): number {
    const { share, toHold, take } = this.#init;
    let taken = start;
    while (taken < bytes.length && this.#wanted) {
      const room = share.room(toHold);
      if (room === 0) break;
      const end = Math.min(taken + room, bytes.length);
      take(end - taken === bytes.length ? bytes : bytes.subarray(taken, end));
      taken = end;
    }
    return taken;
  }

  async #pushLater(bytes: Uint8Array, start: number): Promise<void> {
    const { share, toHold } = this.#init;
    let taken = start;
    while (this.#wanted) {
      const wait = share.wait(toHold);
      if (wait !== undefined) {
        await this.#untilRoom(wait);
        continue;
      }
      if (taken === bytes.length) return;
      taken = this.#takeFrom(bytes, taken);
    }
  }

  async #untilRoom(wait: Promise<void>): Promise<void> {
    const { play, reply, share } = this.#init;
    reply.onHeldBack();
    if ((await abortable(wait, play.signal)) === ABORTED) share.stopWaiting();
    if (!reply.done) reply.onRoom();
  }
}
