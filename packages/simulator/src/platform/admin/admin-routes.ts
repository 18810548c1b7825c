// The control over HTTP, for people with curl and for other processes: what an administrator does, faults, and a view of
// the journal and the state in which no secret stands.

import { SimulatorError } from '../../errors.ts';
import { readOrganization } from '../applications/organizations.ts';
import type { DataSourceStore } from '../data-sources/data-source-store.ts';
import type { Fault, FaultQueue } from '../http/fault.ts';
import { HttpError } from '../http/http-error.ts';
import type { Journal } from '../http/journal.ts';
import { json, noContent, type Reply } from '../http/reply.ts';
import { readJsonObject } from '../http/request.ts';
import type { Route } from '../http/router.ts';
import type { Issuers } from '../issuers/issuers.ts';
import { readRegion } from '../issuers/region.ts';
import type { SecretBook } from '../secret-book.ts';
import type { Delivery } from '../webhooks/delivery.ts';
import { readFault } from './read-fault.ts';
import { redactEntry } from './redact-entry.ts';

interface Parts {
  readonly journal: Journal;
  readonly faults: FaultQueue;
  readonly secrets: SecretBook;
  readonly authorize: (orgId: string) => Promise<readonly Delivery[]>;
  readonly deauthorize: (orgId: string) => Promise<readonly Delivery[]>;
  readonly issuers: Issuers;
  readonly dataSources: DataSourceStore;
  /** The state, without secrets. */
  readonly state: () => Record<string, unknown>;
}

/** Turns the objection of the programming interface into a refusal over HTTP. */
function checked<Value>(work: () => Value): Value {
  try {
    return work();
  } catch (error) {
    if (error instanceof SimulatorError) throw new HttpError(400, error.message);
    throw error;
  }
}

/** The routes. */
export function adminRoutes(parts: Parts): readonly Route[] {
  const { journal, faults, secrets, authorize, deauthorize, issuers, dataSources, state } = parts;

  async function act(orgId: string, action: (orgId: string) => Promise<readonly Delivery[]>): Promise<Reply> {
    const organization = checked(() => readOrganization(orgId));
    const attempts = await action(organization);
    const deliveries = attempts.map(({ webhookId, event, status, error }) => ({ webhookId, event, status, error }));
    return json({ orgId: organization, deliveries });
  }

  return [
    {
      method: 'POST',
      path: '/_sim/organizations/:orgId/authorize',
      handler: ({ params }) => act(params['orgId'] ?? '', authorize),
    },
    {
      method: 'POST',
      path: '/_sim/organizations/:orgId/deauthorize',
      handler: ({ params }) => act(params['orgId'] ?? '', deauthorize),
    },
    {
      method: 'GET',
      path: '/_sim/journal',
      handler: () => json({ items: journal.all().map((entry) => redactEntry(entry, secrets)) }),
    },
    {
      method: 'POST',
      path: '/_sim/faults',
      handler: (request) => {
        const fault: Fault = readFault(readJsonObject(request));
        checked(() => faults.add(fault));
        return noContent();
      },
    },
    {
      method: 'DELETE',
      path: '/_sim/faults',
      handler: () => {
        faults.clear();
        return noContent();
      },
    },
    {
      method: 'POST',
      path: '/_sim/regions/:region/rotate-keys',
      handler: async ({ params, query }) => {
        const region = checked(() => readRegion(params['region'] ?? ''));
        await issuers.rotate(region, query.get('drop') === null);
        return noContent();
      },
    },
    {
      method: 'POST',
      path: '/_sim/organizations/:orgId/expire-tokens',
      handler: ({ params }) => {
        dataSources.expireTokens(checked(() => readOrganization(params['orgId'] ?? '')));
        return noContent();
      },
    },
    {
      method: 'POST',
      path: '/_sim/dataSources/:id/disable',
      handler: (request) => {
        const { errorMessage } = readJsonObject(request);
        if (typeof errorMessage !== 'string' || errorMessage === '')
          throw new HttpError(400, 'errorMessage is missing.');
        if (!dataSources.disable(request.params['id'] ?? '', errorMessage)) {
          throw new HttpError(404, 'There is no such data source.');
        }
        return noContent();
      },
    },
    { method: 'GET', path: '/_sim/state', handler: () => json(state()) },
  ];
}
