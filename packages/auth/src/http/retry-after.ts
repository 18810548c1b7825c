// `Retry-After`, as seconds or as an HTTP date (RFC 9110 10.2.3).

/** The longest form, a date of RFC 850, has 36 characters. */
const MAX_CHARACTERS = 64;

/** Ms to wait from `now` (ms since 1970); undefined when there is none or it says nothing. Never negative. */
export function parseRetryAfter(value: string | undefined, now: number): number | undefined {
  if (value === undefined || value.length > MAX_CHARACTERS) return undefined;
  const text = value.trim();
  if (/^\d{1,10}(?:\.\d{1,9})?$/.test(text)) return Math.ceil(Number(text) * 1000);
  if (!/^[A-Za-z]{3,9},? /.test(text)) return undefined;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
