// What a token says, without any check: the run only wants to know whom it is for.

/** The claim that names the customer organization. */
export const ORGANIZATION_CLAIM = 'com.cisco.org.uuid';

/** A token, taken apart. */
export interface TokenParts {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signature: string;
}

function readObject(part: string | undefined): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part ?? '', 'base64url').toString());
    return typeof value === 'object' && value !== null ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}

/** Takes a token apart; `undefined` for what is no JWS in the compact form. */
export function readToken(token: string): TokenParts | undefined {
  const [header, claims, signature, ...rest] = token.split('.');
  const read = { header: readObject(header), claims: readObject(claims) };
  if (read.header === undefined || read.claims === undefined || signature === undefined || rest.length > 0) {
    return undefined;
  }
  return { header: read.header, claims: read.claims, signature };
}

/** The organization that a token is for; `undefined` when it names none. */
export function organizationOf(token: string): string | undefined {
  const organization = readToken(token)?.claims[ORGANIZATION_CLAIM];
  return typeof organization === 'string' && organization !== '' ? organization : undefined;
}
