import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  NetworkError,
  RateLimitError,
  RequestTimeoutError,
  ServiceUnavailableError,
  ValidationError,
} from '../errors/webex-errors.ts';
import { errorFromResponse, readErrorBody } from './error-from-response.ts';
import { nextLink } from './link-header.ts';
import { redact } from './redact.ts';
import { resolveBaseUrl } from './regions.ts';
import { parseRetryAfter } from './retry-after.ts';
import { createRetryPolicy } from './retry-policy.ts';
import { urlPath } from './url-path.ts';

describe('Retry-After', () => {
  const now = Date.UTC(2026, 0, 1, 12, 0, 0);
  it.each([
    ['0', 0],
    ['120', 120_000],
    [' 1.5 ', 1500],
    ['Thu, 01 Jan 2026 12:00:30 GMT', 30_000],
    ['Thursday, 01-Jan-26 12:00:30 GMT', 30_000],
    ['Thu, 01 Jan 2026 11:00:00 GMT', 0],
    ['-1', undefined],
    ['soon', undefined],
    ['', undefined],
    ['Mon, never', undefined],
    ['9'.repeat(65), undefined],
    [`Thu, 01 Jan 2026 12:00:30 GMT${' '.repeat(40)}`, undefined],
    [undefined, undefined],
  ])('%j is %j ms', (value, ms) => expect(parseRetryAfter(value, now)).toBe(ms));
  it('of any text is undefined or not negative', () => {
    fc.assert(fc.property(fc.string(), (text) => (parseRetryAfter(text, now) ?? 0) >= 0));
  });
});

