// A request as the handlers see it, read whole; and its body as a form or as JSON.
import { HttpError } from './http-error.ts';

/** A request. */
export interface PlatformRequest {
  readonly method: string;
  /** As it was sent, percent-encoded, without the query. */
  readonly path: string;
  /** The parts of the path that its route names, decoded. */
  readonly params: Readonly<Record<string, string>>;
  readonly query: URLSearchParams;
  /** Lower-case names; several of one name joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  readonly trackingId: string;
  /** `http://` and the host that the client used: links made of it stay on the client's origin. */
  readonly origin: string;
}

/** The media type of a request, without parameters. */
export function mediaType(headers: Readonly<Record<string, string>>): string {
  return (headers['content-type'] ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
}

/** The body as text. Bytes that are no UTF-8 become replacement characters. */
export function bodyText(body: Uint8Array): string {
  return Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8');
}

/** Reads a form. Throws 415 for any other type of body, and 400 when a field stands there twice. */
export function readForm({ headers, body }: PlatformRequest): URLSearchParams {
  if (mediaType(headers) !== 'application/x-www-form-urlencoded') {
    throw new HttpError(415, 'The body must be application/x-www-form-urlencoded.');
  }
  const form = new URLSearchParams(bodyText(body));
  requireSingle(form, [...form.keys()]);
  return form;
}

/** Throws 400 when one of the named parameters is given more than once. */
export function requireSingle(parameters: URLSearchParams, names: readonly string[]): void {
  const twice = names.find((name) => parameters.getAll(name).length > 1);
  if (twice !== undefined) {
    throw new HttpError(400, `The parameter ${twice} is given more than once.`, { oauthCode: 'invalid_request' });
  }
}

/** Reads a JSON object. Throws 415 for any other type of body, and 400 for JSON that cannot be read or is no object. */
export function readJsonObject({ headers, body }: PlatformRequest): Readonly<Record<string, unknown>> {
  if (mediaType(headers) !== 'application/json') throw new HttpError(415, 'The body must be application/json.');
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body));
  } catch {
    throw new HttpError(400, 'The body is no valid JSON.');
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new HttpError(400, 'The body must be a JSON object.');
  }
  return { ...value };
}
