// What a server may have on the way to a caller's connection, on each stream and on all together: as much for the whole run, or
// tuned to the line as gRPC's clients do it, which count what arrives during the round trip of a PING.
import { DEFAULT_WINDOW } from './frame-format.ts';
import type { OpenStream } from './stream.ts';

/** Windows that stay, in bytes, or windows that are tuned to the line. */
export type WindowPolicy = { readonly streamBytes: number; readonly connectionBytes: number } | 'dynamic';

/** Windows that hardly ever hold a server back. */
export const WIDE: WindowPolicy = { streamBytes: 1024 * 1024, connectionBytes: 8 * 1024 * 1024 };

/** The most that windows are tuned to, as in gRPC. */
const MAX_WINDOW = 16 * 1024 * 1024;

/** A line is wider than the window when so much of the window arrived during a round trip. */
const FULL_SHARE = 2 / 3;

/** How windows are told. */
export interface WindowFrames {
  /** WINDOW_UPDATE; stream 0 is the connection. */
  update(streamId: number, bytes: number): void;
  ping(): void;
  /** SETTINGS with the window of every stream. */
  announce(streamBytes: number): void;
}

/** The receiving side of flow control. */
export class ReceiveWindows {
  readonly #frames: WindowFrames;
  readonly #tuned: boolean;
  #streamBytes: number;
  #connectionBytes: number;
  #unreported = 0;
  #pinging = false;
  #sincePing = 0;

  constructor(policy: WindowPolicy, frames: WindowFrames) {
    this.#frames = frames;
    this.#tuned = policy === 'dynamic';
    const { streamBytes, connectionBytes } =
      policy === 'dynamic' ? { streamBytes: DEFAULT_WINDOW, connectionBytes: DEFAULT_WINDOW } : policy;
    this.#streamBytes = streamBytes;
    this.#connectionBytes = connectionBytes;
  }

  /** Tells the first windows. */
  open(): void {
    this.#frames.announce(this.#streamBytes);
    if (this.#connectionBytes > DEFAULT_WINDOW) this.#frames.update(0, this.#connectionBytes - DEFAULT_WINDOW);
  }

  /** Bytes arrived on the connection. */
  onData(bytes: number): void {
    this.#unreported += bytes;
    if (this.#unreported >= this.#connectionBytes / 2) {
      this.#frames.update(0, this.#unreported);
      this.#unreported = 0;
    }
    if (!this.#tuned || this.#connectionBytes >= MAX_WINDOW) return;
    this.#sincePing += bytes;
    if (this.#pinging) return;
    this.#pinging = true;
    this.#sincePing = bytes;
    this.#frames.ping();
  }

  /** The same bytes arrived on a stream. */
  onStreamData(stream: OpenStream, bytes: number): void {
    stream.unreported += bytes;
    if (stream.unreported < this.#streamBytes / 2) return;
    this.#frames.update(stream.id, stream.unreported);
    stream.unreported = 0;
  }

  /** The server has answered the PING. */
  onPong(): void {
    this.#pinging = false;
    if (this.#sincePing < this.#connectionBytes * FULL_SHARE) return;
    const wider = Math.min(2 * this.#connectionBytes, MAX_WINDOW);
    this.#frames.update(0, wider - this.#connectionBytes);
    this.#connectionBytes = wider;
    this.#streamBytes = wider;
    this.#frames.announce(wider);
  }
}
