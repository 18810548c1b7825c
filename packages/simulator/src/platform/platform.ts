// The running platform, as a test or a program holds it.

import type { AuthorizationOptions } from './applications/authorization-options.ts';
import type { Organization } from './applications/organizations.ts';
import type { DataSourceSelector, StoredDataSource } from './data-sources/stored-data-source.ts';
import type { Fault } from './http/fault.ts';
import type { JournalEntry, RequestFilter } from './http/journal.ts';
import type { Region } from './issuers/region.ts';
import type { PlatformSettings } from './platform-options.ts';
import type { Delivery, DeliveryOptions, ServiceAppEvent } from './webhooks/delivery.ts';
import type { StoredWebhook } from './webhooks/stored-webhook.ts';

/** The provider's Integration. */
export interface PlatformIntegration {
  /** Its client id. */
  readonly clientId: string;
  /** Its client secret. */
  readonly clientSecret: string;
  /** Where answers may go. */
  readonly redirectUris: readonly string[];
  /** What it may ask for. */
  readonly scopes: readonly string[];
}

/** The provider's Service App. */
export interface PlatformServiceApp {
  /** Its client id. */
  readonly clientId: string;
  /** Its client secret. */
  readonly clientSecret: string;
  /** Unpadded base64url of `ciscospark://us/APPLICATION/<clientId>`. */
  readonly applicationId: string;
}

/** The person who owns both. */
export interface PlatformDeveloper {
  /** The provider's organization, a raw UUID. */
  readonly orgId: string;
  /** A raw UUID. */
  readonly personId: string;
  /** Address for mail. */
  readonly email: string;
  /** Name for people. */
  readonly displayName: string;
}

/** A first pair of tokens. */
export interface IssuedTokens {
  /** The access token. */
  readonly accessToken: string;
  /** The refresh token. */
  readonly refreshToken: string;
  /** Life of the access token in seconds. */
  readonly expiresIn: number;
  /** Life of the refresh token in seconds. */
  readonly refreshTokenExpiresIn: number;
}

/** How a token is signed that no data source has. */
export interface SignTokenOptions {
  /** Whose issuer and key. Default: that of the data source, or `'us'`. */
  readonly region?: Region;
  /** A data source whose claims are begun with. Default: claims that look like those of one. */
  readonly dataSourceId?: string;
  /** Laid over the claims; one that is undefined is left out. */
  readonly claims?: Readonly<Record<string, unknown>>;
  /** Laid over the header `{kid, typ, alg}`. The signature is by RS256 whatever it says. */
  readonly header?: Readonly<Record<string, unknown>>;
  /** `previous`: the key before the last rotation. `unknown`: one that was never published. Default `current`. */
  readonly key?: 'current' | 'previous' | 'unknown';
}

/**
 * A local Webex REST platform that is running. Close it, or declare it with `await using`.
 *
 * @example
 * ```ts
 * import { startPlatform } from '@byova/simulator';
 *
 * await using platform = await startPlatform({ consent: 'approve', refreshTokens: 'rotating' });
 * const customer = crypto.randomUUID();
 * await platform.authorizeApp(customer); // as the customer's administrator
 *
 * const { accessToken } = platform.issueIntegrationTokens();
 * const { clientId, clientSecret, applicationId } = platform.serviceApp;
 * const response = await fetch(`${platform.apiUrl}/applications/${applicationId}/token`, {
 *   method: 'POST',
 *   headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json' },
 *   body: JSON.stringify({ clientId, clientSecret, targetOrgId: customer }),
 * });
 * console.log(response.status, platform.requests({ path: /token$/ }).length); // 200 1
 * ```
 */
export interface Platform {
  /** For example `http://127.0.0.1:49152`. */
  readonly url: string;
  /** What stands for `https://webexapis.com/v1`. */
  readonly apiUrl: string;
  /** The provider's Integration. */
  readonly integration: PlatformIntegration;
  /** The provider's Service App. */
  readonly serviceApp: PlatformServiceApp;
  /** The person who owns both. */
  readonly developer: PlatformDeveloper;
  /** Every client secret, token, code, verifier and webhook secret so far: what a log must not hold. */
  readonly secrets: readonly string[];
  /** Each request so far, as a list of its own; its entries learn their status later. Not those to `/_sim/`. */
  readonly journal: readonly JournalEntry[];
  /** The organizations that have authorized the Service App at least once. */
  readonly organizations: readonly Organization[];
  /** The webhooks, oldest first, with their secrets. */
  readonly webhooks: readonly StoredWebhook[];
  /** The issuers of tokens by region: whom a verifier is to trust. Their keys are at `/oauth2/v2/keys/verificationjwk` below. */
  readonly issuers: Readonly<Record<Region, string>>;
  /** The data sources of all organizations, oldest first, with their tokens. */
  readonly dataSources: readonly StoredDataSource[];
  /** Each delivery that has ended. */
  readonly deliveries: readonly Delivery[];

