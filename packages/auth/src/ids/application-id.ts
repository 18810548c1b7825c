// Application ids: the client id of a Service App, bare or in the URI. A data source names its app by the bare client id, every
// other part of the API by the encoded one. webex/rest.md section 2.
import { InvalidIdError } from '../errors/usage-errors.ts';
import { decodeBase64Text, encodeHydraUri, type HydraUri, parseHydraUri } from './hydra.ts';

/** A form of an application id; `client_id` is the bare one. */
export type ApplicationIdForm = 'client_id' | 'hydra' | 'hydra_padded' | 'base64_client_id' | 'uri';

/** An application id, whatever its form was. */
export interface ApplicationId {
  /** The client id: equal for all forms of one app. */
  readonly key: string;
  /** The cluster that the id named. */
  readonly cluster: string;
  /** The text as it came. */
  readonly wire: string;
}

/** `C` and 64 hex digits today; others of that kind are taken too. */
const CLIENT_ID = /^C[0-9A-Za-z]{16,160}$/;

function fromUri(uri: HydraUri | undefined): { key: string; cluster: string } | undefined {
  return uri?.type === 'APPLICATION' ? { key: uri.id, cluster: uri.cluster } : undefined;
}

/**
 * Reads an application id: a client id, or one of its encoded forms.
 *
 * @throws InvalidIdError when it is none of them
 *
 * @example
 * ```ts
 * import { encodeApplicationId, parseApplicationId } from '@byova/auth';
 *
 * const clientId = `C${'0a'.repeat(32)}`;
 * const applicationId = encodeApplicationId(clientId);
 * console.log(parseApplicationId(applicationId).key === clientId); // true
 * ```
 */
export function parseApplicationId(text: string): ApplicationId {
  const wire = text.trim();
  const decoded = decodeBase64Text(wire);
  const found =
    fromUri(parseHydraUri(wire)) ??
    fromUri(decoded === undefined ? undefined : parseHydraUri(decoded)) ??
    // Base64 of a bare client id begins with "Q"; a client id with "C", so one is never taken for the other.
    (CLIENT_ID.test(wire)
      ? { key: wire, cluster: 'us' }
      : decoded !== undefined && CLIENT_ID.test(decoded)
        ? { key: decoded, cluster: 'us' }
        : undefined);
  if (found === undefined) {
    throw new InvalidIdError(
      'Not an application id. Give the client id of the Service App, or the id that Webex gave.',
    );
  }
  return { ...found, wire };
}

/**
 * The key of an app: its client id.
 *
 * @throws InvalidIdError when the text is no application id
 *
 * @example
 * ```ts
 * import { applicationKey } from '@byova/auth';
 *
 * const clientId = `C${'0a'.repeat(32)}`;
 * console.log(applicationKey(`ciscospark://us/APPLICATION/${clientId}`) === clientId); // true
 * ```
 */
export function applicationKey(text: string): string {
  return parseApplicationId(text).key;
}

/**
 * An application id in the form that is asked for. Default `hydra`: base64url without padding, the form of the REST API.
 *
 * @throws InvalidIdError when the text is no application id
 *
 * @example
 * ```ts
 * import { encodeApplicationId } from '@byova/auth';
 *
 * console.log(encodeApplicationId(`C${'0a'.repeat(32)}`, 'uri').slice(0, 30)); // ciscospark://us/APPLICATION/C0
 * ```
 */
export function encodeApplicationId(text: string, form: ApplicationIdForm = 'hydra'): string {
  const { key, cluster } = parseApplicationId(text);
  const uri = { cluster, type: 'APPLICATION', id: key };
  switch (form) {
    case 'client_id':
      return key;
    case 'hydra':
      return encodeHydraUri(uri);
    case 'hydra_padded':
      return encodeHydraUri(uri, true);
    case 'base64_client_id':
      return Buffer.from(key).toString('base64');
    case 'uri':
      return `ciscospark://${cluster}/APPLICATION/${key}`;
  }
}
