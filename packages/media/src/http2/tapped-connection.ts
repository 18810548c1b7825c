// A connection between the socket and Node's HTTP/2: all goes through as it is but the data of streams that were tapped,
// which goes to whoever tapped them. Node takes each piece of data through its HTTP/2 library, an object of the stream's and
// a call into JavaScript; for fifty small frames a second and call that is the greater part of what a frame costs.
import type { Http2Session } from 'node:http2';
import type { Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { createFrameBoundary } from './frame-boundary.ts';
import { type DataSink, FrameSplitter, type FrameSplitterHost } from './frame-splitter.ts';
import { windowUpdate } from './frames.ts';
import { createOutgoing, type Done, type Outgoing } from './outgoing.ts';
import { readIntoBuffer } from './own-buffer.ts';
import type { PacedReader, ReadPacer } from './read-pacer.ts';
import { release, releaseCopy } from './release.ts';

/** What a client may send on all streams together before it hears from us, in bytes: a second of 120 calls. */
export const CONNECTION_WINDOW_BYTES = 1_048_576;

/** The client is given back what was taken in portions: a quarter of what Node gives it at first, and of the above. */
const STREAM_CREDIT_BYTES = 16_384;
const CONNECTION_CREDIT_BYTES: number = CONNECTION_WINDOW_BYTES / 4;

/** A connection with so many frames within {@link RATE_WINDOW_MS} is busy. */
const BUSY_FRAMES = 60;
const RATE_WINDOW_MS = 40;

/** Frames of a call are so far apart. */
const FRAME_MS = 20;
/**
 * One that is expected is watched for so much longer than reading is put off before it can be there, and so long after it: a timer
 * fires up to a ms late, and frames come no more regularly than networks are.
 */
const EARLY_MS = 1;
const LATE_MS = 15;

/** A connection whose streams can be tapped. */
export class TappedConnection extends Duplex implements FrameSplitterHost, PacedReader {
  readonly #socket: Socket;
  /** Whether it reads into one buffer. */
  readonly #buffered: boolean;
  readonly #pacer: ReadPacer | undefined;
  readonly #splitter: FrameSplitter = new FrameSplitter(this);
  readonly #sent = createFrameBoundary();
  readonly #outgoing: Outgoing = createOutgoing();
  readonly #streams = new Map<number, DataSink>();
  #owed = 0;
  /** Frames that give back, to be sent. */
  #credits: Buffer[] = [];
  /** What was handed on is not being read: neither is the socket. */
  #full = false;
  #held = false;
  #busy = false;
  #countedAtMs = 0;
  #countedFrames = 0;
  /** When something was read last. */
  #readAtMs = Number.NEGATIVE_INFINITY;
  /** When frames are due at the earliest that are to be read as they come, the first ahead. */
  #dueAtMs: number[] = [];

  constructor(socket: Socket, pacer: ReadPacer | undefined) {
    super({ allowHalfOpen: true });
    this.#pacer = pacer;
    const waiting: unknown = socket.read();
    if (waiting instanceof Uint8Array) this.#take(waiting, waiting.length);
    const own = readIntoBuffer(socket, (bytes, length) => {
      this.#take(bytes, length);
      return !(this.#full || this.#held);
    });
    if (own === undefined) this.#shortCut(socket);
    this.#buffered = own !== undefined;
    this.#socket = own ?? socket;
    this.#socket.on('end', () => this.push(null));
    this.#socket.on('error', (error) => this.destroy(error));
    this.#socket.on('close', () => this.destroy());
    this.#socket.resume();
  }

  /** Bytes that came from the client, as a socket counts them. */
  get bytesRead(): number {
    return this.#socket.bytesRead;
  }

  /** Takes what arrives where Node hands it to the socket, so that it need not go through the socket's queue and events. */
  #shortCut(socket: Socket): void {
    socket.on('data', (bytes: Buffer) => this.#take(bytes, bytes.length));
    const push = socket.push.bind(socket);
    socket.push = (bytes: unknown, encoding?: BufferEncoding) => {
      if (!(bytes instanceof Uint8Array) || socket.readableLength > 0) return push(bytes, encoding);
      this.#take(bytes, bytes.length);
      release(bytes);
      // False stops the reading until it is asked for again.
      return !(this.#full || this.#held);
    };
  }

  #take(bytes: Uint8Array, length: number): void {
    const before = this.#splitter.taken;
    this.#splitter.push(bytes, length);
    if (this.#credits.length > 0) this.#sendCredits();
    if (this.#pacer !== undefined) this.#pace(this.#pacer, this.#splitter.taken - before);
  }

  #pace(pacer: ReadPacer, frames: number): void {
    this.#countedFrames += frames;
    const now = pacer.now();
    this.#readAtMs = now;
    if (now - this.#countedAtMs > RATE_WINDOW_MS) {
      this.#busy = this.#countedFrames >= BUSY_FRAMES;
      this.#countedFrames = 0;
      this.#countedAtMs = now;
    }
    if (!this.#busy || this.#held || this.#watches(now, pacer.intervalMs)) return;
    this.#held = true;
    pacer.hold(this);
  }

  /**
   * What a stream that was tapped sends next is to be read as it comes. Gives when it is due at the earliest, for
   * {@link arrived}; undefined where all is read as it comes.
   */
  expect(): number | undefined {
    const pacer = this.#pacer;
    if (pacer === undefined) return undefined;
    // What is being looked through may have come right after what was read before it.
    const cameMs = Math.max(this.#readAtMs, pacer.now() - pacer.intervalMs - EARLY_MS);
    this.#dueAtMs.push(cameMs + FRAME_MS);
    return cameMs + FRAME_MS;
  }

  /** What was expected has come, or will not any more. */
  arrived(dueMs: number): void {
    const index = this.#dueAtMs.indexOf(dueMs);
    if (index >= 0) this.#dueAtMs.splice(index, 1);
  }

  /** Whether something is due that would be kept waiting. */
  #watches(now: number, intervalMs: number): boolean {
    const due = this.#dueAtMs;
    let [first] = due;
    while (first !== undefined && now > first + LATE_MS) {
      due.shift();
      [first] = due;
    }
    return first !== undefined && now > first - intervalMs - EARLY_MS;
  }

  readOn(): void {
    this.#held = false;
    this.#read();
  }

  #read(): void {
    if (this.#full || this.#held || this.#socket.destroyed) return;
    if (this.#buffered) this.#socket.resume();
    else this.#socket._read(0);
  }

  /** The data of a stream goes to `sink` from here on. */
  tap(stream: number, sink: DataSink): void {
    sink.behind = true;
    this.#streams.set(stream, sink);
  }

  /** What still comes on a stream is handed on as all else. */
  release(stream: number): void {
    this.#streams.delete(stream);
  }

  /**
   * Nobody while Node, which reads nothing until what it wrote last is gone, may have some of the same stream that it has yet to
   * give: until all that was handed on has been read once since the stream was tapped.
   */
  sinkOf(stream: number): DataSink | undefined {
    const sink = this.#streams.get(stream);
    if (sink?.behind === true && (this.readableLength > 0 || this.readableFlowing !== true)) return undefined;
    return sink;
  }

  onTaken(stream: number, sink: DataSink, bytes: number): void {
    sink.behind = false;
    sink.owedBytes += bytes;
    if (sink.owedBytes >= STREAM_CREDIT_BYTES) {
      this.#credits.push(windowUpdate(stream, sink.owedBytes));
      sink.owedBytes = 0;
    }
    this.#owed += bytes;
    if (this.#owed < CONNECTION_CREDIT_BYTES) return;
    this.#credits.push(windowUpdate(0, this.#owed));
    this.#owed = 0;
  }

  onEnd(stream: number): void {
    this.release(stream);
  }

  pass(bytes: Uint8Array): void {
    // A copy: what was read is gone when it has been looked through.
    if (!this.push(Buffer.from(bytes))) this.#full = true;
  }

  /** Between two frames of what Node sends; else with the rest of the frame that is being sent. */
  #sendCredits(): void {
    if (!this.#sent.between || this.#socket.destroyed || this.#socket.writableEnded) return;
    const credits = this.#credits;
    this.#credits = [];
    this.#socket.write(credits.length === 1 && credits[0] !== undefined ? credits[0] : Buffer.concat(credits));
  }

  override _read(): void {
    if (!this.#full) return;
    this.#full = false;
    this.#read();
  }

  /**
   * What Node's HTTP/2 sends goes to the socket's queue, and not to one of this stream's before it: each makes its objects of
   * every piece. Node sends the next when this has been written, so that it keeps to what the socket takes.
   */
  override write(bytes: Buffer, done: Done): boolean;
  override write(bytes: Buffer, encoding: BufferEncoding, done?: Done): boolean;
  override write(bytes: Buffer, encodingOrDone: BufferEncoding | Done, done?: Done): boolean {
    const written = typeof encodingOrDone === 'function' ? encodingOrDone : done;
    this.#sent.follow(bytes);
    if (this.#outgoing.add(bytes, written)) return true;
    return this.#socket.write(bytes, (error) => {
      releaseCopy(bytes);
      written?.(error);
    });
  }

  override cork(): void {
    this.#outgoing.open();
  }

  override uncork(): void {
    if (this.#credits.length === 0) {
      this.#outgoing.writeTo(this.#socket);
      return;
    }
    this.#socket.cork();
    this.#outgoing.writeTo(this.#socket);
    this.#sendCredits();
    this.#socket.uncork();
  }

  override _final(done: Done): void {
    this.#socket.end(() => done());
  }

  override _destroy(error: Error | null, done: Done): void {
    this.#streams.clear();
    this.#socket.destroy();
    done(error);
  }
}

const CONNECTIONS = new WeakMap<Http2Session, TappedConnection>();

/** Says by which connection a session of Node's goes. */
export function bindSession(session: Http2Session, connection: TappedConnection): void {
  CONNECTIONS.set(session, connection);
}

/** The connection by which a session goes, where it can be tapped. */
export function connectionOf(session: Http2Session | undefined): TappedConnection | undefined {
  return session === undefined ? undefined : CONNECTIONS.get(session);
}
