// The request side of a method that takes one message: it is complete when the client half-closes.
import type { LaneMethod, LaneRpc } from './lane-rpc.ts';

/** A method with exactly one request message. */
export abstract class UnaryMethod implements LaneMethod {
  protected readonly rpc: LaneRpc;
  #received = 0;

  constructor(rpc: LaneRpc) {
    this.rpc = rpc;
  }

  message(bytes: Uint8Array, start: number, end: number): boolean {
    this.#received += 1;
    if (this.#received === 1) this.read(bytes, start, end);
    return true;
  }

  halfClose(): void {
    if (this.#received === 1) this.answer();
    else this.rpc.breakOff('unimplemented', 'The method takes one message.');
  }

  /**
   * Reads the request from `start` to before `end`; the bytes hold something else afterwards.
   *
   * @throws MalformedMessageError when the bytes are no message
   */
  protected abstract read(bytes: Uint8Array, start: number, end: number): void;
  /** Answers the request: the client has sent all of it. */
  protected abstract answer(): void;

  cancel(): void {}

  release(): void {}
}
