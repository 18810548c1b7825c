// The port: one TCP listener that speaks HTTP/2 for gRPC and HTTP/1.1 for probes, in clear or over TLS. In clear it tells the
// two apart by their first bytes. What a listener of its events throws ends one stream or connection, and never the process.
import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import {
  createServer as createHttp2Server,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import { MediaError } from '../errors/media-errors.ts';
import { createReadPacer } from '../http2/read-pacer.ts';
import { INTERNAL_ERROR, resetStream } from '../http2/stream-answer.ts';
import { bindSession, CONNECTION_WINDOW_BYTES, TappedConnection } from '../http2/tapped-connection.ts';
import { type EngineLimits, engineMemoryMb } from '../output/engine-memory.ts';
import type { Logger } from '../session/logger.ts';
import type { OnLimit } from '../wire/limit-name.ts';
import { Connections, type ConnectionsOptions } from './connections.ts';
import { contained } from './contained.ts';
import { protocolOf } from './first-bytes.ts';
import { keepAlive } from './keep-alive.ts';
import { SetupDeadline } from './setup-deadline.ts';
import { createTlsServer, type TlsOptions } from './tls.ts';

/** Serves a request over HTTP/2. */
export type StreamHandler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => void;

/** Serves a request over HTTP/1.1. */
export type Http1Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** The limits of connections. */
export interface ConnectionLimits extends Omit<ConnectionsOptions, 'onLimit'>, EngineLimits {
  readonly maxHeaderFields: number;
  readonly connectionSetupMs: number;
  readonly keepAliveMs: number;
  readonly keepAliveTimeoutMs: number;
}

/** What {@link openListener} needs. */
export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  /** Whether other processes may listen on the same port, and the kernel deals out connections. */
  readonly reusePort: boolean;
  readonly tls: TlsOptions | undefined;
  readonly limits: ConnectionLimits;
  readonly onLimit: OnLimit;
  /** Whether the data of streams can be taken off the connection, past Node's HTTP/2. */
  readonly tapped: boolean;
  /** How long reading a busy connection is put off, in ms; 0: not at all. Only where it is tapped. */
  readonly readIntervalMs: number;
  readonly onStream: StreamHandler;
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

/** HTTP/2 and HTTP/1.1 on connections that are there; neither listens itself. */
interface Protocols {
  readonly http1: HttpServer;
  readonly sessions: ReadonlySet<ServerHttp2Session>;
  /** Serves HTTP/2 on a connection whose setup ends with the client's settings. */
  serveHttp2(socket: Socket, setup: SetupDeadline): void;
  /** Serves HTTP/1.1 on a connection on which the next request is due within the setup's time. */
  serveHttp1(socket: Socket, setup: SetupDeadline): void;
}

function createProtocols(options: ListenerOptions): Protocols {
  const { limits, onLimit, logger, readIntervalMs } = options;
  const settings = {
    settings: { maxConcurrentStreams: limits.maxConcurrentStreams, enablePush: false },
    maxSessionMemory: engineMemoryMb(limits),
    maxHeaderListPairs: limits.maxHeaderFields,
    // Clients ping to keep quiet connections alive, and a call is quiet between turns: neither is held against them.
    maxSessionInvalidFrames: 1000,
    maxOutstandingPings: 100,
    maxOutstandingSettings: 100,
  };
  const failed = (error: unknown): void => logger.debug({ err: error }, 'a connection failed');
  const fault = (error: unknown): void => logger.error({ err: error }, 'an event of a connection could not be served');
  // Without a listener of 'request', Node makes no request objects: they throw at what a client may send.
  const http2 = createHttp2Server(settings);
  http2.on(
    'stream',
    contained(options.onStream, (error, stream) => {
      fault(error);
      resetStream(stream, INTERNAL_ERROR);
    }),
  );
  const sessions = new Set<ServerHttp2Session>();
  http2.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    // Node's own 64 KiB would hold back the frames of some thirty calls when a round trip takes 150 ms.
    session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
    // A peer that breaks the protocol loses its connection and nothing else.
    session.on('error', failed);
  });
  http2.on('sessionError', failed);
  const setups = new WeakMap<Socket, SetupDeadline>();
  const http1 = createHttpServer(
    contained(
      (request: IncomingMessage, response: ServerResponse) => {
        const setup = setups.get(request.socket);
        setup?.stop();
        response.once('close', () => setup?.start());
        request.on('error', failed);
        response.on('error', failed);
        options.onHttp1(request, response);
      },
      (error, _request, response) => {
        fault(error);
        response.destroy();
      },
    ),
  );
  const pacer = readIntervalMs === 0 ? undefined : createReadPacer(readIntervalMs);

  return {
    http1,
    sessions,
    serveHttp1(socket, setup) {
      setups.set(socket, setup);
      http1.emit('connection', socket);
    },
    serveHttp2(socket, setup) {
      const connection = options.tapped ? new TappedConnection(socket, pacer) : socket;
      if (connection !== socket) connection.on('error', failed);
      const begin = (session: ServerHttp2Session): void => {
        session.once('remoteSettings', () => setup.stop());
        keepAlive(session, {
          connection,
          intervalMs: limits.keepAliveMs,
          timeoutMs: limits.keepAliveTimeoutMs,
          onLimit,
        });
        if (connection instanceof TappedConnection) bindSession(session, connection);
      };
      // Within the call: Node makes the session of a connection at once, or none.
      http2.once('session', begin);
      try {
        http2.emit('connection', connection);
      } finally {
        http2.off('session', begin);
      }
    },
  };
}

