// The Service App's tokens, one credential per customer organization that authorized it.
import { OrganizationNotAuthorizedError, ReauthorizationRequiredError } from '../errors/authorization-errors.ts';
import { ClosedError, InvalidOptionsError } from '../errors/usage-errors.ts';
import { type AccessTokenSource, HttpClient, type HttpClientOptions } from '../http/http-client.ts';
import { RetryBudget } from '../http/retry-budget.ts';
import { applicationKey, encodeApplicationId } from '../ids/application-id.ts';
import { organizationKey, parseOrganizationId } from '../ids/organization-id.ts';
import { silentLogger } from '../logger.ts';
import { type ClientCredentials, DeadRefreshToken } from '../oauth/token-endpoint.ts';
import { type ClockTimer, systemClock, type WallClock } from '../time/clock.ts';
import { Credential, type GetAccessTokenOptions } from './credential.ts';
import { type CredentialRecord, type CredentialSnapshot, parseCredential } from './credential-record.ts';
import { createEmitter, type Emitter } from './emitter.ts';
import { toFailure } from './failure.ts';
import { acceptAuthorization, acceptRevocation, type LifecycleOutcome } from './lifecycle.ts';
import type { TokenManagerOptions } from './manager-options.ts';
import { mintToken } from './mint.ts';
import { refreshOrAdopt } from './refresh.ts';
import type { ServiceAppEvents } from './service-app-events.ts';
import { type TokenSet, toTokenSet } from './token-set.ts';

/** Options of {@link ServiceAppTokenManager}. */
export interface ServiceAppTokenManagerOptions extends TokenManagerOptions {
  /** Client id of the Service App. */
  readonly clientId: string;
  readonly clientSecret: string;
  /** The application id, where it is not the encoded client id. */
  readonly applicationId?: string;
  /**
   * The Integration that mints tokens: its manager, or anything that gives a token with the scope `spark:applications_token`.
   * Without one, only organizations that were registered with a refresh token can be served.
   */
  readonly integration?: { readonly accessToken: AccessTokenSource };
}

/** How often `start` looks for organizations that other replicas have taken on, on average. */
const LOOK_MS = 300_000;

/** An organization that authorized the app. */
export interface OrganizationStatus {
  /** UUID. */
  readonly organization: string;
  /** `authorizing`: accepted, its first token is still to be minted. */
  readonly state: 'authorizing' | 'authorized';
  /** End of the access token; ms since 1970. */
  readonly expiresAt: number | undefined;
  /** End of the refresh token; ms since 1970. */
  readonly refreshTokenExpiresAt: number | undefined;
}

/** Options of the lifecycle methods. */
export interface LifecycleOptions {
  /**
   * When the administrator authorized the app, as the webhook says; the order of events is told by it. Default: now. A date before
   * 2015 or more than a day ahead is not believed: an authorization is `refused`, a deauthorization ends the present one.
   */
  readonly authorizationDate?: Date | undefined;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Holds the Service App's tokens, per organization.
 *
 * A token that ends is refreshed; when its refresh token is dead, the Integration mints another; when the Integration is dead,
 * a person is called for. All of that happens once per organization, in the whole fleet that shares the store.
 *
 * @example
 * ```ts
 * import { MemoryTokenStore, ServiceAppTokenManager } from '@byova/auth';
 * import { startPlatform } from '@byova/simulator';
 *
 * const platform = await startPlatform(); // instead of Webex
 * const { accessToken } = platform.issueIntegrationTokens();
 * const serviceApp = new ServiceAppTokenManager({
 *   ...platform.serviceApp,
 *   integration: { accessToken: async () => accessToken },
 *   store: new MemoryTokenStore(),
 *   http: { baseUrl: platform.apiUrl },
 * });
 * const organization = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';
 * await platform.authorizeApp(organization); // an administrator, in Control Hub
 * await serviceApp.authorizeOrganization(organization);
 * console.log((await serviceApp.organizations()).map(({ state }) => state)); // [ 'authorized' ]
 * await serviceApp.close();
 * await platform.close();
 * ```
 */
export class ServiceAppTokenManager {
  readonly #options: ServiceAppTokenManagerOptions;
  /** Of every client of this manager: all have one retry budget. */
  readonly #httpOptions: HttpClientOptions;
  readonly #client: ClientCredentials;
  readonly #clock: WallClock;
  readonly #http: HttpClient;
  readonly #events: Emitter<ServiceAppEvents>;
  readonly #credentials = new Map<string, Credential>();
  readonly #background = new Set<Promise<unknown>>();
  /** How tokens were got, until they are stored and told of. */
  readonly #origins = new WeakMap<TokenSet, 'minted' | 'refreshed'>();
  #started = false;
  #looking: ClockTimer | undefined;
  #closed = false;

