// Goes through what a client sends over HTTP/2, frame by frame, and takes out the data of streams that were asked for. The
// rest is handed on as it came, in as few pieces as may be.
import {
  endOfStream,
  FLAG_END_HEADERS,
  FLAG_END_STREAM,
  FLAG_PADDED,
  FRAME_CONTINUATION,
  FRAME_DATA,
  FRAME_HEAD_BYTES,
  FRAME_HEADERS,
  MAX_PAYLOAD_BYTES,
  PREFACE_BYTES,
  paddedHead,
  payloadBytes,
  streamOf,
} from './frames.ts';

/** Takes the data of one stream. */
export interface DataSink {
  /** Bytes that were taken and not given back to the client: kept here by who gives them back, and 0 at first. */
  owedBytes: number;
  /** Some of what was handed on may be its own and not given to it yet: kept here by who hands on, too. */
  behind: boolean;
  /** Takes data from `start` to before `end`. Around it is what others sent, and afterwards what comes next. */
  onData(bytes: Uint8Array, start: number, end: number): void;
}

/** What a splitter tells. */
export interface FrameSplitterHost {
  /** Who takes the data of a stream now; `undefined`: it is handed on. */
  sinkOf(stream: number): DataSink | undefined;
  /** So many bytes of a stream's flow control were taken for `sink`. */
  onTaken(stream: number, sink: DataSink, bytes: number): void;
  /** The client has ended its side of a stream; the end is handed on after this. */
  onEnd(stream: number): void;
  /** What is handed on; to be copied by who keeps it. */
  pass(bytes: Uint8Array): void;
}

/** Where in a frame the splitter is. */
const HEAD = 0;
/** In bytes that are handed on. */
const PASSING = 1;
/** At the byte that tells how much padding there is. */
const PAD_LENGTH = 2;
const DATA = 3;
const PADDING = 4;

/** Splits one connection. */
export class FrameSplitter {
  readonly #host: FrameSplitterHost;
  /** A head that is cut by the end of a piece. */
  readonly #head: Uint8Array = new Uint8Array(FRAME_HEAD_BYTES);
  #headLength = 0;
  #state: typeof HEAD | typeof PASSING | typeof PAD_LENGTH | typeof DATA | typeof PADDING = PASSING;
  /** Of what {@link #state} says. */
  #left = PREFACE_BYTES;
  #padding = 0;
  #stream = 0;
  #sink: DataSink | undefined;
  #endsStream = false;
  /** Between HEADERS and the CONTINUATION that ends them nothing else may come: whatever does is for others to refuse. */
  #inHeaders = false;
  /** Data frames that were taken. */
  taken = 0;

  constructor(host: FrameSplitterHost) {
    this.#host = host;
  }

