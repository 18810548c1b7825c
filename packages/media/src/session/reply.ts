// One reply to the caller: what is to be played, in order, and how it ends. It is filled by a handler, may wait for an
// RPC to travel on, and is pumped into the writer of that RPC's audio mode.

import { type AbortReason, MediaError } from '../errors/media-errors.ts';
import type { PlaySource } from '../prompt/prompt.ts';
import type { PlayResult } from '../turn/play-result.ts';
import { type AudioMode, createReplyWriter, type ReplyEnding, type ReplyWriter } from '../turn/reply-writer.ts';
import type { RpcOutput } from '../wire/port.ts';
import type { AgentResponse } from '../wire/response.ts';
import type { Clock, ClockTimer } from './clock.ts';
import type { Play, Playback } from './playback.ts';
import { createQueuedPlay, type QueuedPlay, type ReplyPlayOptions } from './queued-play.ts';

/** What a reply needs of its call. */
export interface ReplyOptions {
  readonly mode: AudioMode;
  readonly clock: Clock;
  readonly playback: Playback;
  /** How long a reply stays open for more after its last prompt that the caller may interrupt. */
  readonly finalHoldMs: number;
  /** The longest that a terminal event waits for audio that still plays. */
  readonly terminalWaitMs: number;
  /** The largest reply that is held for one FINAL. */
  readonly maxReplyBytes: number;
  /** How much of a prompt is kept, to be said again from the middle; 0 for nothing. */
  readonly keepBytes: number;
  /** Told of a prompt that could not be made, whether or not its handler awaits it. */
  readonly onPlayFailed: (error: unknown) => void;
  /** How the reply ends when nobody says it. */
  readonly defaultEnding: () => ReplyEnding;
  /** What the FINAL waits for. None: it goes out at once. */
  readonly beforeFinal: ((ending: ReplyEnding) => Promise<void>) | undefined;
}

