// The developer's own Integration: authorized once by a person, then kept fresh.
import {
  AuthorizationRefusedError,
  AuthorizationStateError,
  ReauthorizationRequiredError,
} from '../errors/authorization-errors.ts';
import { InvalidOptionsError } from '../errors/usage-errors.ts';
import { type AccessTokenSource, HttpClient } from '../http/http-client.ts';
import { silentLogger } from '../logger.ts';
import { type DevicePrompt, runDeviceGrant } from '../oauth/device-grant.ts';
import { openBrowser } from '../oauth/open-browser.ts';
import { createPendingAuthorizations, type PendingAuthorizations } from '../oauth/pending-authorizations.ts';
import { openRedirectListener } from '../oauth/redirect-listener.ts';
import { type ClientCredentials, DeadRefreshToken, exchangeCode } from '../oauth/token-endpoint.ts';
import { systemClock, type WallClock } from '../time/clock.ts';
import { Credential, type GetAccessTokenOptions } from './credential.ts';
import type { CredentialRecord, CredentialSnapshot } from './credential-record.ts';
import { createEmitter, type Emitter } from './emitter.ts';
import { toFailure } from './failure.ts';
import type { IntegrationEvents } from './integration-events.ts';
import type { TokenManagerOptions } from './manager-options.ts';
import { refreshOrAdopt } from './refresh.ts';
import { type TokenResponse, type TokenSet, toTokenSet } from './token-set.ts';

/**
 * What an Integration needs for this library: Service App tokens, and webhooks about authorizations. Nothing else.
 *
 * @example
 * ```ts
 * import { INTEGRATION_SCOPES } from '@byova/auth';
 *
 * // An Integration that does more of your own asks for more.
 * const scopes = [...INTEGRATION_SCOPES, 'spark:people_read'];
 * console.log(scopes.length); // 4
 * ```
 */
export const INTEGRATION_SCOPES: readonly string[] = Object.freeze([
  'spark:applications_token',
  'application:webhooks_read',
  'application:webhooks_write',
]);

/** Options of {@link IntegrationTokenManager}. */
export interface IntegrationTokenManagerOptions extends TokenManagerOptions {
  /** Client id of the Integration. */
  readonly clientId: string;
  readonly clientSecret: string;
  /**
   * A redirect URI that is registered on the Integration. Default `http://127.0.0.1:8765/callback`; with port 0 `authorize`
   * takes a free one, where Webex allows it.
   */
  readonly redirectUri?: string;
  /** Default {@link INTEGRATION_SCOPES}. */
  readonly scopes?: readonly string[];
  /** How long a person may take between the authorization URL and the redirect; ms. Default 600,000. */
  readonly stateLifetimeMs?: number;
}

/** The state of the Integration's authorization. */
export interface IntegrationStatus {
  readonly state: 'authorized' | 'signed_out';
  /** End of the access token; ms since 1970. */
  readonly expiresAt: number | undefined;
  /** End of the refresh token; ms since 1970. */
  readonly refreshTokenExpiresAt: number | undefined;
  readonly scopes: readonly string[] | undefined;
}

/** Where to send a person. */
export interface AuthorizationUrl {
  readonly url: string;
  /** What the redirect will carry. */
  readonly state: string;
}

/** Options of {@link IntegrationTokenManager.authorizationUrl}. */
export interface AuthorizationUrlOptions {
  /** Names the browser session, for example by its cookie: the redirect must then come in the same one. */
  readonly session?: string;
  /** The person's e-mail, filled in at the sign-in page. */
  readonly loginHint?: string;
  readonly signal?: AbortSignal | undefined;
}

