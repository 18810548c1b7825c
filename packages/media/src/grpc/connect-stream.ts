// The HTTP/2 stream of an RPC that Connect serves: writes the answer, and says what of it the socket has taken, which Connect
// does not.
import { once } from 'node:events';
import type { ServerHttp2Stream } from 'node:http2';
import { Code, ConnectError } from '@connectrpc/connect';
import { isOpen } from '../http2/stream-answer.ts';

/** A stream for an answer in pieces. */
export class ConnectStream {
  readonly stream: ServerHttp2Stream;
  /** Called when the socket has taken a piece. */
  onTaken: (() => void) | undefined;

  constructor(stream: ServerHttp2Stream) {
    this.stream = stream;
  }

  readonly #taken = (): void => this.onTaken?.();

  /** Writes a piece, and waits while the client does not take it. */
  async write(piece: Uint8Array): Promise<void> {
    const { stream } = this;
    if (!isOpen(stream)) throw new ConnectError('The stream has closed.', Code.Canceled);
    if (stream.write(piece, this.#taken)) return;
    const settled = new AbortController();
    const { signal } = settled;
    try {
      await Promise.race([once(stream, 'drain', { signal }), once(stream, 'close', { signal })]);
    } finally {
      settled.abort();
    }
  }
}
