// What a request carries: its body by the kind it has, and HTTP Basic.
import type { HttpRequest } from './http-client.ts';

/** The value of an `authorization` header for HTTP Basic. */
export function basic(clientId: string, clientSecret: string): string {
  // RFC 6749 2.3.1: both are form-encoded before they are joined.
  const encode = (text: string): string => new URLSearchParams({ '': text }).toString().slice(1);
  return `Basic ${Buffer.from(`${encode(clientId)}:${encode(clientSecret)}`).toString('base64')}`;
}

/** The text of a body, whose type is added to the headers. */
export function bodyOf({ json, form }: HttpRequest, headers: Record<string, string>): string | undefined {
  if (form !== undefined) {
    headers['content-type'] = 'application/x-www-form-urlencoded';
    const fields = Object.entries(form).filter((entry): entry is [string, string] => entry[1] !== undefined);
    return new URLSearchParams(fields).toString();
  }
  if (json === undefined) return undefined;
  headers['content-type'] = 'application/json';
  return JSON.stringify(json);
}