/** A server of TCP that tells the two by their first bytes. */
function createClearServer(protocols: Protocols, { limits, onLimit, logger }: ListenerOptions): TcpServer {
  const fault = (error: unknown, socket: Socket): void => {
    logger.error({ err: error }, 'a connection could not be served');
    socket.destroy();
  };
  return createTcpServer((socket) => {
    // One that is over a limit was closed by the listener before.
    if (socket.destroyed) return;
    socket.setNoDelay(true);
    const setup = new SetupDeadline(socket, limits.connectionSetupMs, onLimit);
    socket.on('error', (error) => logger.debug({ err: error }, 'a connection failed'));
    let first: Buffer = Buffer.alloc(0);
    const onFirstBytes = contained(
      (bytes: Buffer) => {
        first = first.length === 0 ? bytes : Buffer.concat([first, bytes]);
        const protocol = protocolOf(first);
        if (protocol === undefined) return;
        socket.off('data', onFirstBytes);
        socket.pause();
        socket.unshift(first);
        if (protocol === 'http2') {
          // Reads the socket by itself, beginning with what was put back.
          protocols.serveHttp2(socket, setup);
        } else {
          protocols.serveHttp1(socket, setup);
          socket.resume();
        }
      },
      (error) => fault(error, socket),
    );
    socket.on('data', onFirstBytes);
  });
}

function createServerOf(protocols: Protocols, options: ListenerOptions): TcpServer {
  const { tls, limits, onLimit, logger } = options;
  if (tls === undefined) return createClearServer(protocols, options);
  const setup = (socket: Socket): SetupDeadline => new SetupDeadline(socket, limits.connectionSetupMs, onLimit);
  return createTlsServer(
    tls,
    {
      handshakeMs: limits.connectionSetupMs,
      onHttp1: (socket) => protocols.serveHttp1(socket, setup(socket)),
      onHttp2: (socket) => protocols.serveHttp2(socket, setup(socket)),
    },
    logger,
  );
}

/** Opens the port. Rejects when it is taken or the TLS material is not usable. */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const { logger } = options;
  const protocols = createProtocols(options);
  const connections = new Connections({ ...options.limits, onLimit: options.onLimit });
  const tcp = createServerOf(protocols, options);
  // Before the listener that serves it.
  tcp.prependListener('connection', (socket: Socket) => void connections.take(socket));

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
      return connections.size;
    },
    stopAccepting,
    async close(graceMs) {
      stopAccepting();
      for (const session of protocols.sessions) session.close();
      protocols.http1.closeIdleConnections();
      const timer = setTimeout(() => {
        for (const session of protocols.sessions) session.destroy();
        connections.destroyAll();
      }, graceMs);
      timer.unref();
      await closed;
      await connections.closed();
      clearTimeout(timer);
    },
  };
}
