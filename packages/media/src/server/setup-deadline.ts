// The time that a client has to say what it wants: a connection on which it does not would stay open for good.
import type { Socket } from 'node:net';
import type { OnLimit } from '../wire/limit-name.ts';

/** Closes a connection on which a client does not go on in time. */
export class SetupDeadline {
  readonly #socket: Socket;
  readonly #ms: number;
  readonly #onLimit: OnLimit;
  #timer: NodeJS.Timeout | undefined;

  /** Starts the deadline. */
  constructor(socket: Socket, ms: number, onLimit: OnLimit) {
    this.#socket = socket;
    this.#ms = ms;
    this.#onLimit = onLimit;
    socket.once('close', () => this.stop());
    this.start();
  }

  /** Gives the client the whole time once more. */
  start(): void {
    this.stop();
    if (this.#socket.destroyed) return;
    this.#timer = setTimeout(() => {
      this.#socket.destroy();
      this.#onLimit('connectionSetupMs');
    }, this.#ms);
    this.#timer.unref();
  }

  /** The client did what it had to. */
  stop(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
