// PINGs to a client (RFC 9113, 6.7): one that vanished, or that stands in the middle of a frame, cannot acknowledge them.
import type { ServerHttp2Session } from 'node:http2';
import type { Duplex } from 'node:stream';
import type { OnLimit } from '../wire/limit-name.ts';

/** What {@link keepAlive} needs. */
export interface KeepAliveOptions {
  /** What the session runs on: the session itself gives it only until it is destroyed. */
  readonly connection: Duplex;
  /** From one PING to the next, in ms. */
  readonly intervalMs: number;
  /** How long an acknowledgement may take, in ms; then the connection is closed. */
  readonly timeoutMs: number;
  readonly onLimit: OnLimit;
}

/**
 * Sends PINGs for as long as the connection is open, and closes it when nothing comes after one. On a narrow line a PING waits
 * behind the replies that were written before it: meanwhile the client shows by audio and WINDOW_UPDATEs that it is there.
 */
export function keepAlive(session: ServerHttp2Session, options: KeepAliveOptions): void {
  const { connection, intervalMs, timeoutMs, onLimit } = options;
  let unanswered: NodeJS.Timeout | undefined;
  let isEnding = false;
  let bytesRead = 0;
  const awaitAnswer = (): void => {
    bytesRead = session.socket.bytesRead;
    unanswered = setTimeout(expire, timeoutMs);
    unanswered.unref();
  };
  const expire = (): void => {
    if (session.destroyed) return;
    if (session.socket.bytesRead !== bytesRead) {
      awaitAnswer();
      return;
    }
    onLimit('keepAliveTimeoutMs');
    session.destroy();
  };
  const answered = (): void => {
    clearTimeout(unanswered);
    unanswered = undefined;
  };
  // A session that is destroyed waits for the write in progress, and for ever where the client's reset of the connection fails
  // that write: neither 'close' nor 'error' comes then, from it or from its socket.
  const end = (): void => {
    if (!isEnding) {
      isEnding = true;
      return;
    }
    connection.destroy();
    stop();
  };
  const interval = setInterval(() => {
    if (session.destroyed) {
      end();
      return;
    }
    if (unanswered !== undefined || session.closed) return;
    try {
      awaitAnswer();
      session.ping(answered);
    } catch {
      // The connection closed since: its 'close' stops both timers.
    }
  }, intervalMs);
  interval.unref();
  const stop = (): void => {
    clearInterval(interval);
    clearTimeout(unanswered);
  };
  session.once('close', stop);
}
