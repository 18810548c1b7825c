import { createHmac, timingSafeEqual } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { verifyWebhookSignature } from './signature.ts';

vi.mock('node:crypto', async (original) => {
  const actual = await original<typeof import('node:crypto')>();
  return { ...actual, timingSafeEqual: vi.fn(actual.timingSafeEqual), createHmac: vi.fn(actual.createHmac) };
});

const body = Buffer.from('{ "resource" :\t"serviceApp",\n "ünï": [1,2 ] }\n');
const secret = 'the secret of the webhook';
const hex = (algorithm: string, key = secret, data: Uint8Array = body): string =>
  createHmac(algorithm, key).update(data).digest('hex');
const base64 = (algorithm: string): string => createHmac(algorithm, secret).update(body).digest('base64');
const spark = (sparkSignature: string): boolean =>
  verifyWebhookSignature({ body, sparkSignature, secrets: [secret] }).ok;
const webex = (webexSignature: string, sparkSignature?: string): boolean =>
  verifyWebhookSignature({ body, webexSignature, sparkSignature, secrets: [secret] }).ok;

describe('X-Spark-Signature', () => {
  it('is HMAC-SHA1 of the bytes, in hex of either case', () => {
    expect(spark(hex('sha1'))).toBe(true);
    expect(spark(hex('sha1').toUpperCase())).toBe(true);
    expect(spark(` ${hex('sha1')} `)).toBe(true);
  });
  it.each([
    hex('sha1', 'another'),
    hex('sha1').slice(2),
    `${hex('sha1')}00`,
    hex('sha256'),
    'nonsense',
    '00'.repeat(20),
  ])('refuses %s', (signature) => expect(spark(signature)).toBe(false));
  it('is of the bytes as they came, not of the JSON in them', () => {
    const again = Buffer.from(JSON.stringify(JSON.parse(body.toString())));
    expect(verifyWebhookSignature({ body: again, sparkSignature: hex('sha1'), secrets: [secret] })).toEqual({
      ok: false,
      problem: 'mismatch',
    });
  });
});

describe('X-Webex-Signature', () => {
  it.each([
    ['sha256=<hex>', `sha256=${hex('sha256')}`],
    ['SHA-512=<hex>', `SHA-512=${hex('sha512')}`],
    ['upper-case hex', `sha-256=${hex('sha256').toUpperCase()}`],
    ['bare SHA-256', hex('sha256')],
    ['bare SHA-512', hex('sha512')],
    ['both', `SHA-256=${hex('sha256')}, SHA-512=${hex('sha512')}`],
    ['both, the other way round, without a space', `sha512=${hex('sha512')},sha256=${hex('sha256')}`],
    ['quoted', `sha256="${hex('sha256')}"`],
    ['base64', `sha256=${base64('sha256')}`],
    ['bare base64', base64('sha512')],
    ['spaces around the equals sign', ` SHA256 = ${hex('sha256')} `],
    ['one digest four times', Array.from({ length: 4 }, () => hex('sha256')).join(', ')],
  ])('%s is read', (_, header) => expect(webex(header)).toBe(true));

  it.each([
    ['a wrong digest', `sha256=${hex('sha256', 'another')}`],
    ['one of two wrong', `SHA-256=${hex('sha256')}, SHA-512=${hex('sha512', 'another')}`],
    ['the digest of the other algorithm', `sha512=${hex('sha256')}`],
    ['a part that cannot be read', `sha256=${hex('sha256')}, md5=00`],
    ['the weak digest', hex('sha1')],
    ['nothing but commas', ',,'],
  ])('%s is refused, also beside a good X-Spark-Signature', (_, header) => {
    expect(webex(header)).toBe(false);
    expect(webex(header, hex('sha1'))).toBe(false);
  });

  it('decides, whatever the weaker one says', () => {
    expect(webex(`sha256=${hex('sha256')}`, 'nonsense')).toBe(true);
  });
});

it('takes either of two secrets while one is being changed', () => {
  for (const key of ['new secret', 'old secret']) {
    expect(
      verifyWebhookSignature({ body, sparkSignature: hex('sha1', key), secrets: ['new secret', 'old secret'] }),
    ).toEqual({ ok: true, algorithm: 'sha1' });
  }
  const mixed = `SHA-256=${hex('sha256', 'new secret')}, SHA-512=${hex('sha512', 'old secret')}`;
  expect(verifyWebhookSignature({ body, webexSignature: mixed, secrets: ['new secret', 'old secret'] }).ok).toBe(false);
});

describe('a header that was written to cost time', () => {
  const digest = 'a'.repeat(64);
  it.each([
    ['spaces behind a digest of the right form', `sha256=${digest},${' '.repeat(32_000)}x y`],
    ['tabs', `sha256=${digest},${'\t'.repeat(32_000)}"`],
    ['spaces around the equals sign', `sha256${' '.repeat(32_000)}=${' '.repeat(32_000)}x y`],
    ['quotes', `sha256=${'"'.repeat(32_000)}`],
    ['sixteen thousand digests', `${digest},`.repeat(16_000)],
    ['five digests in little room', `${digest},${digest},${digest},${digest},${digest}`],
  ])('%s is unreadable, before a digest of the body is computed', (_, header) => {
    const hashes = vi.mocked(createHmac);
    hashes.mockClear();
    const startedAt = performance.now();
    const headers = [{ webexSignature: header }, { sparkSignature: header }];
    for (const one of headers) {
      expect(verifyWebhookSignature({ body, ...one, secrets: [secret] })).toEqual({ ok: false, problem: 'unreadable' });
    }
    // A regular expression with two neighbouring runs of white space took 11 s for the first.
    expect(performance.now() - startedAt).toBeLessThan(1000);
    expect(hashes).not.toHaveBeenCalled();
  });

  it('is measured by its length, up to 1,024 characters', () => {
    const signature = `sha256=${hex('sha256')}`;
    expect(webex(signature.padEnd(1024))).toBe(true);
    expect(webex(signature.padEnd(1025))).toBe(false);
    expect(spark(hex('sha1').padEnd(1025))).toBe(false);
  });
});

it('says what is wrong, for the operator', () => {
  expect(verifyWebhookSignature({ body, secrets: [secret] })).toEqual({ ok: false, problem: 'missing' });
  expect(verifyWebhookSignature({ body, sparkSignature: '', webexSignature: null, secrets: [secret] })).toMatchObject({
    problem: 'missing',
  });
  expect(verifyWebhookSignature({ body, sparkSignature: 'zz', secrets: [secret] })).toMatchObject({
    problem: 'unreadable',
  });
  expect(verifyWebhookSignature({ body, sparkSignature: hex('sha1'), secrets: [] })).toMatchObject({
    problem: 'mismatch',
  });
});

it('compares every digest of every secret in constant time, whatever the first said', () => {
  const compare = vi.mocked(timingSafeEqual);
  for (const signing of ['first', 'second', 'neither']) {
    compare.mockClear();
    const header = `SHA-256=${hex('sha256', signing)}, SHA-512=${hex('sha512', signing)}`;
    verifyWebhookSignature({ body, webexSignature: header, secrets: ['first', 'second'] });
    expect(compare).toHaveBeenCalledTimes(4);
  }
});

it('never throws, and never accepts, whatever the headers are', () => {
  fc.assert(
    fc.property(fc.option(fc.string()), fc.option(fc.string()), (sparkSignature, webexSignature) => {
      expect(verifyWebhookSignature({ body, sparkSignature, webexSignature, secrets: [secret] }).ok).toBe(false);
    }),
  );
});