  /** Takes a piece of what the client sends: what lies before `end`. Nothing of it is looked at after this. */
  push(bytes: Uint8Array, end: number = bytes.length): void {
    let at = 0;
    /** Where what is handed on begins that has not been yet. */
    let from = 0;
    while (at < end) {
      switch (this.#state) {
        case HEAD: {
          if (this.#headLength > 0 || end - at < FRAME_HEAD_BYTES) {
            // A head that is cut is handed on, or not, when it is whole.
            this.#pass(bytes, from, at);
            at = this.#collectHead(bytes, at, end);
            from = at;
            break;
          }
          let sink = this.#sinkOf(bytes, at);
          if (sink !== undefined && from < at) {
            // What comes before is handed on first: it may be that it cannot be taken, and then this has to wait behind it.
            this.#pass(bytes, from, at);
            from = at;
            sink = this.#sinkOf(bytes, at);
          }
          if (!this.#open(bytes, at, sink)) from = at + FRAME_HEAD_BYTES;
          at += FRAME_HEAD_BYTES;
          break;
        }
        case PASSING: {
          const taken = Math.min(this.#left, end - at);
          at += taken;
          this.#left -= taken;
          if (this.#left === 0) this.#state = HEAD;
          break;
        }
        case PAD_LENGTH:
          this.#openPadded(bytes[at] ?? 0);
          at += 1;
          from = at;
          break;
        case DATA: {
          const taken = Math.min(this.#left, end - at);
          this.#left -= taken;
          this.#sink?.onData(bytes, at, at + taken);
          at += taken;
          from = at;
          if (this.#left === 0) this.#closeData();
          break;
        }
        case PADDING: {
          const taken = Math.min(this.#left, end - at);
          at += taken;
          from = at;
          this.#left -= taken;
          if (this.#left === 0) this.#closeFrame();
          break;
        }
      }
    }
    this.#pass(bytes, from, end);
  }

  #pass(bytes: Uint8Array, from: number, to: number): void {
    if (from < to) this.#host.pass(from === 0 && to === bytes.length ? bytes : bytes.subarray(from, to));
  }

  /** Adds to a head that the end of a read has cut. Behind `end` lies what an earlier read has left in the buffer. */
  #collectHead(bytes: Uint8Array, at: number, end: number): number {
    const taken = Math.min(FRAME_HEAD_BYTES - this.#headLength, end - at);
    this.#head.set(bytes.subarray(at, at + taken), this.#headLength);
    this.#headLength += taken;
    if (this.#headLength === FRAME_HEAD_BYTES) {
      this.#headLength = 0;
      if (this.#open(this.#head, 0, this.#sinkOf(this.#head, 0))) this.#host.pass(this.#head.slice());
    }
    return at + taken;
  }

  /** Who takes the frame with this head: nobody, when it is no data of a stream that was asked for. */
  #sinkOf(bytes: Uint8Array, at: number): DataSink | undefined {
    if (bytes[at + 3] !== FRAME_DATA || this.#inHeaders) return undefined;
    const length = payloadBytes(bytes, at);
    // What holds nothing is counted, where it is too often, by whoever else reads the connection.
    if (length === 0 || length > MAX_PAYLOAD_BYTES) return undefined;
    return this.#host.sinkOf(streamOf(bytes, at));
  }

  /** Begins a frame by its head. True when the frame is handed on, head and all. */
  #open(bytes: Uint8Array, at: number, sink: DataSink | undefined): boolean {
    const length = payloadBytes(bytes, at);
    const type = bytes[at + 3] ?? 0;
    const flags = bytes[at + 4] ?? 0;
    this.#left = length;
    if (sink === undefined) {
      if (type === FRAME_HEADERS || type === FRAME_CONTINUATION) this.#inHeaders = (flags & FLAG_END_HEADERS) === 0;
      this.#state = length === 0 ? HEAD : PASSING;
      return true;
    }
    this.taken += 1;
    this.#stream = streamOf(bytes, at);
    this.#sink = sink;
    this.#endsStream = (flags & FLAG_END_STREAM) !== 0;
    this.#padding = 0;
    this.#state = (flags & FLAG_PADDED) === 0 ? DATA : PAD_LENGTH;
    this.#host.onTaken(this.#stream, sink, length);
    return false;
  }

  #openPadded(padding: number): void {
    const rest = this.#left - 1;
    if (padding > rest) {
      // More padding than there is payload ends the connection. Whoever else reads it is to see that.
      this.#host.pass(paddedHead(this.#stream, this.#left, this.#endsStream, padding));
      this.#left = rest;
      this.#state = rest === 0 ? HEAD : PASSING;
      return;
    }
    this.#padding = padding;
    this.#left = rest - padding;
    this.#state = DATA;
    if (this.#left === 0) this.#closeData();
  }

  #closeData(): void {
    this.#left = this.#padding;
    this.#state = PADDING;
    if (this.#left === 0) this.#closeFrame();
  }

  #closeFrame(): void {
    this.#state = HEAD;
    this.#sink = undefined;
    if (!this.#endsStream) return;
    this.#endsStream = false;
    this.#host.onEnd(this.#stream);
    this.#host.pass(endOfStream(this.#stream));
  }
}
