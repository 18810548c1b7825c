// One try of a request: sent, and its answer read whole, within a time and a size.
import { type Dispatcher, request } from 'undici';
import { NetworkError, RequestTimeoutError, UnexpectedResponseError } from '../errors/webex-errors.ts';
import type { WallClock } from '../time/clock.ts';
import { abortable } from '../time/wait.ts';
import type { HttpDispatcher } from './dispatcher.ts';
import type { RawResponse } from './error-from-response.ts';
import { redact } from './redact.ts';

/** What is sent. */
export interface Attempt {
  readonly url: URL;
  /** What errors name: a page that a peer named has the path of its list. */
  readonly path: string;
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  /** What no error may hold. */
  readonly secrets: readonly string[];
  readonly timeoutMs: number;
  readonly maxResponseBytes: number;
  readonly signal: AbortSignal | undefined;
  readonly dispatcher: HttpDispatcher | undefined;
  readonly clock: WallClock;
}

/** The connection was not made, so the request cannot have been seen. */
const NEVER_SENT = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'EAI_AGAIN',
  'ENETUNREACH',
  'EHOSTUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
]);

/**
 * Sends a request once.
 *
 * @throws RequestTimeoutError, NetworkError, UnexpectedResponseError (larger than allowed), or the signal's reason
 */
export async function sendOnce(attempt: Attempt): Promise<RawResponse> {
  const { url, method, path, signal, clock } = attempt;
  const where = { method, path };
  signal?.throwIfAborted();
  const stop = new AbortController();
  let timedOut = false;
  const giveUp = (): void => {
    timedOut = true;
    stop.abort();
  };
  const timer = clock.setTimer(giveUp, attempt.timeoutMs, { keepAlive: true });
  const onAbort = (): void => stop.abort();
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    const sent = request(url, {
      method: method as Dispatcher.HttpMethod,
      headers: attempt.headers,
      signal: stop.signal,
      // The one timer above bounds headers and body together.
      headersTimeout: 0,
      bodyTimeout: 0,
      ...(attempt.body === undefined ? {} : { body: attempt.body }),
      ...(attempt.dispatcher === undefined ? {} : { dispatcher: attempt.dispatcher as unknown as Dispatcher }),
    });
    // The client library heeds its signal only once there is a connection.
    const response = await abortable(sent, stop.signal);
    const chunks: Buffer[] = [];
    let bytes = 0;
    for await (const chunk of response.body as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (bytes > attempt.maxResponseBytes) {
        throw new UnexpectedResponseError({
          ...where,
          status: response.statusCode,
          problem: `larger than ${attempt.maxResponseBytes} bytes`,
        });
      }
      chunks.push(chunk);
    }
    return {
      status: response.statusCode,
      headers: flatten(response.headers),
      text: Buffer.concat(chunks).toString('utf8'),
    };
  } catch (error) {
    if (error instanceof UnexpectedResponseError) throw error;
    signal?.throwIfAborted();
    if (timedOut) throw new RequestTimeoutError(where);
    const code = codeOf(error);
    throw new NetworkError({
      ...where,
      neverSent: code !== undefined && NEVER_SENT.has(code),
      cause: plain(error, code, attempt.secrets),
    });
  } finally {
    timer.cancel();
    signal?.removeEventListener('abort', onAbort);
  }
}

function flatten(headers: Record<string, string | string[] | undefined>): Record<string, string> {
  const flat: Record<string, string> = {};
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined) flat[name.toLowerCase()] = Array.isArray(value) ? value.join(', ') : value;
  }
  return flat;
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  // Happy eyeballs give one error per address that was tried.
  const first = error instanceof AggregateError ? error.errors[0] : undefined;
  const { code } = error as { code?: unknown };
  return typeof code === 'string' ? code : first === undefined ? undefined : codeOf(first);
}

/** The cause without the objects that the client library hangs on its errors, which may hold the request. */
function plain(error: unknown, code: string | undefined, secrets: readonly string[]): Error {
  const cause = new Error(error instanceof Error ? redact(error.message, secrets) : 'unknown');
  return Object.assign(cause, code === undefined ? {} : { code });
}
