// Waits on this machine for the redirect of one authorization.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AuthorizationStateError, AuthorizationTimeoutError } from '../errors/authorization-errors.ts';
import { InvalidOptionsError } from '../errors/usage-errors.ts';
import { isLoopback } from '../http/regions.ts';
import type { WallClock } from '../time/clock.ts';
import { PAGE_HEADERS, redirectPage } from './redirect-page.ts';

/** A listener for one redirect. */
export interface RedirectListener {
  /** With the port that was given by the system, when none was asked for. */
  readonly redirectUri: string;
  /**
   * Handles redirects until one belongs to the authorization, and ends.
   *
   * @param handle - finishes the authorization; what it gives is the result, what it throws is shown to the person
   * @throws AuthorizationTimeoutError, the signal's reason, or what `handle` threw, unless that was about a foreign state
   */
  wait<T>(
    handle: (url: URL) => Promise<T>,
    options: { readonly timeoutMs: number; readonly signal: AbortSignal | undefined; readonly clock: WallClock },
  ): Promise<T>;
  close(): Promise<void>;
}

/** Opens the listener. `redirectUri` is `http` on a loopback host; port 0 takes a free one. */
export async function openRedirectListener(redirectUri: string): Promise<RedirectListener> {
  const asked = URL.parse(redirectUri);
  if (asked === null || asked.protocol !== 'http:' || !isLoopback(asked.hostname)) {
    throw new InvalidOptionsError(
      'redirectUri: to authorize from this machine it must be http on 127.0.0.1 or localhost. A deployed app uses handleCallback.',
    );
  }
  const server: Server = createServer();
  // A URL leaves port 80 out; 0 asks for a free one.
  const port = asked.port === '' ? 80 : Number(asked.port);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new InvalidOptionsError(
          `redirectUri: port ${port} of ${asked.hostname} cannot be listened on (${error.code}). End what uses it, or take another that is registered on the Integration.`,
        ),
      ),
    );
    server.listen(port, asked.hostname === '[::1]' ? '::1' : asked.hostname, resolve);
  });
  const actual = new URL(asked);
  actual.port = String((server.address() as AddressInfo).port);
  const close = (): Promise<void> =>
    new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return {
    redirectUri: actual.href,
    close,
    wait: (handle, { timeoutMs, signal, clock }) =>
      new Promise((resolve, reject) => {
        let ended = false;
        const end = (settle: () => void): void => {
          if (ended) return;
          ended = true;
          timer.cancel();
          signal?.removeEventListener('abort', onAbort);
          settle();
        };
        const onAbort = (): void => end(() => reject(signal?.reason));
        const giveUp = (): void => end(() => reject(new AuthorizationTimeoutError()));
        const timer = clock.setTimer(giveUp, timeoutMs, { keepAlive: true });
        if (signal?.aborted === true) return onAbort();
        signal?.addEventListener('abort', onAbort, { once: true });
        let busy: Promise<void> = Promise.resolve();
        server.on('request', (request: IncomingMessage, response: ServerResponse) => {
          const url = matching(request, response, actual);
          if (url === undefined) return;
          // One at a time: a second tab must not use the state while the first does.
          busy = busy.then(async () => {
            if (ended)
              return answer(response, 409, 'Already done', 'This authorization has ended. You can close this page.');
            try {
              const result = await handle(url);
              await answer(response, 200, 'Authorized', 'Everything is set up. You can close this page.');
              end(() => resolve(result));
            } catch (error) {
              const text = error instanceof Error ? error.message : 'It failed for an unknown reason.';
              await answer(response, 400, 'Not authorized', text);
              // A page elsewhere can make the browser come here with a state of its own: that ends nothing.
              if (!(error instanceof AuthorizationStateError)) end(() => reject(error));
            }
          });
        });
      }),
  };
}

/** The address of a request that is a redirect to us; others are answered. */
function matching(request: IncomingMessage, response: ServerResponse, expected: URL): URL | undefined {
  const url = URL.parse(request.url ?? '/', expected.origin);
  // A foreign name that resolves to this machine is somebody else's page.
  if (url === null || request.headers.host !== expected.host || url.origin !== expected.origin) {
    void answer(response, 400, 'Not here', 'This address is not the one of the authorization.');
    return undefined;
  }
  if (url.pathname !== expected.pathname || request.method !== 'GET') {
    void answer(
      response,
      request.method === 'GET' ? 404 : 405,
      'Nothing here',
      'Only the redirect of Webex is taken here.',
    );
    return undefined;
  }
  return url;
}

function answer(response: ServerResponse, status: number, title: string, text: string): Promise<void> {
  return new Promise((resolve) => {
    response.once('close', resolve);
    response.writeHead(status, { ...PAGE_HEADERS, connection: 'close' });
    response.end(redirectPage(title, text));
  });
}
