// Responses between the core, which pushes, and Connect, which pulls one after the other as fast as the stream takes them.
import type { ServerHttp2Stream } from 'node:http2';
import { CANCEL, resetStream } from '../http2/stream-answer.ts';
import type { OutputBudget } from '../output/output-budget.ts';
import type { OutputOwner, OutputShare } from '../output/output-share.ts';
import type { RpcFailure, RpcOutput } from '../wire/port.ts';
import type { AgentResponse } from '../wire/response.ts';
import type { ConnectStream } from './connect-stream.ts';
import { statusError } from './status.ts';

function audioBytes(response: AgentResponse): number {
  let bytes = 0;
  for (const { audio } of response.prompts) bytes += audio.length;
  return bytes;
}

/** The responses of one RPC on their way through Connect. */
export class ResponseQueue implements RpcOutput, OutputOwner {
  readonly share: OutputShare;
  readonly #stream: ServerHttp2Stream;
  readonly #queue: AgentResponse[] = [];
  /** Bytes of audio that Connect has not pulled. */
  #waitingBytes = 0;
  #over = false;
  #failure: { readonly code: RpcFailure; readonly message: string } | undefined;
  #wake: (() => void) | undefined;

  constructor(to: ConnectStream, budget: OutputBudget) {
    const { stream } = to;
    this.#stream = stream;
    this.share = budget.of(stream.session ?? stream).open(this);
    if (stream.destroyed) {
      this.share.close();
      return;
    }
    to.onTaken = () => this.#count();
    stream.once('close', () => this.share.close());
  }

  /** Bytes that the socket has not taken: audio that waits for Connect, and what Connect has written to the stream. */
  get queuedBytes(): number {
    return this.#waitingBytes + this.#stream.writableLength;
  }

  #count(): void {
    this.share.count(this.queuedBytes);
  }

  send(response: AgentResponse): void {
    if (this.#over) return;
    this.#queue.push(response);
    this.#waitingBytes += audioBytes(response);
    this.#count();
    this.#wake?.();
  }

  onStalled(): void {
    resetStream(this.#stream, CANCEL);
  }

  complete(): void {
    this.#over = true;
    this.share.release();
    this.#wake?.();
  }

  fail(code: RpcFailure, message: string): void {
    if (this.#over) return;
    this.#failure = { code, message };
    this.complete();
  }

  /** The RPC is gone: what is queued is dropped. */
  close(): void {
    this.#queue.length = 0;
    this.#waitingBytes = 0;
    this.complete();
    this.#count();
  }

  /** What was sent, in order; ends when the RPC is completed, throws its status when it failed. */
  async *responses(): AsyncGenerator<AgentResponse> {
    for (;;) {
      const next = this.#queue.shift();
      if (next !== undefined) {
        // From here on it is with Connect, and in a moment with the stream. Until then it stays counted.
        this.#waitingBytes -= audioBytes(next);
        yield next;
        this.#count();
      } else if (this.#over) {
        if (this.#failure !== undefined) throw statusError(this.#failure.code, this.#failure.message);
        return;
      } else {
        await new Promise<void>((resolve) => {
          this.#wake = resolve;
        });
        this.#wake = undefined;
      }
    }
  }
}
