// A refresher with one data source, on a clock of the test's own.
import { MemoryTokenStore } from '@byova/auth';
import {
  DataSourceClient,
  DataSourceRefresher,
  type DataSourceRefresherEvents,
  type DataSourceRefresherOptions,
} from '@byova/datasources';
import { FakeWebex } from './fake-webex.ts';
import { SimClock } from './sim-clock.ts';

export const MINUTE = 60_000;
export const ORGANIZATION = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';

export interface Told {
  readonly at: number;
  readonly name: keyof DataSourceRefresherEvents;
  readonly event: DataSourceRefresherEvents[keyof DataSourceRefresherEvents];
}

/** A refresher with one data source of an organization, registered and known. */
export async function setUp(
  options: Partial<DataSourceRefresherOptions> & { readonly minutes?: number; readonly start?: boolean } = {},
) {
  const { minutes = 60, start = true, ...rest } = options;
  const clock = new SimClock();
  const webex = new FakeWebex(clock);
  const store = options.store ?? new MemoryTokenStore({ clock });
  const source = webex.add(ORGANIZATION, 's1', minutes);
  const make = (more: Partial<DataSourceRefresherOptions> = {}) => {
    const refresher = new DataSourceRefresher({
      serviceApp: webex.serviceApp(),
      store,
      clock,
      random: () => 0,
      ...rest,
      ...more,
    });
    const told: Told[] = [];
    for (const name of ['rotated', 'refresh_failed', 'renewal_at_risk', 'gone', 'store_failed'] as const) {
      refresher.on(name, (event) => told.push({ at: clock.now(), name, event }));
    }
    return { refresher, told };
  };
  const client = new DataSourceClient({ serviceApp: webex.serviceApp(), organization: ORGANIZATION, clock });
  const { refresher, told } = make();
  await refresher.add(await client.get('s1'));
  if (start) await refresher.start();
  const names = () => told.map(({ name }) => name);
  return { clock, webex, store, source, refresher, told, names, make, client };
}

/** Ends what waits for nothing but the clock. */
export async function finish(clock: SimClock, work: Promise<unknown>): Promise<void> {
  await Promise.all([work, clock.runUntil(clock.now() + MINUTE)]);
}
