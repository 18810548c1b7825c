// Which customer organizations have authorized the Service App, and since when. The date of an authorization grows with
// each new one, also on a clock that stands still: receivers tell a new authorization from a replay by it.
import { createHash } from 'node:crypto';
import { SimulatorError } from '../../errors.ts';
import { isUuid } from '../ids.ts';

/** An organization that has authorized the Service App at least once. */
export interface Organization {
  readonly orgId: string;
  readonly authorized: boolean;
  /** ISO 8601. Stays when the authorization ends. */
  readonly authorizationDate: string;
}

/** The table. Organizations are raw UUIDs in lower case; see {@link readOrganization}. */
export interface Organizations {
  authorize(orgId: string, authorizationDate: string | undefined): Organization;
  /** Also for one that never authorized. */
  deauthorize(orgId: string): Organization;
  isAuthorized(orgId: string): boolean;
  all(): readonly Organization[];
}

/** Checks an organization that a test or a person names. Throws `INVALID_OPTION` for anything but a raw UUID. */
export function readOrganization(orgId: string): string {
  if (isUuid(orgId)) return orgId.toLowerCase();
  throw new SimulatorError('INVALID_OPTION', 'orgId must be a raw UUID.');
}

/** The machine account that stands for the Service App in an organization: always the same UUID. */
export function machineAccount(orgId: string): string {
  const hex = createHash('sha256').update(orgId).digest('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** Makes an empty table. */
export function createOrganizations(now: () => number): Organizations {
  const table = new Map<string, Organization>();
  const put = (organization: Organization): Organization => {
    table.set(organization.orgId, organization);
    return organization;
  };
  function nextDate(orgId: string): string {
    const last = Date.parse(table.get(orgId)?.authorizationDate ?? '');
    return new Date(Number.isNaN(last) ? now() : Math.max(now(), last + 1)).toISOString();
  }
  return {
    authorize: (orgId, date) => put({ orgId, authorized: true, authorizationDate: date ?? nextDate(orgId) }),
    deauthorize: (orgId) =>
      put({ orgId, authorized: false, authorizationDate: table.get(orgId)?.authorizationDate ?? nextDate(orgId) }),
    isAuthorized: (orgId) => table.get(orgId)?.authorized === true,
    all: () => [...table.values()],
  };
}
