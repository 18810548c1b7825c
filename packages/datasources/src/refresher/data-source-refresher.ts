// Keeps the tokens of data sources from ending, in one process or in many that share a store.
import {
  ClosedError,
  InvalidOptionsError,
  NotFoundError,
  OrganizationNotAuthorizedError,
  organizationKey,
  StoreUnavailableError,
  WebexError,
} from '@byova/auth';
import {
  type ClockTimer,
  createEmitter,
  type Emitter,
  isWithin,
  MAX_TIMER_MS,
  type RandomSource,
  silentLogger,
  systemClock,
  toFailure,
  underLease,
  type WallClock,
} from '@byova/auth/foundation';
import type { DataSource } from '../client/data-source.ts';
import { DataSourceClient } from '../client/data-source-client.ts';
import type { DataSourceSpec, EnsuredDataSource } from '../client/ensure-data-source.ts';
import type { KnownDataSources } from '../jws/known-data-sources.ts';
import type { DataSourceClaims } from '../jws/read-token.ts';
import { createKnownDataSources } from './known-from-store.ts';
import type { DataSourceRefresherEvents } from './refresher-events.ts';
import {
  checkRefresherOptions,
  type DataSourceRefresherOptions,
  type RefreshedDataSource,
} from './refresher-options.ts';
import {
  type RenewalContext,
  type RenewalOutcome,
  type Renewed,
  renewDataSource,
  renewWithoutStore,
} from './renew-data-source.ts';
import { createRenewalEntries, type RenewalEntry } from './renewal-entries.ts';
import { createRenewalPlan, type RenewalPlan } from './renewal-plan.ts';
import { createRenewalQueue, type RenewalQueue } from './renewal-queue.ts';
import { noncesOf, type RenewalRecord } from './renewal-record.ts';
import { createRenewalStore, type RenewalStore } from './renewal-store.ts';

/** Webex is asked at most so often about a nonce that nobody knows; the store more often. */
const ASK_WEBEX_MS = 30_000;
const READ_AGAIN_MS = 1000;
const MAX_READ_AGAIN = 1000;

/**
 * Renews the tokens of data sources before they end, for as long as it runs.
 *
 * One PUT per period in the whole fleet that shares the store; each replica takes over from one that is killed. Never stops by
 * itself: a renewal that fails is tried again within the time that is left, and after it. A disabled data source stays disabled.
 *
 * @example
 * ```ts
 * import { MemoryTokenStore, ServiceAppTokenManager } from '@byova/auth';
 * import { DataSourceRefresher } from '@byova/datasources';
 * import { startPlatform } from '@byova/simulator';
 *
 * const platform = await startPlatform(); // instead of Webex
 * const { accessToken } = platform.issueIntegrationTokens();
 * const store = new MemoryTokenStore();
 * const serviceApp = new ServiceAppTokenManager({
 *   ...platform.serviceApp,
 *   integration: { accessToken: async () => accessToken },
 *   store,
 *   http: { baseUrl: platform.apiUrl },
 * });
 * const organization = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';
 * await platform.authorizeApp(organization); // an administrator, in Control Hub
 * await serviceApp.authorizeOrganization(organization);
 *
 * const refresher = new DataSourceRefresher({ serviceApp, store });
 * refresher.on('renewal_at_risk', ({ organization, remainingMs }) => console.error('wake somebody', organization, remainingMs));
 * await refresher.start();
 * await refresher.ensure(organization, { url: 'https://va.example.com:443', audience: 'va', subject: 'callAudio' });
 * console.log(refresher.dataSources.length); // 1
 *
 * await refresher.close();
 * await serviceApp.close();
 * await platform.close();
 * ```
 */
export class DataSourceRefresher {
  readonly #options: DataSourceRefresherOptions;
  readonly #records: RenewalStore;
  readonly #clock: WallClock;
  readonly #random: RandomSource;
  readonly #plan: RenewalPlan;
  readonly #queue: RenewalQueue;
  readonly #events: Emitter<DataSourceRefresherEvents>;
  readonly #entries = createRenewalEntries();
  readonly #clients = new Map<string, DataSourceClient>();
  /** When an organization's records were last read again for a verifier. */
  readonly #readAgainAt = new Map<string, number>();
  readonly #background = new Set<Promise<void>>();
  /** Organizations that left, while the store may still have what is to be forgotten of them. */
  readonly #leaving = new Set<string>();
  readonly #ending = new AbortController();
  readonly #stopListening: () => void;
  #looking: ClockTimer | undefined;
  #started = false;

  /** The data sources that are kept alive, for a `JwsVerifier` or the `verify` option of a media server. */
  readonly knownDataSources: KnownDataSources;

