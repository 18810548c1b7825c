// The regions of Webex, each with an identity broker of its own.
import { SimulatorError } from '../../errors.ts';

/** A region of Webex, by the name of its identity broker. */
export type Region = 'us' | 'eu' | 'b-us' | 'ca';

/** Regions and the paths of their issuers. */
export const REGIONS: Readonly<Record<Region, string>> = Object.freeze({
  us: '/idb',
  eu: '/idb-eu',
  'b-us': '/idb-b-us',
  ca: '/idb-ca',
});

/** Checks the name of a region. Throws `INVALID_OPTION`. */
export function readRegion(region: string): Region {
  if (Object.hasOwn(REGIONS, region)) return region as Region;
  throw new SimulatorError('INVALID_OPTION', `region must be one of ${Object.keys(REGIONS).join(', ')}.`);
}