/** Where a reply travels. */
export interface ReplyTarget {
  readonly output: RpcOutput;
  /** Audio was made, so the turn is alive. */
  onProgress(): void;
  /** So many bytes of mu-law at 8 kHz went to the caller. */
  onAudio(bytes: number): void;
  /** The end of the call waits for audio that still plays: no answer is overdue. */
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

/** Makes an empty reply. */
export function createReply(options: ReplyOptions): Reply {
  const { clock, playback } = options;
  const queue: QueuedPlay[] = [];
  const items: QueuedPlay[] = [];
  let target: ReplyTarget | undefined;
  let writer: ReplyWriter<Play> | undefined;
  let ending: ReplyEnding | undefined;
  let done = false;
  /** Complete, and waiting for what comes before the FINAL. */
  let sealing = false;
  let pumping = false;
  let hold: ClockTimer | undefined;

  const checkSize = (bytes: number): void => {
    if (bytes <= options.maxReplyBytes) return;
    throw new MediaError({
      code: 'PROMPT_FAILED',
      message:
        `The prompts of one response are larger than ${options.maxReplyBytes} bytes, which the platform would ` +
        "refuse. Use shorter prompts, or audioMode 'chunk'.",
    });
  };

  /** Audio that goes out before the reply is complete: collected, since it goes in one message. */
  const renderPartial = async (item: QueuedPlay, to: ReplyWriter<Play>, uninterruptible: boolean): Promise<void> => {
    const { play, options: how } = item;
    const pieces: Uint8Array[] = [];
    let bytes = 0;
    await item.render((piece) => {
      bytes += piece.length;
      checkSize(bytes);
      pieces.push(piece);
      return undefined;
    });
    if (!play.over && !done) to.partial(play, Buffer.concat(pieces), { bargeIn: how.bargeIn, uninterruptible });
  };

  const render = async (item: QueuedPlay, out: ReplyTarget, to: ReplyWriter<Play>): Promise<void> => {
    const { play, options: how } = item;
    if (how.partial !== undefined && !item.begun) return renderPartial(item, to, how.partial.uninterruptible);
    to.begin(play, how.bargeIn);
    return item.render((piece) => {
      if (done) return undefined;
      checkSize(to.heldBytes + piece.length);
      to.write(piece);
      out.onProgress();
      return out.output.drained();
    });
  };

  const sendFinal = (out: ReplyTarget, to: ReplyWriter<Play>, how: ReplyEnding): void => {
    done = true;
    hold?.cancel();
    const send = (): void => {
      to.finish(how);
      out.onReplied(how);
    };
    if (options.beforeFinal === undefined) {
      send();
      return;
    }
    sealing = true;
    void options.beforeFinal(how).then(() => {
      if (!sealing) return;
      sealing = false;
      send();
    });
  };

  const pump = async (): Promise<void> => {
    if (pumping || target === undefined || writer === undefined || done) return;
    pumping = true;
    const out = target;
    const to = writer;
    for (;;) {
      const next = queue.shift();
      if (next === undefined) break;
      hold?.cancel();
      try {
        if (!next.play.over) await render(next, out, to);
        next.play.complete();
      } catch (error) {
        if (!next.play.over) options.onPlayFailed(error);
        next.play.fail(error);
      }
      if (done) return;
    }
    pumping = false;
    if (ending === undefined) {
      // A prompt that waits for its end on the clock keeps its handler waiting, so nobody is left to end the reply.
      if (items.some(({ play }) => play.bargeIn && !play.over)) {
        hold = clock.setTimer(() => reply.finish(options.defaultEnding()), options.finalHoldMs);
      }
      return;
    }
    if (ending.expectation === undefined) {
      out.onWaiting();
      await playback.idle(options.terminalWaitMs);
    }
    if (!done) sendFinal(out, to, ending);
  };

  const drop = (reason: AbortReason): void => {
    hold?.cancel();
    for (const { play } of items) if (!play.over) play.cut(reason);
    queue.length = 0;
  };

  const reply: Reply = {
    get open() {
      return ending === undefined && !done;
    },
    get attached() {
      return target !== undefined;
    },
    get ending() {
      return ending;
    },
    get interruptible() {
      if (ending !== undefined && ending.expectation === undefined) return false;
      return items.every(({ play }) => play.over || play.bargeIn);
    },
    play(source, how) {
      const play = playback.start(how.bargeIn);
      const item = createQueuedPlay({ play, source, options: how, clock, keepBytes: options.keepBytes });
      items.push(item);
      queue.push(item);
      stopOn(how.signal, play);
      void pump();
      return play.result;
    },
    finish(how) {
      if (ending !== undefined || done) return;
      ending = how;
      hold?.cancel();
      void pump();
    },
    attach(to) {
      target = to;
      writer = createReplyWriter<Play>({
        mode: options.mode,
        send: (response: AgentResponse) => to.output.send(response),
        onAudioSent(play, audio) {
          to.onAudio(audio.length);
          play.sent(audio);
        },
        isWanted: (play) => !play.silenced,
      });
      void pump();
    },
    get settled() {
      return done && items.every(({ play }) => play.over);
    },
    resume(going) {
      items.push(...going);
      queue.push(...going);
      void pump();
    },
    suspend(how) {
      const going = items.filter(({ play }) => !play.over);
      if (going.some(({ play }) => !play.bargeIn)) return [];
      hold?.cancel();
      queue.length = 0;
      for (const item of going) item.suspend();
      ending ??= how;
      if (!done && target !== undefined && writer !== undefined) sendFinal(target, writer, ending);
      done = true;
      return going.filter(({ play }) => !play.over);
    },
    supersede(reason, how) {
      if (done && !sealing) return;
      drop(reason);
      // Its FINAL is on its way.
      if (sealing) return;
      ending ??= how;
      if (target !== undefined && writer !== undefined) sendFinal(target, writer, ending);
      else done = true;
    },
    abandon(reason) {
      if (done && !sealing) return;
      done = true;
      sealing = false;
      drop(reason);
    },
  };
  return reply;
}