  /** Client id of the Service App. */
  readonly clientId: string;
  /** The application id, as paths and webhook filters carry it. */
  readonly applicationId: string;

  /** @throws InvalidOptionsError, InvalidIdError */
  constructor(options: ServiceAppTokenManagerOptions) {
    for (const name of ['clientId', 'clientSecret'] as const) {
      if (typeof options[name] !== 'string' || options[name] === '') {
        throw new InvalidOptionsError(`${name}: missing. It stands on the Service App's page of the developer portal.`);
      }
    }
    if (typeof options.store?.get !== 'function') throw new InvalidOptionsError('store: give a token store.');
    this.#options = options;
    this.clientId = options.clientId;
    this.applicationId = encodeApplicationId(options.applicationId ?? options.clientId);
    this.#client = { clientId: options.clientId, clientSecret: options.clientSecret };
    this.#clock = options.http?.clock ?? systemClock;
    const { retry } = options.http ?? {};
    const budget = retry?.budget instanceof RetryBudget ? retry.budget : new RetryBudget(retry?.budget);
    this.#httpOptions = { ...options.http, retry: { ...retry, budget } };
    this.#http = new HttpClient(this.#httpOptions);
    this.#events = createEmitter(options.http?.logger ?? silentLogger, 'token event');
  }

  /**
   * Listens to an event.
   *
   * @returns removes the listener
   */
  on<Name extends keyof ServiceAppEvents>(name: Name, listener: (event: ServiceAppEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * An access token of an organization that is good now; renewed when it has to be.
   *
   * @param organization - its id, in any of Webex's forms
   * @throws OrganizationNotAuthorizedError, ReauthorizationRequiredError, InvalidIdError; any WebexError or
   *   StoreUnavailableError of a renewal that was needed and failed
   */
  async getAccessToken(organization: string, options: GetAccessTokenOptions = {}): Promise<string> {
    return this.#get(organizationKey(organization), options);
  }

  /** For an {@link HttpClient}: calls in the name of the app in one organization. */
  forOrganization(organization: string): AccessTokenSource {
    const key = organizationKey(organization);
    return (request) => this.#get(key, request);
  }

  /**
   * A client that calls Webex in the name of the app in one organization, with the `http` options of this manager. All its
   * clients share one retry budget.
   */
  clientFor(organization: string): HttpClient {
    return new HttpClient({ ...this.#httpOptions, accessToken: this.forOrganization(organization) });
  }

  /**
   * Takes an organization's authorization, and waits for its first token.
   *
   * @returns `refused` for an authorization that has been revoked since, or whose date cannot be: nothing was minted
   * @throws InvalidOptionsError for an invalid `Date`, OrganizationNotAuthorizedError when Webex does not confirm it, and what a mint can throw
   */
  async authorizeOrganization(organization: string, options: LifecycleOptions = {}): Promise<LifecycleOutcome> {
    const outcome = await this.#accept(organization, options);
    if (outcome !== 'refused') await this.getAccessToken(organization, { signal: options.signal });
    return outcome;
  }

  /**
   * Takes an organization's authorization durably and mints in the background, at this replica or, should it be killed, at
   * whichever asks next. What a webhook calls.
   */
  async acceptAuthorization(organization: string, options: LifecycleOptions = {}): Promise<LifecycleOutcome> {
    const outcome = await this.#accept(organization, options);
    if (outcome === 'accepted') this.#inBackground(this.getAccessToken(organization));
    return outcome;
  }

  /**
   * Registers an organization by a refresh token that was copied from the developer portal: for sandboxes, and for a move
   * from another program. The first token is fetched when it is asked for.
   */
  async registerOrganization(
    organization: string,
    tokens: { readonly refreshToken: string; readonly signal?: AbortSignal | undefined },
  ): Promise<void> {
    const id = parseOrganizationId(organization);
    if (typeof tokens.refreshToken !== 'string' || tokens.refreshToken === '') {
      throw new InvalidOptionsError(
        'refreshToken: missing. Copy it from the Service App page of the developer portal.',
      );
    }
    tokens.signal?.throwIfAborted();
    const { refreshToken } = tokens;
    await this.#credentialOf(id.key).update((before) => ({
      format: 1,
      state: 'authorized',
      generation: (before?.generation ?? 0) + 1,
      wireOrganization: id.wire,
      // An access token of which nothing is known but that it has ended: the first call refreshes it.
      tokens: { accessToken: 'none', obtainedAt: 0, expiresAt: 0, refreshToken },
    }));
    this.#events.emit('authorized', { organization: id.key });
  }

  /**
   * Wipes an organization's tokens, fences authorizations that are under way, and emits `deauthorized`.
   *
   * @returns `stale` when the event is about an authorization older than the present one: that is then checked with Webex
   */
  async deauthorize(organization: string, options: LifecycleOptions = {}): Promise<LifecycleOutcome> {
    options.signal?.throwIfAborted();
    const id = parseOrganizationId(organization);
    const at = timeOf(options.authorizationDate);
    let outcome: LifecycleOutcome = 'unchanged';
    await this.#credentialOf(id.key).update((before) => {
      const decision = acceptRevocation(before, at, this.#clock.now());
      outcome = decision.outcome;
      return decision.record;
    });
    // Assigned in the callback above, which the compiler does not follow.
    const taken = outcome as LifecycleOutcome;
    if (taken === 'accepted') this.#events.emit('deauthorized', { organization: id.key });
    else {
      this.#events.emit('lifecycle_ignored', { organization: id.key, about: 'deauthorized', outcome: taken });
      if (taken === 'stale') this.#inBackground(this.getAccessToken(id.key, { forceRefresh: true }));
    }
    return taken;
  }

