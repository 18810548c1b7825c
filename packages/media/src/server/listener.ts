// The port: one TCP listener that speaks HTTP/2 for gRPC and HTTP/1.1 for probes, in clear or over TLS. In clear it tells the
// two apart by their first bytes.
import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import {
  createServer as createHttp2Server,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { MediaError } from '../errors/media-errors.ts';
import { createReadPacer } from '../http2/read-pacer.ts';
import { bindSession, CONNECTION_WINDOW_BYTES, TappedConnection } from '../http2/tapped-connection.ts';
import type { Logger } from '../session/logger.ts';
import { createTlsServer, type TlsOptions } from './tls.ts';

/** A request over HTTP/2. */
export type Http2Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

/** A request over HTTP/2 before Node makes its objects of it. False when it is not taken; then {@link Http2Handler} is asked. */
export type StreamHandler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => boolean;

/** A request over HTTP/1.1. */
export type Http1Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** What {@link openListener} needs. */
export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  /** Whether other processes may listen on the same port, and the kernel deals out connections. */
  readonly reusePort: boolean;
  readonly tls: TlsOptions | undefined;
  readonly maxConcurrentStreams: number;
  /** Whether the data of streams can be taken off the connection, past Node's HTTP/2. */
  readonly tapped: boolean;
  /** How long reading a busy connection is put off, in ms; 0: not at all. Only where it is tapped. */
  readonly readIntervalMs: number;
  readonly onStream: StreamHandler;
  readonly onHttp2: Http2Handler;
  readonly onHttp1: Http1Handler;
  readonly logger: Logger;
}

/** An open port. */
export interface Listener {
  readonly address: AddressInfo;
  /** Connections that are open. */
  readonly connections: number;
  /** Takes no new connections. */
  stopAccepting(): void;
  /** Tells clients to go (GOAWAY), closes what is idle, and after `graceMs` the rest. Resolves when all is closed. */
  close(graceMs: number): Promise<void>;
}

/** How the HTTP/2 preface, "PRI * HTTP/2.0", begins; no HTTP/1.1 method does. */
const HTTP2_PREFACE = Buffer.from('PRI');

/** A connection that says nothing is closed after this long. */
const SILENT_CONNECTION_MS = 10_000;

/** Offers each stream to `onStream` first. Node makes its request objects in a listener of its own, which is asked then. */
function offerStreams(server: Http2Server, onStream: StreamHandler): void {
  const makeRequest = server.listeners('stream');
  server.removeAllListeners('stream');
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, ...rest: unknown[]) => {
    if (onStream(stream, headers)) return;
    for (const listener of makeRequest) listener.call(server, stream, headers, ...rest);
  });
}

/** HTTP/2 and HTTP/1.1 on connections that are there; neither listens itself. */
interface Protocols {
  readonly http1: HttpServer;
  readonly sessions: ReadonlySet<ServerHttp2Session>;
  serveHttp2(socket: Socket): void;
  serveHttp1(socket: Socket): void;
}

function createProtocols(options: ListenerOptions): Protocols {
  const { maxConcurrentStreams, logger, readIntervalMs } = options;
  const settings = {
    settings: { maxConcurrentStreams, enablePush: false },
    // Clients ping to keep quiet connections alive, and a call is quiet between turns: neither is held against them.
    maxSessionInvalidFrames: 1000,
    maxOutstandingPings: 100,
    maxOutstandingSettings: 100,
  };
  const http2 = createHttp2Server(settings, options.onHttp2);
  offerStreams(http2, options.onStream);
  const sessions = new Set<ServerHttp2Session>();
  http2.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    // Node's own 64 KiB would hold back the frames of some thirty calls when a round trip takes 150 ms.
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    // A peer that breaks the protocol loses its connection and nothing else.
    session.on('error', (error: Error) => logger.debug({ err: error }, 'a connection failed'));
  });
  http2.on('sessionError', (error: Error) => logger.debug({ err: error }, 'a connection failed'));
  const http1 = createHttpServer(options.onHttp1);
  const pacer = readIntervalMs === 0 ? undefined : createReadPacer(readIntervalMs);

  return {
    http1,
    sessions,
    serveHttp1: (socket) => void http1.emit('connection', socket),
    serveHttp2(socket) {
      if (!options.tapped) {
        http2.emit('connection', socket);
        return;
      }
      const connection = new TappedConnection(socket, pacer);
      // Within the call: a session is made for a connection at once.
      http2.once('session', (session: ServerHttp2Session) => {
        bindSession(session, connection);
      });
      http2.emit('connection', connection);
    },
  };
}

/** A server of TCP that tells the two by their first bytes. */
function createClearServer(protocols: Protocols, logger: Logger): TcpServer {
  return createTcpServer((socket) => {
    socket.setNoDelay(true);
    socket.setTimeout(SILENT_CONNECTION_MS, () => socket.destroy());
    socket.on('error', (error) => logger.debug({ err: error }, 'a connection failed'));
    socket.once('data', (start: Buffer) => {
      socket.setTimeout(0);
      socket.pause();
      socket.unshift(start);
      if (start.subarray(0, 3).equals(HTTP2_PREFACE.subarray(0, start.length))) {
        // Reads the socket by itself, beginning with what was put back.
        protocols.serveHttp2(socket);
      } else {
        protocols.serveHttp1(socket);
        socket.resume();
      }
    });
  });
}

function track(tcp: TcpServer): Set<Socket> {
  const sockets = new Set<Socket>();
  tcp.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.once('close', () => sockets.delete(socket));
  });
  return sockets;
}

/** Opens the port. Rejects when it is taken or the TLS material is not usable. */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const { tls, logger } = options;
  const protocols = createProtocols(options);
  const { serveHttp1, serveHttp2 } = protocols;
  const tcp: TcpServer =
    tls === undefined
      ? createClearServer(protocols, logger)
      : createTlsServer(tls, { onHttp1: serveHttp1, onHttp2: serveHttp2 }, logger);
  const sockets = track(tcp);

  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen({ host: options.host, port: options.port, reusePort: options.reusePort }, () => {
      tcp.off('error', reject);
      resolve();
    });
  });
  tcp.on('error', (error: Error) => logger.error({ err: error }, 'the listener failed'));

  const address = tcp.address();
  if (address === null || typeof address === 'string') {
    throw new MediaError({
      code: 'OPTIONS_INVALID',
      message: 'The server did not get a TCP address. Give a host and a port.',
    });
  }
  const closed = new Promise<void>((resolve) => tcp.once('close', () => resolve()));
  let accepting = true;
  const stopAccepting = (): void => {
    if (!accepting) return;
    accepting = false;
    tcp.close();
  };
  return {
    address,
    get connections() {
      return sockets.size;
    },
    stopAccepting,
    async close(graceMs) {
      stopAccepting();
      for (const session of protocols.sessions) session.close();
      protocols.http1.closeIdleConnections();
      const timer = setTimeout(() => {
        for (const session of protocols.sessions) session.destroy();
        for (const socket of sockets) socket.destroy();
      }, graceMs);
      timer.unref();
      await closed;
      await Promise.all(
        [...sockets].map((socket) => new Promise<void>((resolve) => socket.once('close', () => resolve()))),
      );
      clearTimeout(timer);
    },
  };
}
