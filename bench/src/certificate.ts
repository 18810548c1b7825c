// The key and certificate of servers that speak TLS, and the authority that callers trust: those of the tests of @byova/media.
import { readFileSync } from 'node:fs';
import type { ServerTls } from './servers/bench-server.ts';

const read = (name: string): string =>
  readFileSync(new URL(`../../packages/media/test/fixtures/tls/${name}`, import.meta.url), 'utf8');

/** Of a server on 127.0.0.1. An elliptic curve (P-256), as most certificates today. */
export const SERVER_TLS: ServerTls = Object.freeze({ key: read('server.key'), cert: read('server.pem') });

/** The authority behind {@link SERVER_TLS}. */
export const TEST_AUTHORITY: string = read('test-ca.pem');
