// The secrets that an answer itself holds: a header, or an error about the answer, may repeat what its body gives out.

/** Members whose texts are secret, in the spellings of Webex's APIs. */
const NAMES =
  /^(?:access_?token|refresh_?token|id_?token|device_?code|client_?secret|secret|jwsToken|jwtToken|nonce)$/i;
/** `{ items: [{ secret }] }` is three levels deep. */
const MAX_DEPTH = 4;

/** The texts of secret members of a parsed body. */
export function secretsIn(body: unknown, depth: number = MAX_DEPTH): readonly string[] {
  if (typeof body !== 'object' || body === null || depth === 0) return [];
  return Object.entries(body).flatMap(([name, value]) =>
    typeof value === 'string' ? (NAMES.test(name) ? [value] : []) : secretsIn(value, depth - 1),
  );
}