/** Options of {@link IntegrationTokenManager.authorize}. */
export interface AuthorizeOptions {
  /** Called with the address to open. */
  readonly onUrl?: (url: string) => void;
  /** Open it in the browser of this machine. Default `false`. */
  readonly openBrowser?: boolean;
  /** How long the person may take; ms. Default 300,000. */
  readonly timeoutMs?: number;
  readonly loginHint?: string;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Holds the tokens of an Integration.
 *
 * @example
 * ```ts
 * import { IntegrationTokenManager, MemoryTokenStore } from '@byova/auth';
 * import { startPlatform } from '@byova/simulator';
 *
 * const platform = await startPlatform({ consent: 'approve' }); // instead of Webex
 * const integration = new IntegrationTokenManager({
 *   ...platform.integration,
 *   redirectUri: 'http://127.0.0.1:0/callback',
 *   store: new MemoryTokenStore(),
 *   http: { baseUrl: platform.apiUrl },
 * });
 * await integration.authorize({ onUrl: (url) => void fetch(url) }); // a person would open it
 * const token = await integration.getAccessToken({ minValidityMs: 60_000 });
 * console.log(token.length > 20); // true
 * await integration.close();
 * await platform.close();
 * ```
 */
export class IntegrationTokenManager {
  readonly #client: ClientCredentials;
  readonly #scopes: readonly string[];
  readonly #redirectUri: string;
  readonly #clock: WallClock;
  readonly #http: HttpClient;
  readonly #pending: PendingAuthorizations;
  readonly #credential: Credential;
  readonly #events: Emitter<IntegrationEvents>;
  #alarmed = false;

