// One RPC on its HTTP/2 stream, whatever its method: what arrives is pushed on as it arrives, message by message, with no
// promise and no object between. Ends as the path through Connect does, see ../voice-service.ts.
import type { ServerHttp2Stream } from 'node:http2';
import type { DataSink } from '../../http2/frame-splitter.ts';
import { connectionOf, type TappedConnection } from '../../http2/tapped-connection.ts';
import type { OutputBudget } from '../../output/output-budget.ts';
import type { OutputShare } from '../../output/output-share.ts';
import type { LimitName, OnLimit } from '../../wire/limit-name.ts';
import type { RpcFailure } from '../../wire/port.ts';
import type { StatusName } from '../status.ts';
import { HALF_CLOSE_WAIT_MS } from '../voice-service.ts';
import { allowanceOf } from './decompression-allowance.ts';
import {
  createFrameReader,
  type FrameReader,
  type FrameSink,
  HEAD_BYTES,
  isOneMessage,
  type MessageEncoding,
} from './frame-reader.ts';
import { LaneError } from './lane-error.ts';
import { LaneOutput } from './lane-output.ts';
import type { MessageWatch, WatchedRpc } from './message-watch.ts';
import type { LaneRequest } from './request-headers.ts';
import { listenTo, type StreamListener } from './stream-listener.ts';
import { MalformedMessageError } from './wire-reader.ts';

/** What all RPCs of a lane share. */
export interface LaneRpcParts {
  readonly maxMessageBytes: number;
  /** Bounds what waits for clients that read slowly. */
  readonly budget: OutputBudget;
  /** Bounds what the RPCs of one connection have decompressed within a minute. */
  readonly maxDecompressedBytes: number;
  readonly watch: MessageWatch;
  readonly onLimit: OnLimit;
  /** Called when the RPC is over. */
  readonly onOver: (rpc: LaneRpc) => void;
  /** Called with what a method threw that is not the client's doing; the RPC has ended with INTERNAL. */
  readonly onFault: (error: unknown) => void;
}

/** What a method makes of the messages of one RPC. */
export interface LaneMethod {
  /**
   * Takes the message from `start` to before `end`, bytes that hold something else afterwards. False when no more are wanted.
   *
   * @throws MalformedMessageError when the bytes are no message
   */
  message(bytes: Uint8Array, start: number, end: number): boolean;
  halfClose(): void;
  /** The client has reset the stream, the connection broke, or the RPC was broken off. */
  cancel(): void;
  /** The RPC is over: nothing more is asked. */
  release(): void;
}

/** An RPC that is open. What is sent once it is over goes nowhere. */
export interface LaneRpc extends WatchedRpc {
  /** Begins to read. */
  start(method: LaneMethod, request: LaneRequest): void;
  /** Ends it from outside: the core is told as when the client leaves, the client is told the status. */
  breakOff(status: StatusName, message: string): void;
  /** Sends a message, with its framing, in pieces. After one that is `last`, the end does not wait for the client's. */
  send(pieces: readonly Uint8Array[], last: boolean): void;
  /** What the RPC takes of its connection's budget. */
  readonly share: OutputShare;
  /** The client's next message is to be read as soon as it is there. */
  expectNext(): void;
  /** Ends the RPC with OK after what was sent. */
  complete(): void;
  /** Ends the RPC with an error. */
  fail(failure: RpcFailure, message: string): void;
}

class Rpc implements LaneRpc, FrameSink, StreamListener, DataSink {
  readonly #stream: ServerHttp2Stream;
  readonly #parts: LaneRpcParts;
  /** Made when there is something to send: a call waits for most of its time. */
  #out: LaneOutput | undefined;
  /** Made when what arrives is not one message as it is: of an RPC that waits, one thing less to keep. */
  #frames: FrameReader | undefined;
  /** A message has begun whose end has not come. */
  #cut = false;
  #encoding: MessageEncoding = 'identity';
  #method: LaneMethod | undefined;
  /** The core takes more. */
  #reading = false;
  #halfClosed = false;
  /** The core has said its last word. */
  #completed = false;
  #terminal = false;
  awaitedSince = 0;
  awaitsFirst = true;
  /** The stream was ended, or is gone. */
  #over = false;
  /** By which the stream can be tapped. */
  #connection: TappedConnection | undefined;
  /** The id of the stream when it was; kept, since a stream that is gone has none. */
  #tapped: number | undefined;
  owedBytes = 0;
  behind = false;
  /** When what comes next is due, while the connection watches for it. */
  #dueMs: number | undefined;
  #waitTimer: NodeJS.Timeout | undefined;
  #deadlineTimer: NodeJS.Timeout | undefined;

  constructor(stream: ServerHttp2Stream, parts: LaneRpcParts) {
    this.#stream = stream;
    this.#parts = parts;
  }

