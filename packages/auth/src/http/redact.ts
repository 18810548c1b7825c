// Takes secrets out of text that a server wrote: some proxies and error pages echo what they were sent.

/** Shorter secrets are not looked for: they would be found in ordinary words. */
const MIN_SECRET = 6;
const MAX_LENGTH = 500;
const REDACTED = '[redacted]';

/** The text without the secrets, without bearer values, on one line and of at most 500 characters. */
export function redact(text: string, secrets: readonly string[]): string {
  let clean = text;
  for (const secret of secrets) {
    if (secret.length < MIN_SECRET) continue;
    for (const form of new Set([secret, encodeURIComponent(secret)])) clean = clean.replaceAll(form, REDACTED);
  }
  clean = clean
    .replaceAll(/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${REDACTED}`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: line breaks and escapes of a server must not reach a log.
    .replaceAll(/[\u0000-\u001f\u007f]+/g, ' ')
    .trim();
  return clean.length > MAX_LENGTH ? `${clean.slice(0, MAX_LENGTH)}…` : clean;
}
