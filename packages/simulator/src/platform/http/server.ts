// The HTTP server: listens, and ends with everything that is open.
import { createServer, type RequestListener } from 'node:http';
import { SimulatorError } from '../../errors.ts';

/** A server that listens. */
export interface HttpServer {
  /** For example `http://127.0.0.1:49152`. */
  readonly url: string;
  close(): Promise<void>;
}

/** Longer than any test pauses: a client that reuses a connection must not meet its end. */
const KEEP_ALIVE_MS = 60_000;

function urlOf(host: string, port: number): string {
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host;
  return `http://${reachable.includes(':') ? `[${reachable}]` : reachable}:${port}`;
}

/** Listens. Throws `LISTEN_FAILED`. */
export async function listen(host: string, port: number, listener: RequestListener): Promise<HttpServer> {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, listener);
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) =>
      reject(new SimulatorError('LISTEN_FAILED', `The platform cannot listen: ${error.message}`, error)),
    );
    server.listen(port, host, resolve);
  });
  const address = server.address();
  return {
    url: urlOf(host, typeof address === 'object' && address !== null ? address.port : port),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
