// The keys of the issuers. No bearer is needed; with and without a slash at the end, as documents and programs disagree.
import { json } from '../http/reply.ts';
import type { Route } from '../http/router.ts';
import { type Issuers, KEYS_PATH } from './issuers.ts';
import { REGIONS, type Region } from './region.ts';

/** The routes. */
export function issuerRoutes(issuers: Issuers): readonly Route[] {
  return (Object.entries(REGIONS) as [Region, string][]).flatMap(([region, path]) =>
    ['', '/'].map(
      (end): Route => ({
        method: 'GET',
        path: `${path}${KEYS_PATH}${end}`,
        handler: () => json(issuers.keySet(region)),
      }),
    ),
  );
}
