// The two clients of a provider: the Integration and the Service App. And how a client proves itself to a token endpoint:
// id and secret in the form, or HTTP Basic.
import { createHash, timingSafeEqual } from 'node:crypto';
import { isLoopback } from '../http/host-guard.ts';
import { HttpError } from '../http/http-error.ts';
import type { PlatformRequest } from '../http/request.ts';

/** A registered client. */
export interface Client {
  readonly kind: 'integration' | 'service_app';
  readonly clientId: string;
  readonly clientSecret: string;
  readonly redirectUris: readonly string[];
  readonly scopes: readonly string[];
}

/** The registered clients. */
export interface Clients {
  readonly integration: Client;
  readonly serviceApp: Client;
  find(clientId: string): Client | undefined;
  /** The client that the request proves to be. Throws 401 `invalid_client`, or 400 when it proves itself twice. */
  authenticate(request: PlatformRequest, form: URLSearchParams): Client;
  /** As above, with HTTP Basic only. */
  authenticateBasic(request: PlatformRequest): Client;
}

/** Whether two texts are equal, in a time that does not tell how far they are. */
export function equalSecrets(left: string, right: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
  return timingSafeEqual(digest(left), digest(right));
}

function formDecode(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

/** Id and secret of a Basic header, each of which is form-encoded in it (RFC 6749, section 2.3.1). */
function readBasic(header: string | undefined): { readonly id: string; readonly secret: string } | undefined {
  const [, encoded] = /^basic +([A-Za-z0-9+/_=-]+)$/i.exec(header ?? '') ?? [];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const split = text.indexOf(':');
  if (split < 0) return undefined;
  return { id: formDecode(text.slice(0, split)), secret: formDecode(text.slice(split + 1)) };
}

function invalidClient(message: string): HttpError {
  return new HttpError(401, message, {
    oauthCode: 'invalid_client',
    headers: { 'www-authenticate': 'Basic realm="platform"' },
  });
}

/** Registers the clients. */
export function createClients(integration: Client, serviceApp: Client): Clients {
  const find = (clientId: string): Client | undefined =>
    [integration, serviceApp].find((client) => client.clientId === clientId);

  function prove(id: string, secret: string): Client {
    const client = find(id);
    if (client === undefined || !equalSecrets(client.clientSecret, secret)) {
      throw invalidClient('The client is unknown, or its secret is another.');
    }
    return client;
  }

  return {
    integration,
    serviceApp,
    find,
    authenticate: ({ headers }, form) => {
      const basic = readBasic(headers['authorization']);
      const id = form.get('client_id');
      const secret = form.get('client_secret');
      if (basic !== undefined) {
        if (secret !== null || (id !== null && id !== basic.id)) {
          throw new HttpError(400, 'The client proves itself in two ways.', { oauthCode: 'invalid_request' });
        }
        return prove(basic.id, basic.secret);
      }
      if (id === null || secret === null) throw invalidClient('client_id or client_secret is missing.');
      return prove(id, secret);
    },
    authenticateBasic: ({ headers }) => {
      const basic = readBasic(headers['authorization']);
      if (basic === undefined) throw invalidClient('The client must prove itself with HTTP Basic.');
      return prove(basic.id, basic.secret);
    },
  };
}

function parseUri(text: string): URL | undefined {
  return URL.canParse(text) ? new URL(text) : undefined;
}

/**
 * Whether a redirect URI is a registered one: the same text, or, on the loopback interface, the same but for the port
 * (RFC 8252, section 7.3: a program on a desktop listens on whichever port is free).
 */
export function isRegistered(client: Client, redirectUri: string): boolean {
  if (client.redirectUris.includes(redirectUri)) return true;
  const asked = parseUri(redirectUri);
  if (asked === undefined || asked.protocol !== 'http:' || !isLoopback(asked.hostname)) return false;
  if (asked.username !== '' || asked.password !== '' || redirectUri.includes('#')) return false;
  return client.redirectUris.some((registered) => {
    const uri = parseUri(registered);
    return (
      uri !== undefined &&
      uri.protocol === asked.protocol &&
      uri.hostname === asked.hostname &&
      uri.pathname === asked.pathname &&
      uri.search === asked.search
    );
  });
}
