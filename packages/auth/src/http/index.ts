// Every export of @byova/auth/http, by name.
/**
 * The HTTP client of the `@byova` packages: for calls to Webex that they do not have a method for.
 *
 * @module @byova/auth/http
 */
export type { HttpDispatcher } from './dispatcher.ts';
export {
  type AccessTokenRequest,
  type AccessTokenSource,
  HttpClient,
  type HttpClientOptions,
  type HttpRequest,
  type HttpResponse,
} from './http-client.ts';
export type { WebexRegion } from './regions.ts';
export type { ResponseProblems, ResponseSchema } from './response-schema.ts';
export { RetryBudget } from './retry-budget.ts';
export type { RetryMode, RetryOptions } from './retry-policy.ts';
export { urlPath } from './url-path.ts';
