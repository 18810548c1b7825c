// Organization ids: five forms of one UUID, of which the UUID in lower case is the key everywhere in this library.
import { InvalidIdError } from '../errors/usage-errors.ts';
import { decodeBase64Text, encodeHydraUri, type HydraUri, parseHydraUri } from './hydra.ts';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/**
 * A form of an organization id (webex/rest.md 3.5).
 *
 * - `uuid`: as in tokens, data sources and calls.
 * - `hydra`: base64url without padding of the URI, as in the REST API and webhooks.
 * - `hydra_padded`: the same in base64 with padding.
 * - `base64_uuid`: base64 of the bare UUID.
 * - `uri`: the URI itself, `ciscospark://us/ORGANIZATION/<uuid>`.
 */
export type OrganizationIdForm = 'uuid' | 'hydra' | 'hydra_padded' | 'base64_uuid' | 'uri';

/** An organization id, whatever its form was. */
export interface OrganizationId {
  /** The UUID in lower case: equal for all forms of one organization. */
  readonly key: string;
  /** The cluster that the id named: `us`, or `urn:TEAM:<cluster>`. */
  readonly cluster: string;
  /** The text as it came, to be sent back to Webex as it was. */
  readonly wire: string;
}

function fromUri(uri: HydraUri | undefined): { key: string; cluster: string } | undefined {
  if (uri?.type !== 'ORGANIZATION' || !UUID.test(uri.id)) return undefined;
  return { key: uri.id.toLowerCase(), cluster: uri.cluster };
}

/**
 * Reads an organization id in any of the forms that Webex uses.
 *
 * @throws InvalidIdError when it is none of them
 *
 * @example
 * ```ts
 * import { parseOrganizationId } from '@byova/auth';
 *
 * const { key } = parseOrganizationId('Y2lzY29zcGFyazovL3VzL09SR0FOSVpBVElPTi85NmFiYzJhYS0zZGNjLTExZTUtYTE1Mi1mZTM0ODE5Y2RjOWE');
 * console.log(key); // 96abc2aa-3dcc-11e5-a152-fe34819cdc9a
 * ```
 */
export function parseOrganizationId(text: string): OrganizationId {
  const wire = text.trim();
  if (UUID.test(wire)) return { key: wire.toLowerCase(), cluster: 'us', wire };
  const decoded = decodeBase64Text(wire);
  const found =
    fromUri(parseHydraUri(wire)) ??
    (decoded === undefined
      ? undefined
      : UUID.test(decoded)
        ? { key: decoded.toLowerCase(), cluster: 'us' }
        : fromUri(parseHydraUri(decoded)));
  if (found === undefined) {
    throw new InvalidIdError('Not an organization id. Give the UUID, or the id that Webex gave.');
  }
  return { ...found, wire };
}

/**
 * The key of an organization: its UUID in lower case.
 *
 * @throws InvalidIdError when the text is no organization id
 *
 * @example
 * ```ts
 * import { organizationKey } from '@byova/auth';
 *
 * console.log(organizationKey('OTZhYmMyYWEtM2RjYy0xMWU1LWExNTItZmUzNDgxOWNkYzlh')); // 96abc2aa-3dcc-11e5-a152-fe34819cdc9a
 * ```
 */
export function organizationKey(text: string): string {
  return parseOrganizationId(text).key;
}

/**
 * An organization id in the form that is asked for. Default `hydra`, the form of the REST API.
 *
 * @throws InvalidIdError when the text is no organization id
 *
 * @example
 * ```ts
 * import { encodeOrganizationId } from '@byova/auth';
 *
 * console.log(encodeOrganizationId('96abc2aa-3dcc-11e5-a152-fe34819cdc9a', 'uri'));
 * // ciscospark://us/ORGANIZATION/96abc2aa-3dcc-11e5-a152-fe34819cdc9a
 * ```
 */
export function encodeOrganizationId(text: string, form: OrganizationIdForm = 'hydra'): string {
  const { key, cluster } = parseOrganizationId(text);
  const uri = { cluster, type: 'ORGANIZATION', id: key };
  switch (form) {
    case 'uuid':
      return key;
    case 'hydra':
      return encodeHydraUri(uri);
    case 'hydra_padded':
      return encodeHydraUri(uri, true);
    case 'base64_uuid':
      return Buffer.from(key).toString('base64');
    case 'uri':
      return `ciscospark://${cluster}/ORGANIZATION/${key}`;
  }
}
