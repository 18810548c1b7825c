// Remembers every secret that was given out or received, so that a test can look for leaks, and so that the platform's own
// log and journal view can leave them out.

/** Every secret so far. */
export interface SecretBook {
  /** Notes a secret and hands it back. */
  note(secret: string): string;
  /** All of them, in the order in which they came up. */
  all(): readonly string[];
  /** The text with each secret in it replaced. */
  redact(text: string): string;
}

const MASK = '[secret]';
// Client-chosen secrets may be short; masking every "a" of a text would make it useless.
const SHORTEST_IN_TEXT = 6;

/** Makes an empty book. */
export function createSecretBook(): SecretBook {
  const secrets = new Set<string>();
  return {
    note: (secret) => {
      if (secret !== '') secrets.add(secret);
      return secret;
    },
    all: () => [...secrets],
    redact: (text) => {
      let redacted = text;
      for (const secret of secrets) {
        if (secret.length < SHORTEST_IN_TEXT) continue;
        for (const form of new Set([secret, encodeURIComponent(secret)])) redacted = redacted.replaceAll(form, MASK);
      }
      return redacted;
    },
  };
}
