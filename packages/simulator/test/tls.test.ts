// A call over TLS. The certificate in fixtures/ is for tests alone: its key is public, it names localhost.
import { readFileSync } from 'node:fs';
import { ServerCredentials } from '@grpc/grpc-js';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { assertCallPassed, placeCall } from '../src/index.ts';
import { type FakeAgent, startFakeAgent } from './support/fake-agent.ts';
import { politeAgent } from './support/polite-agent.ts';

const cert = readFileSync(new URL('fixtures/localhost-cert.pem', import.meta.url));
const key = readFileSync(new URL('fixtures/localhost-key.pem', import.meta.url));
const pair = [{ cert_chain: cert, private_key: key }];

describe('a target of https', () => {
  let agent: FakeAgent;
  let strict: FakeAgent;
  beforeAll(async () => {
    agent = await startFakeAgent(politeAgent(), ServerCredentials.createSsl(null, pair));
    strict = await startFakeAgent(politeAgent(), ServerCredentials.createSsl(cert, pair, true));
  });
  afterAll(() => {
    agent.close();
    strict.close();
  });

  const secure = (one: FakeAgent): string => one.target.replace('http://127.0.0.1', 'https://localhost');

  it('is called over TLS, with the authority given', async () => {
    const report = await placeCall({ target: secure(agent), organization: 'o1', pace: 'fast', tls: { ca: cert } });
    assertCallPassed(report);
    expect(report.prompts).toHaveLength(1);
  });

  it('is not trusted without it, and not called in the clear', async () => {
    const untrusted = await placeCall({ target: secure(agent), organization: 'o1', pace: 'fast' });
    expect(untrusted).toMatchObject({ outcome: 'failed', failure: { code: 'UNREACHABLE' } });
    const clear = await placeCall({ target: agent.target, organization: 'o1', pace: 'fast' });
    expect(clear.outcome).toBe('failed');
  });

  it('may ask for a certificate of the caller', async () => {
    const options = { target: secure(strict), organization: 'o1', pace: 'fast' } as const;
    assertCallPassed(await placeCall({ ...options, tls: { ca: cert, cert: cert.toString(), key: key.toString() } }));
    expect((await placeCall({ ...options, tls: { ca: cert } })).outcome).toBe('failed');
  });
});
