// TLS on the port: one server that tells HTTP/2 from HTTP/1.1 by what the client chose (ALPN), with an optional check of the
// client's certificate.
import { createServer, type PeerCertificate, type Server, type TLSSocket } from 'node:tls';
import { MediaError } from '../errors/media-errors.ts';
import type { Logger } from '../session/logger.ts';
import { contained } from './contained.ts';

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

/** Takes connections whose handshake is done. */
export interface TlsConnections {
  /** How long a client may take for the handshake, in ms. */
  readonly handshakeMs: number;
  onHttp2(socket: TLSSocket): void;
  onHttp1(socket: TLSSocket): void;
}

/** Makes the server; it does not listen yet. */
export function createTlsServer(tls: TlsOptions, connections: TlsConnections, logger: Logger): Server {
  const { clientSubject, clientCa } = tls;
  if (clientSubject !== undefined && clientCa === undefined) {
    throw new MediaError({
      code: 'OPTIONS_INVALID',
      message: 'tls.clientSubject needs tls.clientCa: without it anybody can claim any subject.',
    });
  }
  const server = createServer({
    key: Buffer.from(tls.key),
    cert: Buffer.from(tls.cert),
    ALPNProtocols: ['h2', 'http/1.1'],
    minVersion: 'TLSv1.2',
    noDelay: true,
    handshakeTimeout: connections.handshakeMs,
    ...(clientCa === undefined ? {} : { ca: Buffer.from(clientCa), requestCert: true, rejectUnauthorized: true }),
  });
  const mayEnter = (socket: TLSSocket): boolean => {
    if (clientSubject === undefined) return true;
    const certificate = subjectOf(socket.getPeerCertificate());
    try {
      if (subjectAllowed(certificate, clientSubject)) return true;
      logger.warn({ commonName: certificate.commonName }, 'a client certificate was refused by its subject');
    } catch (error) {
      logger.error({ err: error }, 'the check of the client certificate threw; the client is refused');
    }
    return false;
  };
  server.on(
    'secureConnection',
    contained(
      (socket: TLSSocket) => {
        socket.on('error', (error: Error) => logger.debug({ err: error }, 'a connection failed'));
        if (!mayEnter(socket)) socket.destroy();
        else if (socket.alpnProtocol === 'h2') connections.onHttp2(socket);
        else connections.onHttp1(socket);
      },
      (error, socket) => {
        logger.error({ err: error }, 'a connection could not be served');
        socket.destroy();
      },
    ),
  );
  server.on('tlsClientError', (error: Error, socket: TLSSocket) => {
    logger.debug({ err: error }, 'a TLS handshake failed');
    socket.destroy();
  });
  return server;
}
