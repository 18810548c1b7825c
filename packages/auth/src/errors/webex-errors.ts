// Errors of calls to Webex: one class per cause, so that a program can tell what to do next. None holds a token, a secret or
// a header; what the server wrote is kept only after every secret of the request was taken out of it.
import { ByovaError } from './byova-error.ts';

/** What is known of a failed call to Webex, for a log or a support case. */
export interface WebexErrorDetails {
  /** HTTP status, when there was an answer. */
  readonly status?: number | undefined;
  /** Webex's id of the request: give it to Webex support. */
  readonly trackingId?: string | undefined;
  /** HTTP method. */
  readonly method?: string | undefined;
  /** Path without query. */
  readonly path?: string | undefined;
  /** What the server wrote about it, without the secrets of the request; at most 500 characters. */
  readonly serverMessage?: string | undefined;
  /** Ms that the server asked to wait before another try. */
  readonly retryAfterMs?: number | undefined;
  /** The error underneath. */
  readonly cause?: unknown;
}

interface WebexErrorInit extends WebexErrorDetails {
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

/**
 * The base of every error of a call to Webex.
 *
 * @example
 * ```ts
 * import { NotFoundError, WebexError } from '@byova/auth';
 *
 * const error: unknown = new NotFoundError({ status: 404, trackingId: 'ROUTER_1', method: 'GET', path: '/v1/webhooks/x' });
 * if (error instanceof WebexError) console.log(error.code, error.trackingId); // NOT_FOUND ROUTER_1
 * ```
 */
export class WebexError extends ByovaError {
  /** HTTP status, when there was an answer. */
  readonly status: number | undefined;
  /** Webex's id of the request: give it to Webex support. */
  readonly trackingId: string | undefined;
  /** HTTP method. */
  readonly method: string | undefined;
  /** Path without query. */
  readonly path: string | undefined;
  /** What the server wrote about it, without the secrets of the request. */
  readonly serverMessage: string | undefined;
  /** Ms that the server asked to wait before another try. */
  readonly retryAfterMs: number | undefined;

  constructor(init: WebexErrorInit) {
    super({ code: init.code, message: describe(init), retryable: init.retryable, cause: init.cause });
    this.status = init.status;
    this.trackingId = init.trackingId;
    this.method = init.method;
    this.path = init.path;
    this.serverMessage = init.serverMessage;
    this.retryAfterMs = init.retryAfterMs;
  }
}

function describe({ message, method, path, status, serverMessage, trackingId }: WebexErrorInit): string {
  const where = [method, path].filter((part) => part !== undefined).join(' ');
  const answer = status === undefined ? '' : ` answered ${status}`;
  const said = serverMessage === undefined || serverMessage === '' ? '' : ` Webex says: "${serverMessage}".`;
  const id = trackingId === undefined ? '' : ` (TrackingID ${trackingId})`;
  return `${where === '' ? '' : `${where}${answer}: `}${message}${said}${id}`;
}

/** Webex did not take the credential, also after it was renewed (401). Check the client id and secret, or authorize again. */
export class AuthenticationError extends WebexError {
  declare readonly code: 'AUTHENTICATION_FAILED';
  constructor(details: WebexErrorDetails = {}) {
    super({
      ...details,
      code: 'AUTHENTICATION_FAILED',
      message: 'The credential was not accepted. Check the client id and secret, or authorize again.',
      retryable: false,
    });
  }
}

/** The credential is good and may not do this (403): a scope is missing, or the app is not authorized. */
export class PermissionDeniedError extends WebexError {
  declare readonly code: 'PERMISSION_DENIED';
  constructor(details: WebexErrorDetails = {}) {
    super({
      ...details,
      code: 'PERMISSION_DENIED',
      message: 'The credential may not do this. Check its scopes, and that the app is authorized for the organization.',
      retryable: false,
    });
  }
}

/** There is no such thing at Webex (404, 410). */
export class NotFoundError extends WebexError {
  declare readonly code: 'NOT_FOUND';
  constructor(details: WebexErrorDetails = {}) {
    super({
      ...details,
      code: 'NOT_FOUND',
      message: 'There is no such resource. Check the id, and the organization whose token was used.',
      retryable: false,
    });
  }
}

/** The request contradicts what is stored at Webex (409). */
export class ConflictError extends WebexError {
  declare readonly code: 'CONFLICT';
  constructor(details: WebexErrorDetails = {}) {
    super({
      ...details,
      code: 'CONFLICT',
      message: 'The request contradicts what is there. Read the resource again, then decide.',
      retryable: false,
    });
  }
}

/** Webex refuses the request as it is (400 and other 4xx): sending it again unchanged fails again. */
export class ValidationError extends WebexError {
  declare readonly code: 'VALIDATION_FAILED';
  constructor(details: WebexErrorDetails = {}) {
    super({
      ...details,
      code: 'VALIDATION_FAILED',
      message: 'The request was refused as it is. Change it before sending it again.',
      retryable: false,
    });
  }
}

/** Too many requests (429). `retryAfterMs` says how long to wait; an earlier try gets another 429. */
export class RateLimitError extends WebexError {
  declare readonly code: 'RATE_LIMITED';
  constructor(details: WebexErrorDetails = {}) {
    super({
      ...details,
      code: 'RATE_LIMITED',
      message: `Too many requests. Wait ${details.retryAfterMs === undefined ? 'before trying again' : `${details.retryAfterMs} ms`}.`,
      retryable: true,
    });
  }
}

/** Webex cannot serve the request now (5xx, or 423 while the resource is locked). */
export class ServiceUnavailableError extends WebexError {
  declare readonly code: 'SERVICE_UNAVAILABLE';
  constructor(details: WebexErrorDetails = {}) {
    super({
      ...details,
      code: 'SERVICE_UNAVAILABLE',
      message: 'Webex cannot serve the request now. Try again later.',
      retryable: true,
    });
  }
}

/** No answer in time. The request may have taken effect: look before sending anything again that creates something. */
export class RequestTimeoutError extends WebexError {
  declare readonly code: 'REQUEST_TIMEOUT';
  constructor(details: WebexErrorDetails = {}) {
    super({
      ...details,
      code: 'REQUEST_TIMEOUT',
      message: 'There was no answer in time. Try again; what creates something may have taken effect, so look first.',
      retryable: true,
    });
  }
}

/** The connection failed, or ended in the middle of an answer. */
export class NetworkError extends WebexError {
  declare readonly code: 'NETWORK_FAILED';
  /** True when the request cannot have reached the server, so that sending it again is safe. */
  readonly neverSent: boolean;
  constructor(details: WebexErrorDetails & { readonly neverSent?: boolean } = {}) {
    super({
      ...details,
      code: 'NETWORK_FAILED',
      message: 'The connection failed. Check the network, the proxy and the base URL, then try again.',
      retryable: true,
    });
    this.neverSent = details.neverSent ?? false;
  }
}

/** The answer is not what Webex documents: not JSON, a member missing, a redirect, a link to another origin. */
export class UnexpectedResponseError extends WebexError {
  declare readonly code: 'UNEXPECTED_RESPONSE';
  constructor(details: WebexErrorDetails & { readonly problem: string }) {
    super({
      ...details,
      code: 'UNEXPECTED_RESPONSE',
      message: `The answer is not one of Webex: ${details.problem}. Check the base URL, and what stands between.`,
      retryable: false,
    });
  }
}
