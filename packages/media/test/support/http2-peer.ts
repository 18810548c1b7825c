// A client that sends the bytes that it is given and reads frames: it checks that what comes back is HTTP/2.
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { http2Frame, ping } from './http2-script.ts';

const FRAME_HEAD_BYTES = 9;
const DATA = 0;
const HEADERS = 1;
const SETTINGS = 4;
const PING = 6;
const RST_STREAM = 3;
const GOAWAY = 7;
const MOST_KNOWN_TYPE = 9;
const ACK = 1;
const END_STREAM = 1;

/** What came back on one stream: the types of its frames, its DATA, and whether the server has ended it. */
export interface AnsweredStream {
  readonly types: number[];
  data: Buffer;
  ended: boolean;
}

/** A connection. */
export class Http2Peer {
  readonly #socket: Socket;
  readonly #streams = new Map<number, AnsweredStream>();
  #rest: Buffer = Buffer.alloc(0);
  #unacknowledged = 0;
  #pongs = 0;
  #pings = 0;
  #wake: (() => void) | undefined;
  #fault: string | undefined;

  private constructor(socket: Socket) {
    this.#socket = socket;
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => this.#read(bytes));
    socket.on('error', () => {});
    socket.on('close', () => this.#fail('the connection was closed'));
  }

  static async connect(port: number, tls = false): Promise<Http2Peer> {
    const socket = tls
      ? connectTls({ port, host: '127.0.0.1', rejectUnauthorized: false, ALPNProtocols: ['h2'] })
      : connect({ port, host: '127.0.0.1' });
    await once(socket, tls ? 'secureConnect' : 'connect');
    return new Http2Peer(socket);
  }

  /** What came back, by stream. */
  get streams(): ReadonlyMap<number, AnsweredStream> {
    return this.#streams;
  }

  write(bytes: Buffer): void {
    this.#socket.write(bytes);
  }

  /**
   * Resolves when the server has read everything that was written, and ended these streams: an answer to a PING overtakes DATA.
   * Rejects when the server refuses something, or sends no HTTP/2.
   */
  async settled(ending: Iterable<number>): Promise<void> {
    this.#pings += 1;
    // Not as they come: what is being written may be cut inside a frame.
    for (; this.#unacknowledged > 0; this.#unacknowledged -= 1) this.write(http2Frame(SETTINGS, ACK, 0));
    this.write(ping(this.#pings));
    const isOpen = (id: number): boolean => this.#streams.get(id)?.ended !== true;
    while ((this.#pongs < this.#pings || [...ending].some(isOpen)) && this.#fault === undefined) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    if (this.#fault !== undefined) throw new Error(this.#fault);
  }

  close(): void {
    this.#socket.destroy();
  }

  #fail(fault: string): void {
    this.#fault ??= fault;
    this.#wake?.();
  }

  #read(bytes: Buffer): void {
    this.#rest = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes]);
    let at = 0;
    while (this.#rest.length - at >= FRAME_HEAD_BYTES) {
      const end = at + FRAME_HEAD_BYTES + this.#rest.readUIntBE(at, 3);
      if (end > this.#rest.length) break;
      this.#frame(this.#rest.subarray(at, end));
      at = end;
    }
    this.#rest = this.#rest.subarray(at);
  }

  #frame(frame: Buffer): void {
    const type = frame[3] ?? 0;
    const flags = frame[4] ?? 0;
    const stream = frame.readUInt32BE(5);
    const payload = frame.subarray(FRAME_HEAD_BYTES);
    if (type > MOST_KNOWN_TYPE) this.#fail(`a frame of type ${type} came`);
    if (type === GOAWAY) this.#fail(`GOAWAY ${payload.readUInt32BE(4)}: ${payload.subarray(8)}`);
    if (type === SETTINGS && flags !== ACK) this.#unacknowledged += 1;
    if (type === PING && flags === ACK && payload.readUInt32BE(0) === 0) {
      this.#pongs = payload.readUInt32BE(4);
      this.#wake?.();
    }
    if (stream === 0) return;
    let answered = this.#streams.get(stream);
    if (answered === undefined) {
      answered = { types: [], data: Buffer.alloc(0), ended: false };
      this.#streams.set(stream, answered);
    }
    answered.types.push(type);
    if (type === DATA) answered.data = Buffer.concat([answered.data, payload]);
    if (type === RST_STREAM || ((type === DATA || type === HEADERS) && (flags & END_STREAM) !== 0)) {
      answered.ended = true;
      this.#wake?.();
    }
  }
}
