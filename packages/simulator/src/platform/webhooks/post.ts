// One POST on a connection of its own, which is over within its time: nothing stays open towards a receiver. Redirects are
// not followed.
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';

/** What came of it. */
export interface PostResult {
  readonly status: number | undefined;
  readonly error?: string;
}

/** What is sent. */
export interface Post {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
  readonly timeoutMs: number;
  /** Ends it early. */
  readonly signal: AbortSignal;
}

/** Sends it. Never rejects. */
export function post({ url, headers, body, timeoutMs, signal }: Post): Promise<PostResult> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve({ status: undefined, error: 'aborted' });
      return;
    }
    const send = new URL(url).protocol === 'https:' ? httpsRequest : httpRequest;
    const request = send(url, { method: 'POST', headers: { ...headers }, agent: false });
    let status: number | undefined;
    // The status is the answer; a body that goes on for ever or breaks off changes nothing about it.
    const end = (error: string): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      resolve(status === undefined ? { status, error } : { status });
      request.destroy();
    };
    const onAbort = (): void => end('aborted');
    const timer = setTimeout(() => end(`no answer within ${timeoutMs} ms`), timeoutMs);
    signal.addEventListener('abort', onAbort);
    request.on('error', (error: Error & { code?: string }) => end(error.code ?? error.message));
    request.on('response', (response) => {
      status = response.statusCode;
      response.on('error', () => undefined);
      response.on('close', () => end('closed'));
      response.resume();
    });
    request.end(body);
  });
}
