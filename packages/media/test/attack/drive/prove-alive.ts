// The proof that an attacked server still serves: a health check and a call with a token, on new connections, on each port.
import { readFileSync } from 'node:fs';
import { get } from 'node:http';
import { placeCall } from '@byova/simulator';
import * as grpc from '@grpc/grpc-js';
import type { AttackedServer } from '../server/attacked-server.ts';
import { ORGANIZATION, PROBE_CALL } from '../server/facts.ts';
import type { VerifyingPlatform } from '../server/verifying-platform.ts';
import { PATH } from '../wire/messages.ts';

const authority = readFileSync(new URL('../../fixtures/tls/test-ca.pem', import.meta.url));

const raw = (bytes: Buffer): Buffer => bytes;

/** `HealthCheckResponse { status: SERVING }`. */
const SERVING = Buffer.from([0x08, 0x01]);

/** How long a server may take that works off what attackers have just sent. */
const PATIENCE_MS = 20_000;

function checkHealth(port: number, tls: boolean): Promise<void> {
  const credentials = tls ? grpc.credentials.createSsl(authority) : grpc.credentials.createInsecure();
  const client = new grpc.Client(`localhost:${port}`, credentials);
  return new Promise<void>((resolve, reject) => {
    const deadline = Date.now() + PATIENCE_MS;
    client.makeUnaryRequest(PATH.check, raw, raw, Buffer.alloc(0), { deadline }, (error, response) => {
      if (error !== null) reject(new Error(`the health check failed: ${error.message}`));
      else if (response?.equals(SERVING) !== true) reject(new Error(`the health check was answered ${response}`));
      else resolve();
    });
  }).finally(() => client.close());
}

function checkHttp(port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = get(
      { host: '127.0.0.1', port, path: '/health', agent: false, timeout: PATIENCE_MS },
      (response) => {
        response.resume();
        if (response.statusCode === 200) resolve();
        else reject(new Error(`GET /health was answered ${response.statusCode}`));
      },
    );
    request.on('timeout', () => request.destroy(new Error('GET /health was not answered')));
    request.on('error', reject);
  });
}

async function call(port: number, tls: boolean, token: string): Promise<void> {
  const report = await placeCall({
    target: `${tls ? 'https' : 'http'}://localhost:${port}`,
    organization: ORGANIZATION,
    conversationId: `${PROBE_CALL}${crypto.randomUUID()}`,
    pace: 'fast',
    token,
    script: [{ expect: 'transfer' }],
    limits: { replyMs: PATIENCE_MS },
    ...(tls ? { tls: { ca: authority } } : {}),
  });
  if (report.outcome !== 'transferred') {
    throw new Error(`a call with a token ended as '${report.outcome}': ${report.failure?.message ?? ''}`);
  }
}

/** Rejects when the server does not serve. */
export async function proveAlive(server: AttackedServer, platform: VerifyingPlatform): Promise<void> {
  const { voice } = platform.tokens;
  await Promise.all([
    checkHttp(server.clearPort),
    checkHealth(server.clearPort, false),
    checkHealth(server.tlsPort, true),
    call(server.clearPort, false, voice),
    call(server.tlsPort, true, voice),
  ]);
}
