// The error for an answer that is not a success. Webex has two forms of error bodies, proxies have HTML: none may throw here.
import {
  AuthenticationError,
  ConflictError,
  NotFoundError,
  PermissionDeniedError,
  RateLimitError,
  ServiceUnavailableError,
  UnexpectedResponseError,
  ValidationError,
  type WebexError,
} from '../errors/webex-errors.ts';
import { redact } from './redact.ts';

/** An answer, read whole. */
export interface RawResponse {
  readonly status: number;
  /** Lower-case names; several values joined. */
  readonly headers: Readonly<Record<string, string>>;
  readonly text: string;
}

/** What an error body says, whatever its form. */
export interface ErrorBody {
  readonly messages: readonly string[];
  readonly trackingId: string | undefined;
}

type Json = Readonly<Record<string, unknown>>;
const isObject = (value: unknown): value is Json =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const text = (value: unknown): readonly string[] => (typeof value === 'string' && value !== '' ? [value] : []);

/** Reads `{message, errors, trackingId}`, `{error: {key, message: []}}` and OAuth's `{error, error_description}`. */
export function readErrorBody(body: string): ErrorBody {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    return { messages: [], trackingId: undefined };
  }
  if (!isObject(value)) return { messages: [], trackingId: undefined };
  const list = Array.isArray(value['errors']) ? value['errors'] : [];
  const error = value['error'];
  const operations = isObject(error) && Array.isArray(error['message']) ? error['message'] : [];
  return {
    messages: [
      ...text(value['message']),
      ...list.flatMap((one) => (isObject(one) ? [...text(one['description']), ...text(one['message'])] : text(one))),
      ...text(error),
      ...text(value['error_description']),
      ...(isObject(error) ? [...text(error['key']), ...text(error['message'])] : []),
      ...operations.flatMap((one) =>
        isObject(one) ? [...text(one['description']), ...text(one['message'])] : text(one),
      ),
    ],
    trackingId: text(value['trackingId'])[0] ?? (isObject(error) ? text(error['trackingId'])[0] : undefined),
  };
}

/** Where the answer came from, for the message. */
export interface ResponseContext {
  readonly method: string;
  readonly path: string;
  /** Ms that the server asked to wait. */
  readonly retryAfterMs: number | undefined;
  /** What must not be in a message. */
  readonly secrets: readonly string[];
}

/** Webex's ids have about 50 characters. */
const MAX_TRACKING_ID = 128;

/** A TrackingID for logs and errors: text of the peer like any other. */
export function shownTrackingId(trackingId: string | undefined, secrets: readonly string[]): string | undefined {
  return trackingId === undefined ? undefined : redact(trackingId, secrets, MAX_TRACKING_ID);
}

/** The typed error of an answer that is not a success. */
export function errorFromResponse({ status, headers, text: body }: RawResponse, context: ResponseContext): WebexError {
  const { messages, trackingId } = readErrorBody(body);
  const details = {
    status,
    trackingId: shownTrackingId(headers['trackingid'] ?? trackingId, context.secrets),
    method: context.method,
    path: context.path,
    serverMessage: messages.length === 0 ? undefined : redact([...new Set(messages)].join('; '), context.secrets),
    retryAfterMs: context.retryAfterMs,
  };
  if (status === 401) return new AuthenticationError(details);
  if (status === 403) return new PermissionDeniedError(details);
  if (status === 404 || status === 410) return new NotFoundError(details);
  if (status === 409) return new ConflictError(details);
  if (status === 429) return new RateLimitError(details);
  if (status === 423 || status >= 500) return new ServiceUnavailableError(details);
  if (status >= 400) return new ValidationError(details);
  return new UnexpectedResponseError({ ...details, problem: `status ${status}` });
}