  /** @throws InvalidOptionsError */
  constructor(options: DataSourceRefresherOptions) {
    const { serviceApp, store, concurrency, renewInLast, spread } = checkRefresherOptions(options);
    this.#options = options;
    this.#records = createRenewalStore(store, serviceApp.clientId);
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? Math.random;
    this.#plan = createRenewalPlan({ renewInLast, spread });
    this.#events = createEmitter(options.logger ?? silentLogger, 'data source event');
    this.#queue = createRenewalQueue(this.#clock, concurrency, (key) => this.#renew(key));
    this.knownDataSources = createKnownDataSources({
      recordsOf: (organization) => this.#entries.ofOrganization(organization).map(({ record }) => record),
      readAgain: (claims) => this.#readAgain(claims),
      now: () => this.#clock.now(),
    });
    this.#stopListening = serviceApp.on('deauthorized', ({ organization }) => {
      // At once: not one more call of theirs is let in. The store follows.
      this.#leaving.add(organization);
      for (const entry of this.#entries.ofOrganization(organization)) this.#drop(entry, 'deauthorized');
      this.#inBackground(this.#forgetOrganization(organization));
    });
  }

  /**
   * Listens to an event.
   *
   * @returns removes the listener
   */
  on<Name extends keyof DataSourceRefresherEvents>(
    name: Name,
    listener: (event: DataSourceRefresherEvents[Name]) => void,
  ): () => void {
    return this.#events.on(name, listener);
  }

  /** The data sources that this process knows of. */
  get dataSources(): readonly RefreshedDataSource[] {
    return this.#entries.all().map(({ key, attempt, record: { organization, id, url, expiresAt } }) => ({
      organization,
      id,
      url,
      expiresAt,
      nextRenewalAt: this.#queue.dueAt(key),
      failures: attempt,
    }));
  }

  /** A client for the data sources of an organization; one per organization, with the dialect that was found to work. */
  clientFor(organization: string): DataSourceClient {
    const key = organizationKey(organization);
    const known = this.#clients.get(key);
    if (known !== undefined) return known;
    const { serviceApp, dialect, createNonce, clock, logger } = this.#options;
    const client = new DataSourceClient({
      serviceApp,
      organization: key,
      ...(dialect === undefined ? {} : { dialect }),
      ...(createNonce === undefined ? {} : { createNonce }),
      ...(clock === undefined ? {} : { clock }),
      ...(logger === undefined ? {} : { logger }),
    });
    this.#clients.set(key, client);
    return client;
  }

  /**
   * Makes sure that an organization has a data source (`DataSourceClient.ensure`), and keeps it alive from now on. Replicas that
   * start together make one, not one each.
   *
   * @throws DataSourceAmbiguousError, InvalidOptionsError, InvalidIdError, StoreUnavailableError, WebexErrors
   */
  async ensure(
    organization: string,
    spec: DataSourceSpec,
    options: { readonly signal?: AbortSignal | undefined } = {},
  ): Promise<EnsuredDataSource> {
    const client = this.clientFor(organization);
    const signal =
      options.signal === undefined ? this.#ending.signal : AbortSignal.any([options.signal, this.#ending.signal]);
    const context = { store: this.#options.store, clock: this.#clock, random: this.#random, leaseMs: 15_000, signal };
    const ensured = await underLease(
      this.#records.keyOf({ organization: client.organization }),
      context,
      async () => undefined,
      () => client.ensure(spec, { signal }),
    );
    await this.add(ensured.dataSource);
    return ensured;
  }

  /** Keeps a data source alive that is registered already. @throws ClosedError, StoreUnavailableError */
  async add(dataSource: DataSource): Promise<void> {
    if (this.#ending.signal.aborted) throw new ClosedError('The refresher');
    this.#leaving.delete(dataSource.organization);
    this.#take(this.#records.keyOf(dataSource), await this.#records.put(dataSource, this.#clock.now()));
  }

  /**
   * Renews a token now, whenever it is due: after a leak, or to try it out.
   *
   * @throws InvalidOptionsError for a data source that is not kept alive here; StoreUnavailableError, WebexErrors
   */
  async renew(organization: string, id: string): Promise<void> {
    const entry = this.#entries.get(this.#records.keyOf({ organization: organizationKey(organization), id }));
    if (entry === undefined)
      throw new InvalidOptionsError(`id: no data source ${id} of that organization is kept alive.`);
    const before = entry.record;
    const outcome = await renewDataSource(before, { ...this.#context(entry), force: true });
    if (outcome.kind === 'superseded') await this.#readRecord(entry.key);
    else if (this.#entries.get(entry.key) === entry) this.#accept(entry, before, outcome);
  }

  /** Lets a data source's token end when it will. The data source stays registered. */
  async remove(organization: string, id: string): Promise<void> {
    const key = this.#records.keyOf({ organization: organizationKey(organization), id });
    const entry = this.#entries.get(key);
    if (entry !== undefined) this.#drop(entry, 'removed');
    await this.#records.forget(key);
  }

  /** Takes on what the store has, and renews from now on; at once what is overdue. @throws StoreUnavailableError */
  async start(): Promise<void> {
    if (this.#ending.signal.aborted) throw new ClosedError('The refresher');
    await this.#readStore();
    this.#started = true;
    for (const entry of this.#entries.all()) this.#schedule(entry);
    this.#lookAgain();
  }

  /**
   * Ends the renewing and waits for what is under way. The store stays open.
   *
   * @param options.graceMs - how long to wait before it is broken off; default 10,000
   */
  async close(options: { readonly graceMs?: number } = {}): Promise<void> {
    this.#looking?.cancel();
    this.#stopListening();
    const overdue = this.#clock.setTimer(
      () => this.#ending.abort(new ClosedError('The refresher')),
      options.graceMs ?? 10_000,
      { keepAlive: true },
    );
    await Promise.all([this.#queue.close(), ...this.#background]);
    overdue.cancel();
    this.#ending.abort(new ClosedError('The refresher'));
  }

  /** Shows what is kept alive; no nonce. */
  toJSON(): { readonly dataSources: readonly RefreshedDataSource[] } {
    return { dataSources: this.dataSources };
  }

  /** Takes on a record that was read or written. */
  #take(key: string, record: RenewalRecord): void {
    if (this.#leaving.has(record.organization)) return;
    const known = this.#entries.get(key);
    if (known !== undefined && known.record.issuedAt > record.issuedAt) return;
    const entry = known ?? this.#entries.add(key, record);
    const renewed = known !== undefined && known.record.expiresAt !== record.expiresAt;
    entry.record = record;
    if (renewed) this.#settle(entry, 'another');
    else if (known === undefined) this.#schedule(entry);
  }

  #schedule(entry: RenewalEntry, notBefore = 0): void {
    if (!this.#started) return;
    this.#queue.schedule(entry.key, Math.max(notBefore, this.#plan.dueAt(entry.record, this.#random())));
  }

  #settle(entry: RenewalEntry, by: 'this' | 'another'): void {
    const { organization, id, expiresAt } = entry.record;
    entry.attempt = 0;
    entry.told = 'nothing';
    this.#schedule(entry, this.#plan.notBefore(entry.record, this.#clock.now()));
    this.#events.emit('rotated', { organization, id, expiresAt, by });
  }

  #drop({ key, record: { organization, id } }: RenewalEntry, reason: 'deleted' | 'deauthorized' | 'removed'): void {
    this.#entries.delete(key);
    this.#queue.remove(key);
    this.#events.emit('gone', { organization, id, reason });
  }

  async #renew(key: string): Promise<void> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    const before = entry.record;
    try {
      const outcome = await this.#renewOnce(entry);
      // Deauthorized or taken out meanwhile: what came of it is not taken.
      if (this.#entries.get(key) !== entry) return;
      if (outcome.kind === 'superseded') {
        await this.#readRecord(key);
        // Read again and still due: somebody else is at it, or it is ours to do after all.
        if (this.#entries.get(key) === entry && entry.record === before) this.#retry(entry, undefined);
        return;
      }
      this.#accept(entry, before, outcome);
    } catch (error) {
      if (this.#entries.get(key) === entry) await this.#failed(entry, error);
    }
  }

  #accept(entry: RenewalEntry, before: RenewalRecord, { kind, record }: Renewed): void {
    entry.record = record;
    if (record.nonce !== before.nonce) this.#settle(entry, kind === 'renewed' ? 'this' : 'another');
    else this.#schedule(entry);
  }

  #context(entry: RenewalEntry): RenewalContext {
    return {
      key: entry.key,
      store: this.#options.store,
      client: this.clientFor(entry.record.organization),
      plan: this.#plan,
      clock: this.#clock,
      random: this.#random,
      signal: this.#ending.signal,
    };
  }

  async #renewOnce(entry: RenewalEntry): Promise<RenewalOutcome> {
    const context = this.#context(entry);
    try {
      return await renewDataSource(entry.record, context);
    } catch (error) {
      const mustGoOn = error instanceof StoreUnavailableError && this.#plan.isAtRisk(entry.record, this.#clock.now());
      if (!mustGoOn) throw error;
      return renewWithoutStore(entry.record, context);
    }
  }

  async #failed(entry: RenewalEntry, error: unknown): Promise<void> {
    const reason =
      error instanceof NotFoundError
        ? 'deleted'
        : error instanceof OrganizationNotAuthorizedError
          ? 'deauthorized'
          : undefined;
    if (reason !== undefined) {
      this.#drop(entry, reason);
      await this.#records.forget(entry.key).catch((failure: unknown) => {
        this.#events.emit('store_failed', toFailure(failure));
      });
      return;
    }
    if (this.#ending.signal.aborted) return;
    this.#retry(entry, error);
  }

  /** Tries again within the time that is left, or after it; tells of it. */
  #retry(entry: RenewalEntry, error: unknown): void {
    const { organization, id, expiresAt } = entry.record;
    const now = this.#clock.now();
    entry.attempt += 1;
    const retryAfterMs = error instanceof WebexError ? error.retryAfterMs : undefined;
    const told = { attempt: entry.attempt, retryAfterMs, draw: this.#random() };
    const nextTryAt = now + this.#plan.retryDelayMs(entry.record, now, told);
    this.#queue.schedule(entry.key, nextTryAt);
    if (error === undefined) return;
    const failure = { organization, id, expiresAt, ...toFailure(error) };
    this.#events.emit('refresh_failed', { ...failure, attempt: entry.attempt, nextTryAt });
    const state = now >= expiresAt ? 'expired' : this.#plan.isAtRisk(entry.record, now) ? 'at_risk' : 'nothing';
    if (state === 'nothing' || entry.told === state || entry.told === 'expired') return;
    entry.told = state;
    this.#events.emit('renewal_at_risk', { ...failure, remainingMs: Math.max(0, expiresAt - now) });
  }

  async #readRecord(key: string): Promise<void> {
    const record = await this.#records.read(key);
    const entry = this.#entries.get(key);
    if (record !== undefined) this.#take(key, record);
    else if (entry !== undefined) this.#drop(entry, 'removed');
  }

  async #readStore(): Promise<void> {
    const keys = await this.#records.keys();
    for (const key of new Set([...keys, ...this.#entries.all().map((entry) => entry.key)])) {
      if (this.#ending.signal.aborted) return;
      await this.#readRecord(key);
    }
  }

  #lookAgain(): void {
    const { storeReadMs = 60_000 } = this.#options;
    const delayMs = Math.min(MAX_TIMER_MS, storeReadMs * (0.5 + this.#random()));
    this.#looking = this.#clock.setTimer(() => {
      const read = this.#readStore().catch((error: unknown) => this.#events.emit('store_failed', toFailure(error)));
      this.#inBackground(
        read.then(() => {
          if (!this.#ending.signal.aborted) this.#lookAgain();
        }),
      );
    }, delayMs);
  }

  /** For a verifier that was shown what it does not know: a replica, or another program, may have changed it a moment ago. */
  async #readAgain({ organization, jti }: DataSourceClaims): Promise<void> {
    const now = this.#clock.now();
    if (this.#leaving.has(organization)) return;
    if (isWithin(now, this.#readAgainAt.get(organization) ?? 0, READ_AGAIN_MS)) return;
    if (this.#readAgainAt.size >= MAX_READ_AGAIN) this.#readAgainAt.clear();
    this.#readAgainAt.set(organization, now);
    try {
      const keys = await this.#records.keys(organization);
      for (const key of new Set([...keys, ...this.#entries.ofOrganization(organization).map((entry) => entry.key)])) {
        await this.#readRecord(key);
      }
      for (const entry of this.#entries.ofOrganization(organization)) {
        if (noncesOf(entry.record, now).includes(jti)) return;
        if (isWithin(now, entry.askedAt, ASK_WEBEX_MS)) continue;
        entry.askedAt = now;
        await this.add(await this.clientFor(organization).get(entry.record.id, { signal: this.#ending.signal }));
      }
    } catch (error) {
      // The call is refused, as it would have been without asking.
      this.#events.emit('store_failed', toFailure(error));
    }
  }

  async #forgetOrganization(organization: string): Promise<void> {
    try {
      for (const key of await this.#records.keys(organization)) await this.#records.forget(key);
      this.#leaving.delete(organization);
    } catch (error) {
      // What stays is found to be without authorization when it is due.
      this.#events.emit('store_failed', toFailure(error));
    }
  }

  #inBackground(work: Promise<void>): void {
    const settled: Promise<void> = work.finally(() => this.#background.delete(settled));
    this.#background.add(settled);
  }
}
