// Requests to a platform, as short as a test wants them.
import { request } from 'node:http';
import type { Platform } from '../../../src/index.ts';

/** What came back. */
export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
  /** The body as JSON; an empty object when it is none. */
  // biome-ignore lint/suspicious/noExplicitAny: tests look into bodies of many shapes and compare what they find.
  readonly json: any;
}

async function read(response: Response): Promise<Answer> {
  const text = await response.text();
  let json: unknown = {};
  try {
    json = JSON.parse(text);
  } catch {
    // A page, or nothing at all.
  }
  return { status: response.status, headers: response.headers, text, json };
}

/** A request; redirects are handed back, not followed. */
export async function ask(url: string, init: RequestInit = {}): Promise<Answer> {
  return read(await fetch(url, { redirect: 'manual', ...init }));
}

/** A form. */
export function form(
  url: string,
  fields: Record<string, string>,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return ask(url, { method: 'POST', headers, body: new URLSearchParams(fields) });
}

/** A request with a bearer, and with a JSON body where one is given. */
export function call(method: string, url: string, token?: string, body?: unknown): Promise<Answer> {
  return ask(url, {
    method,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(body === undefined ? {} : { 'content-type': 'application/json' }),
    },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
}

/** HTTP Basic. */
export function basic({ clientId, clientSecret }: { clientId: string; clientSecret: string }): Record<string, string> {
  const encoded = Buffer.from(`${clientId}:${clientSecret}`).toString('base64');
  return { authorization: `Basic ${encoded}` };
}

/** Client id and secret as fields of a form. */
export function proof({ clientId, clientSecret }: { clientId: string; clientSecret: string }): Record<string, string> {
  return { client_id: clientId, client_secret: clientSecret };
}

/** A refresh. */
export function refresh(
  platform: Platform,
  refreshToken: string,
  client: { clientId: string; clientSecret: string } = platform.integration,
): Promise<Answer> {
  const fields = { grant_type: 'refresh_token', refresh_token: refreshToken, ...proof(client) };
  return form(`${platform.apiUrl}/access_token`, fields);
}

/** Whether a token still opens something. */
export async function lives(platform: Platform, token: string): Promise<boolean> {
  return (await call('GET', `${platform.apiUrl}/people/me`, token)).status === 200;
}

/** A request with headers that fetch would not send. */
export function rawRequest(url: string, headers: Record<string, string>, method = 'GET'): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { method, headers, agent: false }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    })
      .on('error', reject)
      .end();
  });
}

/** A clock that stands still until it is set. */
export function fakeClock(start: number = Date.UTC(2026, 0, 1)): { now(): number; advance(ms: number): void } {
  let now = start;
  return {
    now: () => now,
    advance: (ms) => {
      now += ms;
    },
  };
}
