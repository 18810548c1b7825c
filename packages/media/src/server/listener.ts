// The port: one TCP listener that speaks HTTP/2 for gRPC and HTTP/1.1 for probes, in clear or over TLS with an optional
// check of the client's certificate. In clear it tells the two apart by their first bytes.
import {
  createServer as createHttpServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerResponse,
} from 'node:http';
import {
  createServer as createHttp2Server,
  createSecureServer,
  type Http2SecureServer,
  type Http2Server,
  type Http2ServerRequest,
  type Http2ServerResponse,
  type IncomingHttpHeaders,
  type ServerHttp2Session,
  type ServerHttp2Stream,
} from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Socket, type Server as TcpServer } from 'node:net';
import type { PeerCertificate, TLSSocket } from 'node:tls';
import { MediaError } from '../errors/media-errors.ts';
import type { Logger } from '../session/logger.ts';

/** A request over HTTP/2. */
export type Http2Handler = (request: Http2ServerRequest, response: Http2ServerResponse) => void;

/** A request over HTTP/2 before Node makes its objects of it. False when it is not taken; then {@link Http2Handler} is asked. */
export type StreamHandler = (stream: ServerHttp2Stream, headers: IncomingHttpHeaders) => boolean;

/** A request over HTTP/1.1. */
export type Http1Handler = (request: IncomingMessage, response: ServerResponse) => void;

/** The subject of a client's certificate, as far as it can be checked. */
export interface ClientCertificate {
  /** Common name of the subject; empty when it has none. */
  readonly commonName: string;
  /** Alternative names as Node writes them: `DNS:a.example, DNS:b.example`; empty when there are none. */
  readonly subjectAltName: string;
  /** SHA-256 fingerprint, upper-case hex with colons. */
  readonly fingerprint256: string;
}

/** TLS for the port. */
export interface TlsOptions {
  /** The private key, PEM. */
  readonly key: string | Uint8Array;
  /** The certificate chain, PEM. */
  readonly cert: string | Uint8Array;
  /** Authorities whose client certificates are taken, PEM. Given: a client must present one of theirs (mTLS). */
  readonly clientCa?: string | Uint8Array;
  /**
   * Checks the subject of a client certificate that is already known to be genuine: names that are allowed (common name
   * or DNS name), or a function. Needs `clientCa`. Default: every genuine one is taken.
   */
  readonly clientSubject?: readonly string[] | ((certificate: ClientCertificate) => boolean);
}

/** What {@link openListener} needs. */
export interface ListenerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: TlsOptions | undefined;
  readonly maxConcurrentStreams: number;
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

function subjectOf(certificate: PeerCertificate): ClientCertificate {
  const { CN } = certificate.subject ?? {};
  return {
    commonName: typeof CN === 'string' ? CN : '',
    subjectAltName: certificate.subjectaltname ?? '',
    fingerprint256: certificate.fingerprint256 ?? '',
  };
}

function subjectAllowed(certificate: ClientCertificate, allowed: NonNullable<TlsOptions['clientSubject']>): boolean {
  if (typeof allowed === 'function') return allowed(certificate);
  const names = certificate.subjectAltName
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry.startsWith('DNS:'))
    .map((entry) => entry.slice('DNS:'.length));
  return [certificate.commonName, ...names].some((name) => name !== '' && allowed.includes(name));
}

interface Http2Side {
  readonly server: Http2Server | Http2SecureServer;
  readonly sessions: Set<ServerHttp2Session>;
}

function watchSessions(server: Http2Server | Http2SecureServer, logger: Logger): Http2Side {
  const sessions = new Set<ServerHttp2Session>();
  server.on('session', (session: ServerHttp2Session) => {
    sessions.add(session);
    session.once('close', () => sessions.delete(session));
    // A peer that breaks the protocol loses its connection and nothing else.
    session.on('error', (error: Error) => logger.debug({ err: error }, 'a connection failed'));
  });
  server.on('sessionError', (error: Error) => logger.debug({ err: error }, 'a connection failed'));
  return { server, sessions };
}

/** Offers each stream to `onStream` first. Node makes its request objects in a listener of its own, which is asked then. */
function offerStreams(server: Http2Server | Http2SecureServer, onStream: StreamHandler): void {
  const makeRequest = server.listeners('stream');
  server.removeAllListeners('stream');
  server.on('stream', (stream: ServerHttp2Stream, headers: IncomingHttpHeaders, ...rest: unknown[]) => {
    if (onStream(stream, headers)) return;
    for (const listener of makeRequest) listener.call(server, stream, headers, ...rest);
  });
}