  get #outgoing(): LaneOutput {
    this.#out ??= new LaneOutput(this.#stream, this.#parts.budget);
    return this.#out;
  }

  start(method: LaneMethod, { encoding, timeoutMs, declaresLength }: LaneRequest): void {
    this.#method = method;
    this.#reading = true;
    this.#encoding = encoding;
    this.awaitedSince = this.#parts.watch.tick;
    if (timeoutMs !== undefined) {
      this.#deadlineTimer = setTimeout(() => this.breakOff('deadline_exceeded', 'The deadline has passed.'), timeoutMs);
      this.#deadlineTimer.unref();
    }
    const { session } = this.#stream;
    if (!declaresLength) this.#connection = connectionOf(session);
    listenTo(this.#stream, this);
  }

  onPushed(piece: Uint8Array): void {
    this.onData(piece, 0, piece.length);
    // From here on what follows comes by the tap. Not earlier: what waits in the stream's queue was sent before it.
    const { id, closed } = this.#stream;
    if (this.#tapped !== undefined || this.#connection === undefined || id === undefined || closed) return;
    this.#tapped = id;
    this.#connection.tap(id, this);
  }

  onQueued(piece: Uint8Array): void {
    this.onData(piece, 0, piece.length);
  }

  onData(piece: Uint8Array, start: number, end: number): void {
    if (this.#dueMs !== undefined) this.#expectNoMore(this.#dueMs);
    // What nobody reads is let go, so that it does not use up the connection's flow control.
    if (!this.#reading) return;
    const { maxMessageBytes } = this.#parts;
    try {
      if (!this.#cut && isOneMessage(piece, start, end, maxMessageBytes)) {
        this.onMessage(piece, start + HEAD_BYTES, end);
        return;
      }
      this.#frames ??= this.#createReader();
      this.#frames.push(piece, start, end);
      this.#cut = this.#frames.cut;
      if (this.#cut && this.awaitedSince === 0) this.awaitedSince = this.#parts.watch.tick;
    } catch (error) {
      this.#refuse(error);
    }
  }

  #createReader(): FrameReader {
    const { maxMessageBytes, maxDecompressedBytes } = this.#parts;
    const allowance = allowanceOf(this.#stream.session, maxDecompressedBytes);
    return createFrameReader(this, maxMessageBytes, this.#encoding, allowance);
  }

  onMessage(bytes: Uint8Array, start: number, end: number): void {
    if (!this.#reading) return;
    this.awaitedSince = 0;
    this.awaitsFirst = false;
    if (this.#method?.message(bytes, start, end) === false) this.#stopReading();
  }

  /** The core wants no more of this RPC. Its answer need not wait for the client to finish. */
  #stopReading(): void {
    this.#reading = false;
    if (this.#completed) this.#end('ok', '');
  }

  onEnd(): void {
    this.#halfClosed = true;
    this.awaitedSince = 0;
    if (this.#over || !this.#reading) return;
    if (this.#cut) {
      this.breakOff('invalid_argument', 'A message is cut short.');
      return;
    }
    try {
      this.#method?.halfClose();
    } catch (error) {
      this.#refuse(error);
      return;
    }
    if (this.#completed) this.#end('ok', '');
  }

  onGone(): void {
    if (this.#tapped !== undefined) this.#connection?.release(this.#tapped);
    this.#out?.close();
    if (this.#over) return;
    this.#cancel();
    this.#close();
  }

  /** Ends the RPC by what reading it threw: a fault of the client's has a status, one of the server's is INTERNAL. */
  #refuse(error: unknown): void {
    if (error instanceof LaneError) {
      if (error.limit !== undefined) this.#parts.onLimit(error.limit);
      this.breakOff(error.code, error.message);
    } else if (error instanceof MalformedMessageError) this.breakOff('internal', error.message);
    else {
      this.#parts.onFault(error);
      this.breakOff('internal', 'The message could not be taken.');
    }
  }

  /** Called in events of the stream and by timers, where an exception would end the process. */
  #cancel(): void {
    try {
      this.#method?.cancel();
    } catch (error) {
      this.#parts.onFault(error);
    }
  }

  breakOff(status: StatusName, message: string): void {
    if (this.#over) return;
    this.#cancel();
    this.#end(status, message);
  }

  expire(limit: LimitName): void {
    this.#parts.onLimit(limit);
    this.breakOff('deadline_exceeded', 'The client did not send its message in time.');
  }

  send(pieces: readonly Uint8Array[], last: boolean): void {
    if (this.#completed || this.#over) return;
    this.#terminal = last;
    this.#outgoing.send(pieces);
  }

  get share(): OutputShare {
    return this.#outgoing.share;
  }

  expectNext(): void {
    if (this.#dueMs !== undefined || this.#tapped === undefined || this.#over) return;
    this.#dueMs = this.#connection?.expect();
  }

  #expectNoMore(dueMs: number): void {
    this.#dueMs = undefined;
    this.#connection?.arrived(dueMs);
  }

  complete(): void {
    if (this.#completed || this.#over) return;
    this.#completed = true;
    this.#out?.share.release();
    if (this.#halfClosed || !this.#reading || this.#out?.answered !== true || this.#terminal) {
      this.#end('ok', '');
      return;
    }
    this.#waitTimer = setTimeout(() => this.#end('ok', ''), HALF_CLOSE_WAIT_MS);
    this.#waitTimer.unref();
  }

  fail(failure: RpcFailure, message: string): void {
    if (!this.#completed) this.#end(failure, message);
  }

  #end(status: 'ok' | StatusName, message: string): void {
    if (this.#over) return;
    this.#close();
    this.#outgoing.end(status, message);
  }

  #close(): void {
    this.#over = true;
    this.#reading = false;
    this.awaitedSince = 0;
    clearTimeout(this.#waitTimer);
    clearTimeout(this.#deadlineTimer);
    if (this.#dueMs !== undefined) this.#expectNoMore(this.#dueMs);
    this.#method?.release();
    this.#parts.onOver(this);
  }
}

/** Makes an RPC on a stream whose headers were read. */
export function createLaneRpc(stream: ServerHttp2Stream, parts: LaneRpcParts): LaneRpc {
  return new Rpc(stream, parts);
}
