// Every authorization, and the access and refresh tokens made of it. A refresh starts the time of the refresh token anew;
// whether it also gives a new one is set per platform, since Webex does not say.
import { randomUUID } from 'node:crypto';
import { restId } from '../ids.ts';
import { randomToken } from '../random-text.ts';
import type { SecretBook } from '../secret-book.ts';
import type { Settings } from '../settings.ts';
import type { Client } from './clients.ts';

/** On whose behalf a token acts. */
export interface Subject {
  /** Raw UUID: the developer, or the machine account of the Service App in an organization. */
  readonly personId: string;
  /** Raw UUID, lower case. */
  readonly orgId: string;
}

/** What was once allowed: by a person to the Integration, by an administrator to the Service App. */
export interface Authorization {
  readonly id: string;
  readonly client: Client;
  readonly subject: Subject;
  readonly scopes: readonly string[];
  readonly createdAt: number;
  revoked: boolean;
}

/** An access token. */
export interface AccessToken {
  readonly authorization: Authorization;
  expiresAt: number;
  revoked: boolean;
}

interface RefreshToken {
  readonly authorization: Authorization;
  expiresAt: number;
  revoked: boolean;
}

/** Tokens as they are handed out. `refreshToken` is absent when a refresh keeps the old one without saying so. */
export interface HandedOut {
  readonly accessToken: string;
  readonly expiresIn: number;
  readonly refreshToken?: string;
  readonly refreshTokenExpiresIn: number;
}

/** A first pair, in which the refresh token is always there. */
export type FirstTokens = HandedOut & { readonly refreshToken: string };

/** The store. */
export interface TokenStore {
  /** Starts an authorization and gives its first tokens. */
  issue(
    client: Client,
    subject: Subject,
    scopes: readonly string[],
  ): FirstTokens & { readonly authorization: Authorization };
  /** Trades a refresh token of the client; `undefined` when it is dead, unknown or another client's. */
  refresh(client: Client, refreshToken: string): HandedOut | undefined;
  /** A living access token. */
  find(accessToken: string): AccessToken | undefined;
  /** Kills one token of either kind; false when there is no such token. */
  revokeToken(token: string): boolean;
  /** Kills an authorization with all its tokens. */
  revoke(authorization: Authorization): void;
  /** The authorizations of a person that can still be refreshed. */
  of(personId: string): readonly Authorization[];
  /** Kills all authorizations of a client in an organization. */
  revokeOrganization(client: Client, orgId: string): void;
  /** Lets access tokens expire now, of one organization or of all. */
  expireAccessTokens(orgId: string | undefined): void;
}

/** Makes an empty store. */
export function createTokenStore(parts: { now: () => number; settings: Settings; secrets: SecretBook }): TokenStore {
  const { now, settings, secrets } = parts;
  const authorizations: Authorization[] = [];
  const accessTokens = new Map<string, AccessToken>();
  const refreshTokens = new Map<string, RefreshToken>();

  const lives = (token: { authorization: Authorization; expiresAt: number; revoked: boolean }): boolean =>
    !token.revoked && !token.authorization.revoked && now() < token.expiresAt;

  function newAccessToken(authorization: Authorization): { accessToken: string; expiresIn: number } {
    const accessToken = secrets.note(randomToken(authorization.subject.orgId));
    const expiresIn = settings.accessTokenLifetimeSeconds;
    accessTokens.set(accessToken, { authorization, expiresAt: now() + expiresIn * 1000, revoked: false });
    return { accessToken, expiresIn };
  }

  function newRefreshToken(authorization: Authorization): { refreshToken: string; refreshTokenExpiresIn: number } {
    const refreshToken = secrets.note(randomToken(authorization.subject.orgId));
    const refreshTokenExpiresIn = settings.refreshTokenLifetimeSeconds;
    refreshTokens.set(refreshToken, {
      authorization,
      expiresAt: now() + refreshTokenExpiresIn * 1000,
      revoked: false,
    });
    return { refreshToken, refreshTokenExpiresIn };
  }

  return {
    issue: (client, subject, scopes) => {
      const id = restId('AUTHORIZATION', randomUUID());
      const authorization: Authorization = { id, client, subject, scopes, createdAt: now(), revoked: false };
      authorizations.push(authorization);
      return { authorization, ...newAccessToken(authorization), ...newRefreshToken(authorization) };
    },
    refresh: (client, refreshToken) => {
      const token = refreshTokens.get(refreshToken);
      if (token === undefined || token.authorization.client !== client || !lives(token)) return undefined;
      const access = newAccessToken(token.authorization);
      if (settings.refreshTokens === 'rotating') {
        token.revoked = true;
        return { ...access, ...newRefreshToken(token.authorization) };
      }
      const refreshTokenExpiresIn = settings.refreshTokenLifetimeSeconds;
      token.expiresAt = now() + refreshTokenExpiresIn * 1000;
      return settings.refreshTokens === 'omitted'
        ? { ...access, refreshTokenExpiresIn }
        : { ...access, refreshToken, refreshTokenExpiresIn };
    },
    find: (accessToken) => {
      const token = accessTokens.get(accessToken);
      return token !== undefined && lives(token) ? token : undefined;
    },
    revokeToken: (text) => {
      const token = accessTokens.get(text) ?? refreshTokens.get(text);
      if (token !== undefined) token.revoked = true;
      return token !== undefined;
    },
    revoke: (authorization) => {
      authorization.revoked = true;
    },
    of: (personId) => {
      const refreshable = new Set([...refreshTokens.values()].filter(lives).map((token) => token.authorization));
      return authorizations.filter((one) => one.subject.personId === personId && refreshable.has(one));
    },
    revokeOrganization: (client, orgId) => {
      for (const one of authorizations) {
        if (one.client === client && one.subject.orgId === orgId) one.revoked = true;
      }
    },
    expireAccessTokens: (orgId) => {
      for (const token of accessTokens.values()) {
        if (orgId !== undefined && token.authorization.subject.orgId !== orgId) continue;
        token.expiresAt = Math.min(token.expiresAt, now());
      }
    },
  };
}
