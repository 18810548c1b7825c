// A TCP relay that stands for a network between client and server: it cuts what passes into pieces, as segments do, and
// delays it, as distance does. Loopback hands on whole writes and hides what depends on either.
import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';

/** How {@link startRelay} relays; both directions alike. */
export interface RelayOptions {
  /** The port of the server, on 127.0.0.1. */
  readonly targetPort: number;
  /** The most bytes that are handed on at a time. Default: what came, in one piece. */
  readonly pieceBytes?: number;
  /** From one piece to the next, in ms. Default 0: the next turn of the event loop. */
  readonly everyMs?: number;
  /** From the arrival of a byte to when it is handed on, in ms: half of what is added to a round trip. Default 0. */
  readonly latencyMs?: number;
}

/** What may be under way in one direction; as the window of TCP, it holds back a sender that is faster than the line. */
const MAX_UNDER_WAY_BYTES = 4_194_304;

interface Arrival {
  readonly bytes: Buffer;
  /** When the first of them may be handed on. */
  readonly dueMs: number;
}

/** How far a line that is late makes up for it. A process that stood still for a second sends no flood of pieces. */
const MAX_BEHIND_PIECES = 20;

/** One direction of a connection. */
class Line {
  readonly #from: Socket;
  readonly #to: Socket;
  readonly #pieceBytes: number;
  readonly #everyMs: number;
  readonly #latencyMs: number;
  readonly #arrivals: Arrival[] = [];
  /** Where in the first arrival the next piece begins. */
  #at = 0;
  #underWayBytes = 0;
  /** When the line is free for the next piece. */
  #freeMs = 0;
  /** When the end is due that came behind the last arrival. */
  #endMs: number | undefined;
  #waiting = false;

  constructor(from: Socket, to: Socket, { pieceBytes, everyMs, latencyMs }: RelayOptions) {
    this.#from = from;
    this.#to = to;
    this.#pieceBytes = pieceBytes ?? Number.MAX_SAFE_INTEGER;
    this.#everyMs = everyMs ?? 0;
    this.#latencyMs = latencyMs ?? 0;
    from.on('data', (bytes: Buffer) => this.#arrive(bytes));
    from.on('end', () => {
      this.#endMs = performance.now() + this.#latencyMs;
      this.#wait();
    });
    to.on('drain', () => {
      this.#holdBack();
      this.#wait();
    });
  }

  #arrive(bytes: Buffer): void {
    this.#arrivals.push({ bytes, dueMs: performance.now() + this.#latencyMs });
    this.#underWayBytes += bytes.length;
    this.#holdBack();
    this.#wait();
  }

  /** Reads the sender while the receiver takes what is handed on, and the line holds no more than it may. */
  #holdBack(): void {
    if (this.#to.writableNeedDrain || this.#underWayBytes > MAX_UNDER_WAY_BYTES) this.#from.pause();
    else this.#from.resume();
  }

  get #dueMs(): number | undefined {
    const [first] = this.#arrivals;
    return first === undefined ? this.#endMs : Math.max(first.dueMs, this.#freeMs);
  }

  /** Waits for what is due next. What is late goes in a turn of its own all the same, to be read by itself. */
  #wait(): void {
    const dueMs = this.#dueMs;
    if (this.#waiting || dueMs === undefined) return;
    this.#waiting = true;
    const waitMs = dueMs - performance.now();
    if (waitMs > 0) setTimeout(this.#onDue, waitMs);
    else setImmediate(this.#onDue);
  }

  readonly #onDue = (): void => {
    this.#waiting = false;
    if (this.#to.destroyed) return;
    const nowMs = performance.now();
    const dueMs = this.#dueMs ?? Number.POSITIVE_INFINITY;
    // The receiver's 'drain' continues here when it has taken what it was given.
    if (!this.#to.writableNeedDrain && dueMs <= nowMs) this.#handOn(dueMs, nowMs);
    this.#holdBack();
    if (!this.#to.writableNeedDrain) this.#wait();
  };

  #handOn(dueMs: number, nowMs: number): void {
    if (this.#arrivals.length === 0) {
      this.#endMs = undefined;
      this.#to.end();
      return;
    }
    this.#freeMs = Math.max(dueMs, nowMs - MAX_BEHIND_PIECES * this.#everyMs) + this.#everyMs;
    this.#to.write(this.#takePiece(nowMs));
  }

  /** Takes what is due as one piece, as TCP joins small writes that wait for the line. */
  #takePiece(nowMs: number): Buffer {
    const parts: Buffer[] = [];
    let room = this.#pieceBytes;
    for (
      let first = this.#arrivals[0];
      first !== undefined && first.dueMs <= nowMs && room > 0;
      [first] = this.#arrivals
    ) {
      const part = first.bytes.subarray(this.#at, this.#at + room);
      parts.push(part);
      room -= part.length;
      this.#at += part.length;
      if (this.#at < first.bytes.length) break;
      this.#arrivals.shift();
      this.#at = 0;
    }
    const piece = Buffer.concat(parts);
    this.#underWayBytes -= piece.length;
    return piece;
  }
}

/** A relay that listens on a port of its own. */
export class Relay {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();

  constructor(options: RelayOptions) {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
      const server = connect({ port: options.targetPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true });
      new Line(client, server, options);
      new Line(server, client, options);
      this.#join(client, server);
      this.#join(server, client);
    });
  }

  /** A connection that breaks on one side breaks on the other. */
  #join(socket: Socket, other: Socket): void {
    this.#sockets.add(socket);
    socket.on('error', () => other.resetAndDestroy());
    socket.on('close', () => {
      this.#sockets.delete(socket);
      if (!socket.readableEnded) other.resetAndDestroy();
    });
  }

  /** Where clients connect to, on 127.0.0.1. */
  get port(): number {
    const address = this.#server.address();
    if (address === null || typeof address === 'string') throw new Error('The relay does not listen.');
    return address.port;
  }

  async listen(): Promise<void> {
    this.#server.listen(0, '127.0.0.1');
    await once(this.#server, 'listening');
  }

  /** Breaks every connection, and listens no more. */
  async close(): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }
}

/** Starts a relay in front of a server on this machine. */
export async function startRelay(options: RelayOptions): Promise<Relay> {
  const relay = new Relay(options);
  await relay.listen();
  return relay;
}
