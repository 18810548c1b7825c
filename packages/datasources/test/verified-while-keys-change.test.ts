// A verification that is under way while the keys change.
import { compactVerify } from 'jose';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { JwsVerifier } from '../src/jws/index.ts';
import { type Issuer, startIssuer, URL_OF_SOURCE } from './support/issuer.ts';

vi.mock('jose', async (original) => {
  const actual = await original<typeof import('jose')>();
  return { ...actual, compactVerify: vi.fn(actual.compactVerify) };
});

let issuer: Issuer;
beforeEach(async () => {
  issuer = await startIssuer();
});
afterEach(() => issuer.close());

it('a token that a withdrawn key verified is not remembered', async () => {
  const actual = (await vi.importActual<typeof import('jose')>('jose')).compactVerify;
  const one = new JwsVerifier({ dataSources: [{ url: URL_OF_SOURCE }], issuers: [issuer.iss] });
  const token = await issuer.token();
  const begun = Promise.withResolvers<void>();
  const release = Promise.withResolvers<void>();
  vi.mocked(compactVerify).mockImplementationOnce(async (...args: Parameters<typeof actual>) => {
    begun.resolve();
    await release.promise;
    return actual(...args);
  });
  const verifying = one.verify(token);
  await begun.promise;
  await issuer.rotate({ keepOld: false });
  await one.verify(await issuer.token());
  release.resolve();
  await verifying;
  expect(one.recall(token)).toBeUndefined();
  await expect(one.verify(token)).rejects.toMatchObject({ reason: 'unknown_key' });
  // One that the present key verified is.
  const present = await issuer.token();
  await one.verify(present);
  expect(one.recall(present)).toBeDefined();
});
