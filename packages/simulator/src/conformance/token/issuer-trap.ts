// An issuer that no server may ask: on this machine, with keys that fit the token which names it. A server that fetches
// keys from where a token says, rather than from the issuers it knows, comes here.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { ForeignKey } from './hostile-tokens.ts';

/** The trap. */
export interface IssuerTrap {
  /** What a token has as its `iss`. */
  readonly issuer: string;
  /** Paths that were asked for. */
  readonly requests: readonly string[];
  close(): void;
}

const MAX_REQUESTS = 100;

/** Opens the trap on a free port. */
export async function openIssuerTrap(key: ForeignKey, keyId: unknown): Promise<IssuerTrap> {
  const requests: string[] = [];
  const jwks = JSON.stringify({
    keys: [{ ...key.publicKey.export({ format: 'jwk' }), kid: keyId, alg: 'RS256', use: 'sig' }],
  });
  const server = createServer((request, response) => {
    if (requests.length < MAX_REQUESTS) requests.push(request.url ?? '');
    response.setHeader('content-type', 'application/json').end(jwks);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen(0, '127.0.0.1', resolve);
  });
  // Nothing of it keeps the process alive.
  server.unref();
  const { port } = server.address() as AddressInfo;
  return {
    issuer: `http://127.0.0.1:${port}/idb`,
    requests,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}
