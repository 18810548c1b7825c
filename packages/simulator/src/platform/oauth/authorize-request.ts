// Reads an authorization request. What is wrong with the client or the redirect URI must never redirect, or the platform
// would send people wherever a link says; everything else is told to the client by a redirect.
import type { Client, Clients } from './clients.ts';
import { isRegistered } from './clients.ts';
import type { CodeRequest } from './code-store.ts';
import { readChallenge } from './pkce.ts';

/** A request that can be put to a person. */
export interface AuthorizeRequest extends CodeRequest {
  readonly state: string | null;
}

/** How a request was read. */
export type ReadAuthorizeRequest =
  | { readonly kind: 'ok'; readonly request: AuthorizeRequest; readonly prompts: readonly string[] }
  /** Shown to the person. */
  | { readonly kind: 'page'; readonly problem: string }
  /** Told to the client. */
  | { readonly kind: 'redirect'; readonly location: string };

/** Adds parameters to a redirect URI, whose own are kept. */
export function redirectTo(redirectUri: string, parameters: Readonly<Record<string, string | null>>): string {
  const uri = new URL(redirectUri);
  for (const [name, value] of Object.entries(parameters)) if (value !== null) uri.searchParams.set(name, value);
  return uri.href;
}

function readRedirectUri(client: Client, query: URLSearchParams): string | undefined {
  const given = query.get('redirect_uri');
  if (given !== null) return isRegistered(client, given) ? given : undefined;
  return client.redirectUris.length === 1 ? client.redirectUris[0] : undefined;
}

/** Reads the query of `GET /v1/authorize`. */
export function readAuthorizeRequest(clients: Clients, query: URLSearchParams): ReadAuthorizeRequest {
  const twice = [...new Set(query.keys())].filter((name) => query.getAll(name).length > 1);
  const client = clients.find(query.get('client_id') ?? '');
  if (client?.kind !== 'integration' || twice.includes('client_id')) {
    return { kind: 'page', problem: 'The client_id is missing or belongs to no Integration.' };
  }
  const redirectUri = readRedirectUri(client, query);
  if (redirectUri === undefined || twice.includes('redirect_uri')) {
    return { kind: 'page', problem: 'The redirect_uri is missing or is not registered for this Integration.' };
  }

  const state = query.get('state');
  const fail = (error: string, error_description: string): ReadAuthorizeRequest => {
    return { kind: 'redirect', location: redirectTo(redirectUri, { error, error_description, state }) };
  };
  const [repeated] = twice;
  if (repeated !== undefined) return fail('invalid_request', `${repeated} is given more than once.`);
  const responseType = query.get('response_type');
  if (responseType === null) return fail('invalid_request', 'response_type is missing.');
  if (responseType !== 'code') return fail('unsupported_response_type', 'response_type must be code.');
  const challenge = readChallenge(query);
  if (typeof challenge === 'string') return fail('invalid_request', challenge);
  const scopes = [...new Set((query.get('scope') ?? '').split(' ').filter((scope) => scope !== ''))];
  if (scopes.length === 0) return fail('invalid_scope', 'scope is missing.');
  const foreign = scopes.filter((scope) => !client.scopes.includes(scope));
  if (foreign.length > 0) return fail('invalid_scope', 'The Integration is not registered for all of these scopes.');
  const prompts = (query.get('prompt') ?? '').split(' ');
  const redirectUriGiven = query.has('redirect_uri');
  return { kind: 'ok', request: { client, redirectUri, redirectUriGiven, scopes, challenge, state }, prompts };
}
