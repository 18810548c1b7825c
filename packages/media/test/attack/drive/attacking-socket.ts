// The socket of an attacker: opens in clear text or over TLS, writes with backpressure, and ends in each of the ways a peer can.
import { connect as connectTcp, type Socket } from 'node:net';
import { connect as connectTls, createSecureContext } from 'node:tls';
import type { Ending, Opening } from '../sequence/sequence.ts';

/** Sockets that attackers have left open. The oldest is destroyed when there are more than this. */
const LEFT_OPEN = 16;

const left: Socket[] = [];

/** One for all connections: making one costs as much as a handshake. */
const secureContext = createSecureContext();

/** A session of TLS to resume, by port: most handshakes are then short. */
const tlsSessions = new Map<number, Buffer>();

/** Destroys what attackers have left open. */
export function closeLeftSockets(): void {
  for (const socket of left.splice(0)) socket.destroy();
}

/** One turn of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** A connection to the server. */
export class AttackingSocket {
  /** Called with what the server sends; its bytes are valid until it returns. */
  onData: (bytes: Buffer) => void = () => {};
  /** When anything happened last, in ms of `performance.now()`. */
  progressAtMs: number = performance.now();
  readonly closed: Promise<void>;
  readonly #tcp: Socket;
  readonly #socket: Socket;
  #isClosed = false;

  private constructor(tcp: Socket, socket: Socket) {
    this.#tcp = tcp;
    this.#socket = socket;
    socket.on('data', (bytes: Buffer) => {
      this.progressAtMs = performance.now();
      this.onData(bytes);
    });
    // How a connection broke is of no interest; the server's side is.
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      const close = (): void => {
        this.#isClosed = true;
        resolve();
      };
      socket.once('close', close);
      if (socket.destroyed) close();
    });
  }

  /** Connects; resolves when it is ready or has failed, which {@link isClosed} tells. */
  static async open({ tls, alpn }: Pick<Opening, 'tls' | 'alpn'>, port: number): Promise<AttackingSocket> {
    const tcp = connectTcp({ host: '127.0.0.1', port, noDelay: true });
    const socket = tls
      ? connectTls({
          socket: tcp,
          secureContext,
          rejectUnauthorized: false,
          session: tlsSessions.get(port),
          ...(alpn === undefined ? {} : { ALPNProtocols: [...alpn] }),
        })
      : tcp;
    tcp.on('error', () => {});
    if (tls) socket.once('session', (session: Buffer) => tlsSessions.set(port, session));
    const opened = new AttackingSocket(tcp, socket);
    const { promise, resolve } = Promise.withResolvers<void>();
    socket.once(tls ? 'secureConnect' : 'connect', resolve);
    await Promise.race([promise, opened.closed]);
    return opened;
  }

  get isClosed(): boolean {
    return this.#isClosed || this.#socket.destroyed;
  }

  /** Writes, and resolves when the socket takes more or has closed. */
  async write(bytes: Buffer): Promise<void> {
    if (this.isClosed || !this.#socket.writable || this.#socket.write(bytes)) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#socket.once('drain', resolve);
    await Promise.race([promise, this.closed]);
    this.#socket.off('drain', resolve);
  }

  /** Writes without waiting. */
  send(bytes: Buffer): void {
    if (!this.isClosed && this.#socket.writable) this.#socket.write(bytes);
  }

  destroy(): void {
    this.#socket.destroy();
    this.#tcp.destroy();
  }

  /** Ends the connection; resolves when it has closed, or at once when it is left open. */
  async end(ending: Ending): Promise<void> {
    // Node 24 crashes in OpenSSL when a TLS socket is destroyed while it still hands out what it has read.
    await turn();
    switch (ending) {
      case 'fin':
        this.#socket.end();
        break;
      case 'reset':
        this.#tcp.resetAndDestroy();
        this.#socket.destroy();
        break;
      case 'destroy':
        this.destroy();
        break;
      case 'leave':
        left.push(this.#socket);
        if (left.length > LEFT_OPEN) left.shift()?.destroy();
        return;
    }
    await this.closed;
  }
}
