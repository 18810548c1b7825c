// Identifiers as the REST API writes them: base64url of `ciscospark://us/<TYPE>/<id>`, and the other forms in which
// an organization is named (raw UUID, padded base64, base64 of a bare UUID, non-US clusters).

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
const URI = /^ciscospark:\/\/[^/]+\/([A-Z_]+)\/(.+)$/;

/** In which form an organization was named. */
export type OrgIdForm = 'uuid' | 'hydra' | 'other';

/** Writes an identifier as the REST API does: unpadded base64url. */
export function restId(type: string, id: string): string {
  return Buffer.from(`ciscospark://us/${type}/${id}`).toString('base64url');
}

/** Whether a text is a UUID and nothing else. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** Reads base64 or base64url, padded or not; `undefined` for anything that is not printable ASCII inside. */
function decodeBase64(text: string): string | undefined {
  if (!/^[A-Za-z0-9+/_-]+={0,2}$/.test(text)) return undefined;
  const decoded = Buffer.from(text, 'base64').toString('latin1');
  return /^[\x20-\x7e]+$/.test(decoded) ? decoded : undefined;
}

function readUri(text: string | undefined, type: string): string | undefined {
  const [, found, id] = URI.exec(text ?? '') ?? [];
  return found === type ? id : undefined;
}

/** Reads an organization in any form; `undefined` when it names none. The UUID comes out in lower case. */
export function readOrgId(text: string): { readonly uuid: string; readonly form: OrgIdForm } | undefined {
  if (isUuid(text)) return { uuid: text.toLowerCase(), form: 'uuid' };
  const decoded = decodeBase64(text);
  const encoded = readUri(decoded, 'ORGANIZATION');
  if (encoded !== undefined && isUuid(encoded)) return { uuid: encoded.toLowerCase(), form: 'hydra' };
  const bare = readUri(text, 'ORGANIZATION') ?? decoded;
  return bare !== undefined && isUuid(bare) ? { uuid: bare.toLowerCase(), form: 'other' } : undefined;
}

/** Reads the client id out of an application id; `undefined` when it is none. */
export function readApplicationId(text: string): string | undefined {
  return readUri(decodeBase64(text), 'APPLICATION');
}
