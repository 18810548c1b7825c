// PINGs to a client (RFC 9113, 6.7): one that vanished, or that stands in the middle of a frame, cannot acknowledge them.
import type { ServerHttp2Session } from 'node:http2';
import type { OnLimit } from '../wire/limit-name.ts';

/** What {@link keepAlive} needs. */
export interface KeepAliveOptions {
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
export function keepAlive(session: ServerHttp2Session, { intervalMs, timeoutMs, onLimit }: KeepAliveOptions): void {
  let unanswered: NodeJS.Timeout | undefined;
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
  const interval = setInterval(() => {
    if (unanswered !== undefined || session.destroyed || session.closed) return;
    try {
      awaitAnswer();
      session.ping(answered);
    } catch {
      // The connection closed since: its 'close' stops both timers.
    }
  }, intervalMs);
  interval.unref();
  session.once('close', () => {
    clearInterval(interval);
    clearTimeout(unanswered);
  });
}
