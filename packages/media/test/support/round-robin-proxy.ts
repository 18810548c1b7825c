// A load balancer for HTTP/2 that gives each RPC to the next backend, as Envoy and the like do. A backend whose connection
// has broken is left out; an RPC that was on its way to it is answered with UNAVAILABLE, since nobody knows how far it came.
import { once } from 'node:events';
import {
  type ClientHttp2Session,
  connect,
  constants,
  createServer,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';

const UNAVAILABLE = '14';

/** A load balancer. */
export interface RoundRobinProxy {
  readonly target: string;
  /** RPCs that were lost with their backend. */
  readonly broken: number;
  /** RPCs that each backend was given, in the order of {@link add}. */
  readonly served: readonly number[];
  /** Takes a backend into the round when it is connected. */
  add(port: number): Promise<void>;
  close(): Promise<void>;
}

interface Backend {
  readonly session: ClientHttp2Session;
  readonly index: number;
}

function forwarded(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { connection: _connection, 'transfer-encoding': _encoding, ...rest } = headers;
  return rest;
}

/** Starts a load balancer without backends. */
export async function startProxy(): Promise<RoundRobinProxy> {
  const backends: Backend[] = [];
  const clients = new Set<ServerHttp2Session>();
  const served: number[] = [];
  let turn = 0;
  let broken = 0;

  const refuse = (stream: ServerHttp2Stream): void => {
    if (stream.destroyed) return;
    if (stream.headersSent) stream.close(constants.NGHTTP2_INTERNAL_ERROR);
    else {
      const headers = { ':status': 200, 'content-type': 'application/grpc', 'grpc-status': UNAVAILABLE };
      stream.respond(headers, { endStream: true });
    }
  };

  const forward = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders): void => {
    stream.on('error', () => {});
    turn += 1;
    const backend = backends[turn % backends.length];
    if (backend === undefined) {
      refuse(stream);
      return;
    }
    served[backend.index] = (served[backend.index] ?? 0) + 1;
    const request = backend.session.request(forwarded(headers));
    let trailers: IncomingHttpHeaders | undefined;
    request.on('response', (answer, flags) => {
      if (stream.destroyed) return;
      if ((flags & constants.NGHTTP2_FLAG_END_STREAM) !== 0) {
        trailers = answer;
        stream.respond(answer, { endStream: true });
        return;
      }
      stream.respond(answer, { waitForTrailers: true });
      stream.on('wantTrailers', () => stream.sendTrailers(trailers ?? {}));
    });
    request.on('trailers', (received) => {
      trailers = received;
    });
    request.on('data', (bytes: Buffer) => void (stream.writable && stream.write(bytes)));
    request.on('error', () => {});
    request.on('end', () => {
      if (trailers !== undefined && stream.headersSent && !stream.destroyed) stream.end();
    });
    request.on('close', () => {
      if (trailers !== undefined || stream.destroyed) return;
      broken += 1;
      refuse(stream);
    });
    stream.on('data', (bytes: Buffer) => void (request.writable && request.write(bytes)));
    stream.on('end', () => void (request.writable && request.end()));
    stream.on('close', () => {
      if (stream.rstCode !== constants.NGHTTP2_NO_ERROR) request.close(constants.NGHTTP2_CANCEL);
    });
  };

  const server = createServer();
  server.on('session', (session) => {
    clients.add(session);
    session.on('close', () => clients.delete(session));
    session.on('error', () => {});
  });
  server.on('stream', forward);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');

  return {
    target: `http://127.0.0.1:${address.port}`,
    get broken() {
      return broken;
    },
    served,
    async add(port) {
      const session = connect(`http://127.0.0.1:${port}`);
      session.on('error', () => {});
      await once(session, 'connect');
      const backend = { session, index: served.push(0) - 1 };
      backends.push(backend);
      session.on('close', () => void backends.splice(backends.indexOf(backend), 1));
    },
    async close() {
      for (const { session } of [...backends]) session.destroy();
      for (const session of clients) session.destroy();
      server.close();
      await once(server, 'close');
    },
  };
}