  /** The organizations that are authorized, or being so. */
  async organizations(): Promise<readonly OrganizationStatus[]> {
    const { store } = this.#options;
    const found: OrganizationStatus[] = [];
    for (const key of await store.list(this.#prefix)) {
      const stored = await store.get(key);
      const record = stored && parseCredential(key, stored.value);
      if (record === undefined || record.state === 'revoked') continue;
      found.push({
        organization: key.slice(this.#prefix.length),
        state: record.state,
        // The placeholder of a registered sandbox has no end to speak of.
        expiresAt: record.tokens === undefined || record.tokens.expiresAt === 0 ? undefined : record.tokens.expiresAt,
        refreshTokenExpiresAt: record.tokens?.refreshTokenExpiresAt,
      });
    }
    return found;
  }

  /** Renews every organization's tokens by itself from now on, those that are authorized later included. */
  async start(): Promise<void> {
    this.#started = true;
    await this.#keepAllFresh();
  }

  /** Ends timers and waits for what is under way. The store stays open. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#looking?.cancel();
    await Promise.all([...this.#credentials.values()].map((credential) => credential.close()));
    await Promise.all(this.#background);
  }

  /** Shows which app this is, never a secret. */
  toJSON(): { readonly clientId: string; readonly applicationId: string } {
    return { clientId: this.clientId, applicationId: this.applicationId };
  }

  get #prefix(): string {
    return `service-app/${applicationKey(this.clientId)}/`;
  }

  async #get(key: string, options: GetAccessTokenOptions): Promise<string> {
    const credential = this.#credentialOf(key);
    try {
      return await credential.get(options);
    } catch (error) {
      // Whoever asks for organizations that nobody knows must not fill the memory.
      if (!credential.isKnown) this.#credentials.delete(key);
      throw error;
    }
  }

  /** Looks now and then for organizations that another replica has taken on: it may not be there tomorrow. */
  async #keepAllFresh(): Promise<void> {
    const { random = Math.random } = this.#options.http ?? {};
    const look = (): void => this.#inBackground(this.#keepAllFresh());
    this.#looking = this.#clock.setTimer(look, LOOK_MS * (0.5 + random()));
    for (const { organization } of await this.organizations()) {
      if (this.#closed) return;
      const credential = this.#credentialOf(organization);
      await credential.read();
      credential.keepFresh();
    }
  }

