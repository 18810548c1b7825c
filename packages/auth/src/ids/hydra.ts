// Webex's public ids: base64 of a URI that names a cluster, a type and an id. webex/rest.md 3.5 and section 2.

/** The parts of `ciscospark://<cluster>/<TYPE>/<id>`. */
export interface HydraUri {
  /** `us`, or `urn:TEAM:<cluster>` outside of it. */
  readonly cluster: string;
  /** Upper case, for example `ORGANIZATION`. */
  readonly type: string;
  readonly id: string;
}

const URI = /^ciscospark:\/\/([A-Za-z0-9:_.-]{1,100})\/([A-Z_]{1,40})\/([A-Za-z0-9_-]{1,200})$/;
const BASE64 = /^[A-Za-z0-9+/_-]{8,500}={0,2}$/;

/** The parts of a URI, or undefined. */
export function parseHydraUri(text: string): HydraUri | undefined {
  const [, cluster, type, id] = URI.exec(text) ?? [];
  return cluster === undefined || type === undefined || id === undefined ? undefined : { cluster, type, id };
}

/** The text that base64 or base64url holds, padded or not; undefined when it is neither, or not printable ASCII. */
export function decodeBase64Text(text: string): string | undefined {
  if (!BASE64.test(text)) return undefined;
  const decoded = Buffer.from(text, 'base64').toString('latin1');
  return /^[\x21-\x7e]+$/.test(decoded) ? decoded : undefined;
}

/** A URI as Webex writes it in its API: base64url without padding. */
export function encodeHydraUri({ cluster, type, id }: HydraUri, padded = false): string {
  const encoded = Buffer.from(`ciscospark://${cluster}/${type}/${id}`);
  return encoded.toString(padded ? 'base64' : 'base64url');
}
