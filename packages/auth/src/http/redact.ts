// Takes secrets out of text that a peer wrote: proxies, error pages and headers echo what they were sent, whole or cut.

/** Shorter secrets are not looked for: they would be found in ordinary words. */
const MIN_SECRET = 6;
/** A part of a secret that is this long is taken out as well: a peer that cuts a token gives most of it away. */
const MIN_PART = 12;
/** A longer text is cut before it is searched. */
const MAX_SEARCHED = 16_384;
const MAX_LENGTH = 500;
const REDACTED = '[redacted]';

/** Every run of `MIN_PART` characters of the secrets, in the forms in which a peer can have them. */
function partsOf(forms: readonly string[]): ReadonlySet<string> {
  const parts = new Set<string>();
  for (const form of forms) {
    for (let at = 0; at + MIN_PART <= form.length; at += 1) parts.add(form.slice(at, at + MIN_PART));
  }
  return parts;
}

/** The text with every stretch that consists of parts of secrets replaced, in one pass. */
function withoutParts(text: string, parts: ReadonlySet<string>): string {
  if (parts.size === 0) return text;
  let clean = '';
  let copied = 0;
  let coveredTo = -1;
  for (let at = 0; at + MIN_PART <= text.length; at += 1) {
    if (!parts.has(text.slice(at, at + MIN_PART))) continue;
    if (at > coveredTo) clean += text.slice(copied, at) + REDACTED;
    coveredTo = at + MIN_PART;
    copied = coveredTo;
  }
  return clean + text.slice(copied);
}

/**
 * Makes text of a peer fit for a log or an error: without the secrets, whole or in parts of 12 characters and more, without
 * bearer values, on one line.
 *
 * @param maxLength - characters that are kept; default 500
 */
export function redact(text: string, secrets: readonly string[], maxLength: number = MAX_LENGTH): string {
  const forms = secrets
    .filter((secret) => secret.length >= MIN_SECRET)
    .flatMap((secret) => [secret, encodeURIComponent(secret.toWellFormed())])
    // A secret that begins with another is taken out first, or its end would stay.
    .sort((a, b) => b.length - a.length);
  let clean = withoutParts(text.slice(0, MAX_SEARCHED), partsOf(forms));
  for (const form of forms) clean = clean.replaceAll(form, REDACTED);
  clean = clean
    .replaceAll(/\b(Bearer|Basic)\s+[\w.~+/=-]+/gi, `$1 ${REDACTED}`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: line breaks and escapes of a server must not reach a log.
    .replaceAll(/[\u0000-\u001f\u007f]+/g, ' ')
    .trim();
  return clean.length > maxLength ? `${clean.slice(0, maxLength)}…` : clean;
}