describe('Link', () => {
  it.each([
    ['<https://a/x?cursor=2>; rel="next"', 'https://a/x?cursor=2'],
    ['<https://a/1>; rel="prev", <https://a/3>; rel="next"', 'https://a/3'],
    ['<https://a/1>; title="a, b"; rel=next', 'https://a/1'],
    ['<https://a/1>;REL="first Next"', 'https://a/1'],
    ['<https://a/1>; rel="nextish"', undefined],
    ['<https://a/1>', undefined],
    ['<https://a/1>; title="a \\", <b>; rel=next"; rel = "next"', 'https://a/1'],
    ['<https://a/1>; title="never closed, <https://a/2>; rel=next', undefined],
    ['<https://a/1>; rel="prev" , <https://a/2>;rel="next";type="x"', 'https://a/2'],
    ['<https://a/1; rel=next', undefined],
    ['garbage', undefined],
    [undefined, undefined],
  ])('%j', (header, url) => expect(nextLink(header)).toBe(url));
  it.each([
    ['opening brackets', '<'.repeat(60_000)],
    ['links without an end', '<>;'.repeat(20_000)],
    ['parameters', `<a>${';a=b'.repeat(15_000)}`],
    ['white space', `<a>${' '.repeat(60_000)}`],
    ['quotes', `<a>;rel="${'\\'.repeat(60_000)}`],
  ])('of sixty thousand %s is read in one pass', (_, header) => {
    const startedAt = performance.now();
    expect(nextLink(header)).toBeUndefined();
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
  it('of any text does not throw', () => {
    fc.assert(fc.property(fc.string(), (text) => void nextLink(text)));
  });
});

describe('error bodies', () => {
  it.each([
    ['{"message":"m","errors":[{"description":"d"}],"trackingId":"t"}', ['m', 'd'], 't'],
    ['{"trackingId":"t","error":{"key":"k","message":[{"description":"one"},"two"]}}', ['k', 'one', 'two'], 't'],
    ['{"error":"invalid_grant","error_description":"gone"}', ['invalid_grant', 'gone'], undefined],
    ['{"code":429,"message":"slow","trackingId":"t"}', ['slow'], 't'],
    ['{"error":{"message":"m","trackingId":"inner"}}', ['m'], 'inner'],
    ['<html>502</html>', [], undefined],
    ['[1]', [], undefined],
    ['null', [], undefined],
    ['', [], undefined],
  ])('%s', (body, messages, trackingId) => expect(readErrorBody(body)).toEqual({ messages, trackingId }));
  it('of any JSON do not throw', () => {
    fc.assert(fc.property(fc.json(), (text) => void readErrorBody(text)));
  });
});

describe('the error of an answer', () => {
  const context = { method: 'GET', path: '/v1/x', retryAfterMs: undefined, secrets: ['s3cret-value'] };
  it.each([
    [400, 'VALIDATION_FAILED', false],
    [401, 'AUTHENTICATION_FAILED', false],
    [403, 'PERMISSION_DENIED', false],
    [404, 'NOT_FOUND', false],
    [405, 'VALIDATION_FAILED', false],
    [409, 'CONFLICT', false],
    [410, 'NOT_FOUND', false],
    [415, 'VALIDATION_FAILED', false],
    [423, 'SERVICE_UNAVAILABLE', true],
    [428, 'VALIDATION_FAILED', false],
    [429, 'RATE_LIMITED', true],
    [500, 'SERVICE_UNAVAILABLE', true],
    [504, 'SERVICE_UNAVAILABLE', true],
    [302, 'UNEXPECTED_RESPONSE', false],
  ])('%i is %s', (status, code, retryable) => {
    const error = errorFromResponse({ status, headers: { trackingid: 'T' }, text: '' }, context);
    expect(error).toMatchObject({ code, retryable, status, trackingId: 'T' });
    expect(error.message).toContain('GET /v1/x');
  });
  it('redacts the TrackingID, in the header and in the body, and keeps it short', () => {
    const [header, body] = [
      errorFromResponse({ status: 400, headers: { trackingid: 'ROUTER_s3cret-value' }, text: '' }, context),
      errorFromResponse({ status: 400, headers: {}, text: '{"trackingId":"s3cret-value\\n"}' }, context),
    ];
    expect(header).toMatchObject({ trackingId: 'ROUTER_[redacted]' });
    expect(header.message).toContain('(TrackingID ROUTER_[redacted])');
    expect(body).toMatchObject({ trackingId: '[redacted]' });
    const long = errorFromResponse({ status: 400, headers: { trackingid: 'T'.repeat(9000) }, text: '' }, context);
    expect(long.trackingId).toHaveLength(129);
  });
  it('says what the server said, without the secrets of the request', () => {
    const text = JSON.stringify({
      message: 'bad s3cret-value',
      errors: [{ description: 'Authorization: Bearer abc.def-1' }],
    });
    const { message, serverMessage } = errorFromResponse({ status: 400, headers: {}, text }, context);
    for (const shown of [message, serverMessage]) {
      expect(shown).toContain('bad [redacted]');
      expect(shown).not.toMatch(/s3cret|abc\.def/);
    }
  });
});

describe('redact', () => {
  const token = 'OWYxNzA4-TmFtZSBvZiB0aGUgdG9rZW4_PF84_96abc2aa';
  it('takes out a secret as it is and percent-encoded, and keeps to one line', () => {
    expect(redact('a+b/c=d and a%2Bb%2Fc%3Dd\nhere', ['a+b/c=d'])).toBe('[redacted] and [redacted] here');
    expect(redact('x'.repeat(600), [])).toHaveLength(501);
    expect(redact('x'.repeat(600), [], 100)).toHaveLength(101);
    expect(redact('the word', ['the'])).toBe('the word');
    expect(redact('a \ud800 b', ['\ud800 lone surrogate'])).toContain('b');
  });

  it('takes out parts of 12 characters and more, from the beginning, the middle and the end', () => {
    expect(redact(`cut ${token.slice(0, 12)} ${token.slice(7, 30)} ${token.slice(-20)}!`, [token])).toBe(
      'cut [redacted] [redacted] [redacted]!',
    );
    expect(redact(`${token.slice(0, 20)}${token.slice(30)}`, [token])).toBe('[redacted]');
    expect(redact(token.slice(3, 14), [token])).toBe(token.slice(3, 14));
    const encoded = encodeURIComponent('a secret+with/reserved=characters');
    expect(redact(encoded.slice(4, 24), ['a secret+with/reserved=characters'])).toBe('[redacted]');
  });

  it('leaves no 12 characters of a secret in any text', () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 8 }),
      fc.tuple(fc.nat(token.length), fc.nat(token.length)).map(([a, b]) => token.slice(Math.min(a, b), Math.max(a, b))),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const clean = redact(pieces.join(''), [token]);
        for (let at = 0; at + 12 <= token.length; at += 1) expect(clean).not.toContain(token.slice(at, at + 12));
      }),
    );
  });

  it('takes out the longer of two secrets that begin alike', () => {
    expect(redact('secret-1-and-more', ['secret-1', 'secret-1-and-more'])).toBe('[redacted]');
  });

  it('reads a body of five megabytes no further than it shows', () => {
    const startedAt = performance.now();
    redact(`${'Bearer '.repeat(700_000)}`, [token]);
    redact(token.slice(0, 11).repeat(450_000), [token]);
    expect(performance.now() - startedAt).toBeLessThan(1000);
  });
});

