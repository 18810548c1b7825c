// Authorization codes: each is good once, for five minutes. A code that comes a second time was stolen by one of the two
// who brought it, so the tokens made of it die (RFC 6749, section 4.1.2).
import { randomLetters } from '../random-text.ts';
import type { SecretBook } from '../secret-book.ts';
import type { Client } from './clients.ts';
import type { Challenge } from './pkce.ts';
import type { Authorization, TokenStore } from './token-store.ts';

const LIFETIME_MS = 5 * 60 * 1000;

/** What a person agreed to. */
export interface CodeRequest {
  readonly client: Client;
  readonly redirectUri: string;
  /** Whether the request named it; if so, the trade must name it as well. */
  readonly redirectUriGiven: boolean;
  readonly scopes: readonly string[];
  readonly challenge: Challenge | undefined;
}

interface Code extends CodeRequest {
  readonly expiresAt: number;
  used: boolean;
  authorization: Authorization | undefined;
}

/** The store. */
export interface CodeStore {
  create(request: CodeRequest): string;
  /** What a code of this client stands for; `undefined` when it is unknown, expired, used or another client's. */
  find(client: Client, code: string): CodeRequest | undefined;
  /** Marks a code as used for an authorization. */
  use(code: string, authorization: Authorization): void;
}

/** Makes an empty store. */
export function createCodeStore(parts: { now: () => number; secrets: SecretBook; tokens: TokenStore }): CodeStore {
  const { now, secrets, tokens } = parts;
  const codes = new Map<string, Code>();
  return {
    create: (request) => {
      const code = secrets.note(randomLetters(64));
      codes.set(code, { ...request, expiresAt: now() + LIFETIME_MS, used: false, authorization: undefined });
      return code;
    },
    find: (client, text) => {
      const code = codes.get(text);
      if (code === undefined || code.client !== client) return undefined;
      if (code.used) {
        if (code.authorization !== undefined) tokens.revoke(code.authorization);
        return undefined;
      }
      return now() < code.expiresAt ? code : undefined;
    },
    use: (text, authorization) => {
      const code = codes.get(text);
      if (code === undefined) return;
      code.used = true;
      code.authorization = authorization;
    },
  };
}