function http2Settings(maxConcurrentStreams: number) {
  return {
    settings: { maxConcurrentStreams, enablePush: false },
    // Clients ping to keep quiet connections alive, and a call is quiet between turns: neither is held against them.
    maxSessionInvalidFrames: 1000,
    maxOutstandingPings: 100,
    maxOutstandingSettings: 100,
  };
}

function openTls(options: ListenerOptions, tls: TlsOptions): { side: Http2Side; tcp: TcpServer } {
  const server = createSecureServer({
    ...http2Settings(options.maxConcurrentStreams),
    key: Buffer.from(tls.key),
    cert: Buffer.from(tls.cert),
    allowHTTP1: true,
    minVersion: 'TLSv1.2',
    ...(tls.clientCa === undefined
      ? {}
      : { ca: Buffer.from(tls.clientCa), requestCert: true, rejectUnauthorized: true }),
  });
  const { clientSubject } = tls;
  if (clientSubject !== undefined) {
    // Ahead of Node's own listener, so that a refused client is gone before its first request is read.
    server.prependListener('secureConnection', (socket: TLSSocket) => {
      const certificate = subjectOf(socket.getPeerCertificate());
      let allowed = false;
      try {
        allowed = subjectAllowed(certificate, clientSubject);
      } catch (error) {
        options.logger.error({ err: error }, 'the check of the client certificate threw; the client is refused');
      }
      if (allowed) return;
      options.logger.warn({ commonName: certificate.commonName }, 'a client certificate was refused by its subject');
      socket.destroy();
    });
  }
  server.on('tlsClientError', (error: Error) => options.logger.debug({ err: error }, 'a TLS handshake failed'));
  server.on('request', (request: Http2ServerRequest, response: Http2ServerResponse) => {
    if (request.httpVersionMajor >= 2) options.onHttp2(request, response);
    // With allowHTTP1 Node hands HTTP/1.1 requests to the same event in its own classes.
    else options.onHttp1(request as unknown as IncomingMessage, response as unknown as ServerResponse);
  });
  offerStreams(server, options.onStream);
  // The secure HTTP/2 server listens itself: it is a TLS, and so a TCP, server.
  return { side: watchSessions(server, options.logger), tcp: server };
}

function openClear(options: ListenerOptions): { side: Http2Side; tcp: TcpServer; http1: HttpServer } {
  const http2 = createHttp2Server(http2Settings(options.maxConcurrentStreams), options.onHttp2);
  offerStreams(http2, options.onStream);
  const http1 = createHttpServer(options.onHttp1);
  const tcp = createTcpServer((socket) => {
    socket.setNoDelay(true);
    socket.setTimeout(SILENT_CONNECTION_MS, () => socket.destroy());
    socket.on('error', (error) => options.logger.debug({ err: error }, 'a connection failed'));
    socket.once('data', (start: Buffer) => {
      socket.setTimeout(0);
      socket.pause();
      socket.unshift(start);
      if (start.subarray(0, 3).equals(HTTP2_PREFACE.subarray(0, start.length))) {
        // Reads the socket by itself, beginning with what was put back.
        http2.emit('connection', socket);
      } else {
        http1.emit('connection', socket);
        socket.resume();
      }
    });
  });
  return { side: watchSessions(http2, options.logger), tcp, http1 };
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
  if (options.tls?.clientSubject !== undefined && options.tls.clientCa === undefined) {
    throw new MediaError({
      code: 'OPTIONS_INVALID',
      message: 'tls.clientSubject needs tls.clientCa: without it anybody can claim any subject.',
    });
  }
  const opened: { side: Http2Side; tcp: TcpServer; http1?: HttpServer } =
    options.tls === undefined ? openClear(options) : openTls(options, options.tls);
  const { side, tcp } = opened;
  const sockets = track(tcp);

  await new Promise<void>((resolve, reject) => {
    tcp.once('error', reject);
    tcp.listen({ host: options.host, port: options.port }, () => {
      tcp.off('error', reject);
      resolve();
    });
  });
  tcp.on('error', (error: Error) => options.logger.error({ err: error }, 'the listener failed'));

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
      for (const session of side.sessions) session.close();
      opened.http1?.closeIdleConnections();
      const timer = setTimeout(() => {
        for (const session of side.sessions) session.destroy();
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