describe('base URLs', () => {
  it.each([
    [['commercial', undefined], 'https://webexapis.com/v1'],
    [['us_gov', undefined], 'https://api-usgov.webex.com/v1'],
    [[undefined, 'http://127.0.0.1:8080/v1/'], 'http://127.0.0.1:8080/v1'],
    [[undefined, 'http://localhost:1/v1'], 'http://localhost:1/v1'],
  ] as const)('%j', ([region, url], expected) => expect(resolveBaseUrl(region, url).href).toBe(expected));
  it.each(['http://example.com/v1', 'ftp://127.0.0.1', 'nothing', 'https://user:pass@webexapis.com', 'https://a/?b=c'])(
    '%s is refused',
    (url) =>
      expect(() => resolveBaseUrl('commercial', url)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' })),
  );
  it('an unknown region is refused', () => {
    expect(() => resolveBaseUrl('mars' as 'commercial')).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  });
});

describe('paths', () => {
  it('keep what is filled in one segment', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 3 }), (id) => {
        const path = urlPath`/webhooks/${id.toWellFormed()}/x`;
        expect(new URL(path, 'https://a').pathname.split('/')).toHaveLength(4);
      }),
    );
  });
  it.each(['', '.', '..'])('refuse %j', (id) => {
    expect(() => urlPath`/webhooks/${id}`).toThrow(expect.objectContaining({ code: 'INVALID_ID' }));
  });
});

describe('retries', () => {
  const policy = (options = {}, random = (): number => 0.999) => createRetryPolicy(options, random);
  it('wait longer each time, up to the cap', () => {
    const retry = policy({ maxAttempts: 10, baseDelayMs: 100, maxDelayMs: 1000 });
    const error = new ServiceUnavailableError({ status: 503 });
    expect([1, 2, 3, 4, 5, 6].map((attempt) => Math.round(retry.next(error, attempt, 'idempotent') ?? 0))).toEqual([
      100, 200, 400, 799, 999, 999,
    ]);
    expect(retry.next(error, 10, 'idempotent')).toBeUndefined();
  });
  it('wait as long as they are told to, and give up when that is too long', () => {
    const retry = policy({ baseDelayMs: 100 }, () => 0);
    expect(retry.next(new RateLimitError({ status: 429, retryAfterMs: 5000 }), 1, 'when_not_processed')).toBe(5000);
    expect(retry.next(new RateLimitError({ status: 429, retryAfterMs: 31_000 }), 1, 'idempotent')).toBeUndefined();
  });
  it.each([
    [new RateLimitError({ status: 429 }), true, true],
    [new ServiceUnavailableError({ status: 423 }), true, true],
    [new ServiceUnavailableError({ status: 503 }), true, false],
    [new ServiceUnavailableError({ status: 501 }), false, false],
    [new NetworkError({ neverSent: true }), true, true],
    [new NetworkError({}), true, false],
    [new RequestTimeoutError({}), true, false],
    [new ValidationError({ status: 400 }), false, false],
  ])('%s', (error, idempotent, other) => {
    expect(policy().next(error, 1, 'idempotent') !== undefined).toBe(idempotent);
    expect(policy().next(error, 1, 'when_not_processed') !== undefined).toBe(other);
    expect(policy().next(error, 1, 'never')).toBeUndefined();
  });
  it('end when the budget does, and come back with successes', () => {
    const retry = policy({ budget: 2, maxAttempts: 100 });
    const error = new ServiceUnavailableError({ status: 503 });
    expect([1, 1, 1].map((attempt) => retry.next(error, attempt, 'idempotent') !== undefined)).toEqual([
      true,
      true,
      false,
    ]);
    for (let n = 0; n < 10; n += 1) retry.succeeded();
    expect(retry.next(error, 1, 'idempotent')).toBeDefined();
    expect(retry.next(error, 1, 'idempotent')).toBeUndefined();
  });
});