  async #accept(organization: string, options: LifecycleOptions): Promise<LifecycleOutcome> {
    options.signal?.throwIfAborted();
    const id = parseOrganizationId(organization);
    const now = this.#clock.now();
    const at = timeOf(options.authorizationDate) ?? now;
    let outcome: LifecycleOutcome = 'unchanged';
    await this.#credentialOf(id.key).update((before) => {
      const decision = acceptAuthorization(before, at, now, id.wire);
      outcome = decision.outcome;
      return decision.record;
    });
    const taken = outcome as LifecycleOutcome;
    if (taken === 'accepted') this.#events.emit('authorized', { organization: id.key });
    else this.#events.emit('lifecycle_ignored', { organization: id.key, about: 'authorized', outcome: taken });
    return taken;
  }

  #inBackground(work: Promise<unknown>): void {
    // Its failure was told of by an event; the renewal is tried again by whoever asks, and by `start`.
    const settled = work.catch(() => {}).finally(() => this.#background.delete(settled));
    this.#background.add(settled);
  }

  #credentialOf(organization: string): Credential {
    if (this.#closed) throw new ClosedError('The token manager');
    const known = this.#credentials.get(organization);
    if (known !== undefined) return known;
    const options = this.#options;
    const credential: Credential = new Credential({
      ...options,
      key: this.#prefix + organization,
      clock: this.#clock,
      random: options.http?.random ?? Math.random,
      leaseMs: options.leaseMs ?? 15_000,
      storeReadMs: options.storeReadMs ?? 30_000,
      renew: (snapshot, signal) => this.#renew(organization, credential, snapshot, signal),
      refuse: (record) =>
        record === undefined || record.state === 'revoked'
          ? new OrganizationNotAuthorizedError({ organization })
          : undefined,
      isFinal: (error) =>
        error instanceof OrganizationNotAuthorizedError ||
        (error instanceof ReauthorizationRequiredError && error.credential === 'service_app'),
      onRenewed: ({ tokens }) => {
        const origin = tokens && this.#origins.get(tokens);
        if (origin !== undefined) this.#events.emit(origin, { organization, expiresAt: tokens?.expiresAt ?? 0 });
      },
      onFailed: (error, record) => this.#failed(organization, error, record),
      onUnsaved: (error) => this.#events.emit('store_failed', { organization, ...toFailure(error) }),
      onExpiring: ({ refreshTokenExpiresAt }) =>
        this.#events.emit('refresh_token_expiring', { organization, refreshTokenExpiresAt }),
    });
    this.#credentials.set(organization, credential);
    if (this.#started) credential.keepFresh();
    return credential;
  }

  async #renew(
    organization: string,
    credential: Credential,
    snapshot: CredentialSnapshot,
    signal: AbortSignal,
  ): Promise<TokenSet> {
    const before = snapshot.record?.tokens;
    const dead =
      before?.refreshToken === undefined || snapshot.record?.state === 'authorizing'
        ? undefined
        : await this.#refresh(credential, before, signal);
    if (dead !== undefined && !(dead instanceof DeadRefreshToken)) return dead;
    if (dead !== undefined) this.#events.emit('refresh_token_dead', { organization, ...toFailure(dead.error) });
    const { integration } = this.#options;
    if (integration === undefined) {
      throw (
        dead?.toError('service_app', organization) ??
        new ReauthorizationRequiredError({ credential: 'service_app', organization })
      );
    }
    const response = await mintToken(this.#http, {
      applicationId: this.applicationId,
      client: this.#client,
      organization,
      wireOrganization: snapshot.record?.wireOrganization ?? organization,
      integration: integration.accessToken,
      signal,
    });
    return this.#from('minted', toTokenSet(response, this.#clock.now()));
  }

  #from(origin: 'minted' | 'refreshed', tokens: TokenSet): TokenSet {
    this.#origins.set(tokens, origin);
    return tokens;
  }

  async #refresh(credential: Credential, before: TokenSet, signal: AbortSignal): Promise<TokenSet | DeadRefreshToken> {
    const { refreshToken = '' } = before;
    const context = { http: this.#http, client: this.#client, credential, clock: this.#clock, signal };
    const answer = await refreshOrAdopt({ ...before, refreshToken }, context);
    return answer instanceof DeadRefreshToken ? answer : this.#from('refreshed', answer);
  }

  #failed(organization: string, error: unknown, record: CredentialRecord | undefined): void {
    const failure = { organization, ...toFailure(error) };
    if (error instanceof OrganizationNotAuthorizedError) this.#events.emit('organization_not_authorized', failure);
    // A dead Integration is told of once, by its own manager, not by every organization.
    else if (error instanceof ReauthorizationRequiredError && error.credential === 'service_app') {
      this.#events.emit('reauthorization_required', failure);
    } else this.#events.emit('refresh_failed', { ...failure, expiresAt: record?.tokens?.expiresAt });
  }
}

/** @throws InvalidOptionsError for a `Date` that is none: a NaN in a record could not be read again */
function timeOf(date: Date | undefined): number | undefined {
  const at = date?.getTime();
  if (Number.isNaN(at)) throw new InvalidOptionsError('authorizationDate: is an invalid Date.');
  return at;
}
