// Every export of @byova/auth, by name.
/**
 * Credentials of a BYOVA partner: the Integration's tokens, the Service App's tokens per organization, token stores, webhooks.
 *
 * @module @byova/auth
 */

// Token managers
export { type EnvCredentials, loadCredentialsFromEnv } from './env/load-credentials.ts';
// Errors
export {
  AuthorizationRefusedError,
  AuthorizationStateError,
  AuthorizationTimeoutError,
  OrganizationNotAuthorizedError,
  ReauthorizationRequiredError,
  type StateProblem,
} from './errors/authorization-errors.ts';
export { ByovaError, type ByovaErrorInit, isByovaError } from './errors/byova-error.ts';
export { StoreKeyError, StoreTamperedError, StoreUnavailableError } from './errors/store-errors.ts';
export { ClosedError, InvalidIdError, InvalidOptionsError } from './errors/usage-errors.ts';
export {
  AuthenticationError,
  ConflictError,
  NetworkError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  RequestTimeoutError,
  ServiceUnavailableError,
  UnexpectedResponseError,
  ValidationError,
  WebexError,
  type WebexErrorDetails,
} from './errors/webex-errors.ts';
// The HTTP client
export {
  type AccessTokenRequest,
  type AccessTokenSource,
  HttpClient,
  type HttpClientOptions,
  type HttpDispatcher,
  type HttpRequest,
  type HttpResponse,
  type ResponseProblems,
  type ResponseSchema,
  RetryBudget,
  type RetryMode,
  type RetryOptions,
  urlPath,
  type WebexRegion,
} from './http/index.ts';
// Ids
export {
  type ApplicationId,
  type ApplicationIdForm,
  applicationKey,
  encodeApplicationId,
  parseApplicationId,
} from './ids/application-id.ts';
export {
  encodeOrganizationId,
  type OrganizationId,
  type OrganizationIdForm,
  organizationKey,
  parseOrganizationId,
} from './ids/organization-id.ts';
// Effects that can be replaced
export type { Logger } from './logger.ts';
export type { DevicePrompt } from './oauth/device-grant.ts';
export type { ClientCredentials } from './oauth/token-endpoint.ts';

// Token stores
export { FileTokenStore, type FileTokenStoreOptions } from './store/file-token-store.ts';
export { MemoryTokenStore } from './store/memory-token-store.ts';
export { type EncryptionKeys, generateEncryptionKey } from './store/record-cipher.ts';
export type {
  JsonValue,
  Lease,
  StoreCallOptions,
  StoredRecord,
  TokenStore,
  WriteCondition,
} from './store/token-store.ts';
export type { ClockTimer, RandomSource, TimerOptions, WallClock } from './time/clock.ts';
export type { GetAccessTokenOptions } from './tokens/credential.ts';
export type { Failure } from './tokens/failure.ts';
export type { IntegrationEvents } from './tokens/integration-events.ts';
export {
  type AuthorizationUrl,
  type AuthorizationUrlOptions,
  type AuthorizeOptions,
  INTEGRATION_SCOPES,
  type IntegrationStatus,
  IntegrationTokenManager,
  type IntegrationTokenManagerOptions,
} from './tokens/integration-token-manager.ts';
export type { LifecycleOutcome } from './tokens/lifecycle.ts';
export type { TokenManagerOptions } from './tokens/manager-options.ts';
export type { ServiceAppEvents } from './tokens/service-app-events.ts';
export {
  type LifecycleOptions,
  type OrganizationStatus,
  ServiceAppTokenManager,
  type ServiceAppTokenManagerOptions,
} from './tokens/service-app-token-manager.ts';
export type { ValidityOptions } from './tokens/validity.ts';
// Webhooks
export type { EnsureReport, EnsureServiceAppWebhooksOptions } from './webhooks/ensure-webhooks.ts';
export {
  type SignatureProblem,
  type SignatureResult,
  type SignedWebhook,
  verifyWebhookSignature,
} from './webhooks/signature.ts';
export type { Webhook, WebhookEvent } from './webhooks/webhook.ts';
export {
  createWebhookHandler,
  type OrganizationLifecycle,
  type WebhookHandler,
  type WebhookHandlerOptions,
} from './webhooks/webhook-handler.ts';
export { type CreateWebhook, type UpdateWebhook, WebhookManager } from './webhooks/webhook-manager.ts';