  /** @throws InvalidOptionsError */
  constructor(options: IntegrationTokenManagerOptions) {
    for (const name of ['clientId', 'clientSecret'] as const) {
      if (typeof options[name] !== 'string' || options[name] === '') {
        throw new InvalidOptionsError(`${name}: missing. It stands on the Integration's page of the developer portal.`);
      }
    }
    if (typeof options.store?.get !== 'function') throw new InvalidOptionsError('store: give a token store.');
    this.#client = { clientId: options.clientId, clientSecret: options.clientSecret };
    this.#scopes = options.scopes ?? INTEGRATION_SCOPES;
    this.#redirectUri = options.redirectUri ?? 'http://127.0.0.1:8765/callback';
    if (URL.parse(this.#redirectUri) === null) throw new InvalidOptionsError('redirectUri: not a URL.');
    this.#clock = options.http?.clock ?? systemClock;
    this.#http = new HttpClient(options.http);
    this.#pending = createPendingAuthorizations(options.store, `authorizations/${options.clientId}`, {
      clock: this.#clock,
      lifetimeMs: options.stateLifetimeMs ?? 600_000,
    });
    this.#events = createEmitter(options.http?.logger ?? silentLogger, 'token event');
    this.#credential = new Credential({
      ...options,
      key: `integration/${options.clientId}`,
      clock: this.#clock,
      random: options.http?.random ?? Math.random,
      leaseMs: options.leaseMs ?? 15_000,
      storeReadMs: options.storeReadMs ?? 30_000,
      renew: (snapshot, signal) => this.#refresh(snapshot, signal),
      refuse: (record) =>
        record === undefined || record.state === 'revoked'
          ? new ReauthorizationRequiredError({ credential: 'integration' })
          : undefined,
      isFinal: (error) => error instanceof ReauthorizationRequiredError,
      onRenewed: ({ tokens }) => {
        if (tokens === undefined) return;
        this.#alarmed = false;
        this.#events.emit('refreshed', {
          expiresAt: tokens.expiresAt,
          refreshTokenExpiresAt: tokens.refreshTokenExpiresAt,
        });
      },
      onFailed: (error, record) => this.#failed(error, record),
      onUnsaved: (error) => this.#events.emit('store_failed', toFailure(error)),
      onExpiring: ({ refreshTokenExpiresAt }) => this.#events.emit('refresh_token_expiring', { refreshTokenExpiresAt }),
    });
  }

  /** Client id of the Integration. */
  get clientId(): string {
    return this.#client.clientId;
  }

  /**
   * Listens to an event.
   *
   * @returns removes the listener
   */
  on<Name extends keyof IntegrationEvents>(name: Name, listener: (event: IntegrationEvents[Name]) => void): () => void {
    return this.#events.on(name, listener);
  }

  /**
   * An access token that is good now; renewed when it has to be.
   *
   * @throws ReauthorizationRequiredError when a person has to authorize; any WebexError or StoreUnavailableError of a renewal
   *   that was needed and failed
   */
  async getAccessToken(options: GetAccessTokenOptions = {}): Promise<string> {
    return this.#credential.get(options);
  }

  /** For an {@link HttpClient}: calls in the name of the Integration. */
  get accessToken(): AccessTokenSource {
    return (request) => this.#credential.get(request);
  }

  /**
   * Begins an authorization in a deployed app: send the person to the URL, and the redirect to `handleCallback`. PKCE with
   * S256; the state is good once and for ten minutes, at every replica that shares the store.
   */
  async authorizationUrl(options: AuthorizationUrlOptions = {}): Promise<AuthorizationUrl> {
    options.signal?.throwIfAborted();
    return this.#begin(this.#redirectUri, options);
  }

  /**
   * Ends an authorization: takes the redirect of Webex, as a request or its address, and stores the tokens.
   *
   * @throws AuthorizationRefusedError, AuthorizationStateError, or a WebexError of the exchange
   */
  async handleCallback(
    redirect: { readonly url: string } | URL | string,
    options: { readonly session?: string; readonly signal?: AbortSignal | undefined } = {},
  ): Promise<void> {
    // Some frameworks have a Request class of their own, so its kind is not asked for.
    const address = typeof redirect === 'object' && 'url' in redirect ? redirect.url : redirect;
    const url = new URL(address, this.#redirectUri);
    const { verifier, redirectUri } = await this.#pending.take(
      url.searchParams.get('state') ?? undefined,
      options.session,
    );
    const refusal = url.searchParams.get('error');
    if (refusal !== null) throw new AuthorizationRefusedError(/^[\w.-]{1,60}$/.test(refusal) ? refusal : 'unknown');
    const code = url.searchParams.get('code');
    if (code === null || code === '') throw new AuthorizationStateError('missing');
    const response = await exchangeCode(this.#http, this.#client, { code, redirectUri, verifier }, options.signal);
    await this.#store(response);
  }

  /**
   * Authorizes from this machine: listens at the redirect URI, gives you the address to open, waits for the person.
   *
   * @throws AuthorizationTimeoutError, AuthorizationRefusedError, InvalidOptionsError (the port is taken), a WebexError
   */
  async authorize(options: AuthorizeOptions = {}): Promise<void> {
    const { signal, timeoutMs = 300_000 } = options;
    signal?.throwIfAborted();
    const listener = await openRedirectListener(this.#redirectUri);
    try {
      const { url } = await this.#begin(listener.redirectUri, options);
      const waiting = listener.wait((redirect) => this.handleCallback(redirect, { signal }), {
        timeoutMs,
        signal,
        clock: this.#clock,
      });
      // Whatever the callbacks below do, a rejection of the wait must have a listener.
      waiting.catch(() => {});
      options.onUrl?.(url);
      if (options.openBrowser === true) openBrowser(url);
      await waiting;
    } finally {
      await listener.close();
    }
  }

  /**
   * Authorizes a machine without a browser: the person types a code on another device.
   *
   * @throws AuthorizationTimeoutError, AuthorizationRefusedError, a WebexError
   */
  async authorizeDevice(options: {
    readonly onPrompt: (prompt: DevicePrompt) => void;
    readonly signal?: AbortSignal | undefined;
  }): Promise<void> {
    const { onPrompt, signal } = options;
    await this.#store(
      await runDeviceGrant(this.#http, this.#client, { scopes: this.#scopes, onPrompt, clock: this.#clock, signal }),
    );
  }

  /** What is stored now, without a token. */
  async status(): Promise<IntegrationStatus> {
    const { record } = await this.#credential.read();
    const tokens = record?.tokens;
    return {
      state: record?.state === 'authorized' ? 'authorized' : 'signed_out',
      expiresAt: tokens?.expiresAt,
      refreshTokenExpiresAt: tokens?.refreshTokenExpiresAt,
      scopes: tokens?.scopes,
    };
  }

  /** Renews by itself from now on, so that the refresh token of an idle program does not end after its 90 days. */
  async start(): Promise<void> {
    await this.#credential.read();
    this.#credential.keepFresh();
  }

  /**
   * Forgets the tokens, here and in the store, and asks Webex to end the authorization.
   *
   * @returns `revoked: false` when Webex could not be asked: the tokens are forgotten all the same
   */
  async signOut(options: { readonly signal?: AbortSignal | undefined } = {}): Promise<{ readonly revoked: boolean }> {
    const { record } = await this.#credential.read();
    await this.#credential.update((before) =>
      before === undefined || before.state === 'revoked'
        ? undefined
        : { format: 1, state: 'revoked', generation: before.generation + 1 },
    );
    const token = record?.tokens?.accessToken;
    let revoked = false;
    if (token !== undefined) {
      revoked = await this.#http
        .request({
          method: 'DELETE',
          path: '/authorizations',
          query: { clientId: this.#client.clientId },
          authorization: async () => token,
          signal: options.signal,
        })
        .then(
          () => true,
          () => false,
        );
    }
    this.#events.emit('signed_out', { revoked });
    return { revoked };
  }

  /** Ends timers and waits for a renewal under way. The store stays open. */
  async close(): Promise<void> {
    await this.#credential.close();
  }

  /** Shows which Integration this is, never a secret. */
  toJSON(): { readonly clientId: string } {
    return { clientId: this.#client.clientId };
  }

  async #begin(redirectUri: string, options: AuthorizationUrlOptions): Promise<AuthorizationUrl> {
    const { state, challenge } = await this.#pending.begin(redirectUri, options.session);
    const url = new URL(`${this.#http.baseUrl}/authorize`);
    const parameters: Record<string, string | undefined> = {
      response_type: 'code',
      client_id: this.#client.clientId,
      redirect_uri: redirectUri,
      scope: this.#scopes.join(' '),
      state,
      code_challenge: challenge,
      code_challenge_method: 'S256',
      login_hint: options.loginHint,
    };
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) url.searchParams.set(name, value);
    // A space as %20: a server that reads "+" as it stands would find no scope.
    return { url: url.href.replaceAll('+', '%20'), state };
  }

  async #store(response: TokenResponse): Promise<void> {
    const tokens = toTokenSet(response, this.#clock.now());
    await this.#credential.update((before) => ({
      format: 1,
      state: 'authorized',
      generation: (before?.generation ?? 0) + 1,
      tokens,
    }));
    this.#alarmed = false;
    this.#events.emit('authorized', { scopes: tokens.scopes });
  }

  async #refresh(snapshot: CredentialSnapshot, signal: AbortSignal): Promise<TokenSet> {
    const before = snapshot.record?.tokens;
    if (before?.refreshToken === undefined) throw new ReauthorizationRequiredError({ credential: 'integration' });
    const answer = await refreshOrAdopt(
      { ...before, refreshToken: before.refreshToken },
      { http: this.#http, client: this.#client, credential: this.#credential, clock: this.#clock, signal },
    );
    if (!(answer instanceof DeadRefreshToken)) return answer;
    throw answer.toError('integration');
  }

  #failed(error: unknown, record: CredentialRecord | undefined): void {
    if (error instanceof ReauthorizationRequiredError) {
      if (this.#alarmed || record?.state !== 'authorized') return;
      this.#alarmed = true;
      this.#events.emit('reauthorization_required', toFailure(error));
      return;
    }
    this.#events.emit('refresh_failed', { ...toFailure(error), expiresAt: record?.tokens?.expiresAt });
  }
}