  /** Those requests of the journal that match. */
  requests(filter: RequestFilter): readonly JournalEntry[];
  /** Resolves once so many matching requests have arrived, answered or not. Rejects when the platform closes. */
  waitForRequests(filter: RequestFilter, count?: number): Promise<readonly JournalEntry[]>;
  /** Forgets the requests so far. */
  clearJournal(): void;
  /** Lets something go wrong with the next matching requests. Throws `INVALID_OPTION`. */
  fault(fault: Fault): void;
  /** Takes back all faults that have not happened yet. */
  clearFaults(): void;
  /** Changes how the platform behaves from now on. Throws `INVALID_OPTION`, and then changes nothing. */
  configure(change: PlatformSettings): void;

  /**
   * An administrator of the organization authorizes the Service App: tokens can be minted, and `authorized` is delivered.
   * Takes effect at once; resolves when the deliveries have ended. Each authorization has a later date than the one before.
   */
  authorizeApp(orgId: string, options?: AuthorizationOptions): Promise<readonly Delivery[]>;
  /**
   * The administrator withdraws: all tokens of the organization are dead, and `deauthorized` is delivered with the date of
   * the authorization. Its data sources are gone. Takes effect at once; resolves when the deliveries have ended.
   */
  deauthorizeApp(orgId: string, options?: DeliveryOptions): Promise<readonly Delivery[]>;
  /**
   * The token that Webex presents with a call of the organization: that of its only active data source, or of the one that is
   * selected. Also one that has ended, with which Webex itself would not call any more. Throws `NO_DATA_SOURCE`.
   */
  callToken(orgId: string, selector?: DataSourceSelector): string;
  /** The token that a data source had before it was last renewed. */
  previousCallToken(id: string): string | undefined;
  /** A token with claims of your own: for tests of who verifies it. Throws `INVALID_OPTION`. */
  signToken(options?: SignTokenOptions): string;
  /** An issuer signs with another key from now on. Default: region `'us'`, and the old key stays in the set. */
  rotateKeys(region?: Region, options?: { readonly keepOld?: boolean }): Promise<void>;
  /** Lets the tokens of data sources have ended a minute ago, of one organization or of all. */
  expireTokens(orgId?: string): void;
  /**
   * A data source, as if the partner had registered it: `audience` and `subject` are `audience` and `subject`, its token lives 24
   * hours, its schema is that of the voice virtual agent, unless it is said.
   */
  registerDataSource(
    orgId: string,
    source: { readonly url: string } & Partial<
      Pick<StoredDataSource, 'schemaId' | 'audience' | 'subject' | 'nonce' | 'tokenLifetimeMinutes'>
    >,
  ): StoredDataSource;
  /** An administrator disables a data source. Throws `NO_DATA_SOURCE`. */
  disableDataSource(id: string, errorMessage: string): void;
  /** An administrator removes a data source. Throws `NO_DATA_SOURCE`. */
  removeDataSource(id: string): void;
  /** Tokens that a developer copies from the portal. The organization need not have authorized the Service App. */
  issueServiceAppTokens(orgId: string): IssuedTokens;
  /** Tokens as a person's consent gives them, with all scopes of the Integration. */
  issueIntegrationTokens(): IssuedTokens;
  /** Kills one access or refresh token. Throws `INVALID_OPTION` for a text that the platform never gave out. */
  revoke(token: string): void;
  /** Lets all access tokens expire now, or those of one organization, the developer's included. */
  expireAccessTokens(orgId?: string): void;
  /** A person allows the device with this user code. Throws `INVALID_OPTION` when no device waits for it. */
  approveDevice(userCode: string): void;
  /** A person refuses the device with this user code. Throws `INVALID_OPTION` when no device waits for it. */
  denyDevice(userCode: string): void;
  /** Delivers events of any shape to the webhooks that want them, and changes nothing else. */
  deliver(
    events: ServiceAppEvent | readonly ServiceAppEvent[],
    options?: DeliveryOptions,
  ): Promise<readonly Delivery[]>;

  /** Ends the listener, connections, deliveries and delays. May be called again. */
  close(): Promise<void>;
  /** Same as `close`. */
  [Symbol.asyncDispose](): Promise<void>;
}
