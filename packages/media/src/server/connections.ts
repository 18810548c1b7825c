// The TCP connections of a port: counted in all and for each address, so that no client can take all that the process has.
import type { Socket } from 'node:net';
import type { OnLimit } from '../wire/limit-name.ts';

/** What {@link Connections} needs. */
export interface ConnectionsOptions {
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  readonly onLimit: OnLimit;
}

/** The open connections of a port. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #sockets = new Set<Socket>();
  readonly #byAddress = new Map<string, number>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  get size(): number {
    return this.#sockets.size;
  }

  /** Takes a connection. False when it is over a limit: it has been closed, and nothing may be done with it. */
  take(socket: Socket): boolean {
    const { maxConnections, maxConnectionsPerAddress, onLimit } = this.#options;
    // Undefined for a peer that has left already.
    const address = socket.remoteAddress ?? '';
    const fromAddress = this.#byAddress.get(address) ?? 0;
    const over =
      this.#sockets.size >= maxConnections
        ? 'maxConnections'
        : fromAddress >= maxConnectionsPerAddress
          ? 'maxConnectionsPerAddress'
          : undefined;
    if (over !== undefined) {
      socket.on('error', () => {});
      socket.destroy();
      onLimit(over);
      return false;
    }
    this.#sockets.add(socket);
    this.#byAddress.set(address, fromAddress + 1);
    socket.once('close', () => this.#release(socket, address));
    return true;
  }

  #release(socket: Socket, address: string): void {
    this.#sockets.delete(socket);
    const left = (this.#byAddress.get(address) ?? 1) - 1;
    if (left > 0) this.#byAddress.set(address, left);
    else this.#byAddress.delete(address);
  }

  /** Closes every connection at once. */
  destroyAll(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Resolves when every connection of now has closed. */
  async closed(): Promise<void> {
    await Promise.all(
      [...this.#sockets].map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))),
    );
  }
}
