// The options of the platform.
import type { DataSourceDialect } from './data-sources/data-source-dialect.ts';
import type { DataSourceAnswers } from './data-sources/write-data-source.ts';
import type { OAuthErrorShape } from './http/http-error.ts';
import type { PlatformEvent } from './platform-event.ts';
import type { WebhookSignatures } from './webhooks/signature-name.ts';

/** The provider's Integration. What is left out is random. */
export interface IntegrationOptions {
  /** Default: `C` and 64 hexadecimal digits. */
  readonly clientId?: string;
  /** Default: 64 random letters and digits. */
  readonly clientSecret?: string;
  /**
   * Absolute URIs without a fragment. One of http on the loopback interface stands for all its ports.
   * Default `http://127.0.0.1/callback` and `http://localhost/callback`.
   */
  readonly redirectUris?: readonly string[];
  /** Default `spark:applications_token`, `application:webhooks_read` and `application:webhooks_write`. */
  readonly scopes?: readonly string[];
}

/** The provider's Service App. What is left out is random. */
export interface ServiceAppOptions {
  /** Default: `C` and 64 hexadecimal digits. */
  readonly clientId?: string;
  /** Default: 64 random letters and digits. */
  readonly clientSecret?: string;
  /** Default `spark-admin:datasource_read` and `spark-admin:datasource_write`. */
  readonly scopes?: readonly string[];
}

/** The person who owns both, and allows the Integration. What is left out is random. */
export interface DeveloperOptions {
  /** The provider's organization, a raw UUID. */
  readonly orgId?: string;
  /** A raw UUID. */
  readonly personId?: string;
  /** Default `developer@example.com`. */
  readonly email?: string;
  /** Default `Developer`. */
  readonly displayName?: string;
}

/** What can be changed while the platform runs. */
export interface PlatformSettings {
  /** What `GET /v1/authorize` does: shows a page with two buttons, or decides at once. Default `'page'`. */
  readonly consent?: 'approve' | 'deny' | 'page';
  /**
   * What a refresh does with the refresh token. `'constant'`: gives the same again. `'rotating'`: gives a new one, and the
   * old one is dead at once. `'omitted'`: gives none, and the old one stays good. Default `'constant'`.
   */
  readonly refreshTokens?: 'constant' | 'rotating' | 'omitted';
  /**
   * How the OAuth endpoints write errors: as the REST API does, with the code as `errors[0].description`, or as
   * `{error, error_description}`. Default `'webex'`.
   */
  readonly oauthErrors?: OAuthErrorShape;
  /** In which form a mint must name the organization; another is answered with 404. Default `'any'`. */
  readonly targetOrgIdForm?: 'any' | 'hydra' | 'uuid';
  /** Life of new access tokens in seconds. Default 1209600, which is 14 days. */
  readonly accessTokenLifetimeSeconds?: number;
  /** Life of refresh tokens in seconds, from each refresh on. Default 7776000, which is 90 days. */
  readonly refreshTokenLifetimeSeconds?: number;
  /** How deliveries are signed. Default `['sha1']`. */
  readonly webhookSignatures?: WebhookSignatures;
  /**
   * Which requests about data sources are taken. `'current'`: `schemaId` a text and `tokenLifetimeMinutes` a number.
   * `'legacy'`: `schemaId` a list and `tokenLifeMinutes` a text. Default `'current'`.
   */
  readonly dataSourceDialect?: DataSourceDialect;
  /** How answers about data sources look. Default: as in the developer guide. */
  readonly dataSourceAnswers?: DataSourceAnswers;
  /** By how many minutes `tokenExpiryTime` is later than the end of the token; earlier below 0. Default 0. */
  readonly tokenExpirySkewMinutes?: number;
}

/** How the platform starts. */
export interface PlatformOptions extends PlatformSettings {
  /** The interface to listen on. On a loopback one, requests with another `Host` are refused. Default `'127.0.0.1'`. */
  readonly host?: string;
  /** The port; 0 for any that is free. Default 0. */
  readonly port?: number;
  /** Ms since 1970, for every expiry and date. Delays and timeouts are in real time. Default: the system's. */
  readonly clock?: {
    /** Ms since 1970. */
    now(): number;
  };
  /** The provider's Integration. */
  readonly integration?: IntegrationOptions;
  /** The provider's Service App. */
  readonly serviceApp?: ServiceAppOptions;
  /** The person who owns both. */
  readonly developer?: DeveloperOptions;
  /** The domains in which data sources of the Service App may be. Default: any. */
  readonly dataExchangeDomains?: readonly string[];
  /** How long a receiver of webhooks has to answer, in ms of real time. Default 5000. */
  readonly deliveryTimeoutMs?: number;
  /** Told of requests, deliveries and what administrators do: for a live log. What it throws is not caught. */
  readonly onEvent?: (event: PlatformEvent) => void;
}
