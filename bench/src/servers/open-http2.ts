// The HTTP/2 server under the bare servers that Node's own module carries, in clear or over TLS.
import { once } from 'node:events';
import { createSecureServer, createServer, type Http2SecureServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import type { ServerTls } from './bench-server.ts';

/** Makes a server that does not listen yet. */
export function createHttp2(tls: ServerTls | undefined): Http2Server | Http2SecureServer {
  return tls === undefined ? createServer() : createSecureServer({ ...tls });
}

/** Listens on 127.0.0.1; gives the port. */
export async function listenLocally(server: Http2Server | Http2SecureServer, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}
