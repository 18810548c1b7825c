// The authorizations that were begun and not finished: each state is good once, for some minutes, for the session it was made
// for, at whichever replica the redirect arrives.
import { z } from 'zod';
import { AuthorizationStateError } from '../errors/authorization-errors.ts';
import { StoreTamperedError } from '../errors/store-errors.ts';
import type { TokenStore } from '../store/token-store.ts';
import type { WallClock } from '../time/clock.ts';
import { createPkce, createState, fingerprint } from './pkce.ts';

/** An authorization that was begun. */
export interface PendingAuthorization {
  readonly verifier: string;
  readonly redirectUri: string;
  /** Ms since 1970. */
  readonly expiresAt: number;
  /** A fingerprint of the session that it was begun in. */
  readonly session?: string | undefined;
}

const listSchema: z.ZodType<Record<string, PendingAuthorization>> = z.record(
  z.string(),
  z.object({
    verifier: z.string(),
    redirectUri: z.string(),
    expiresAt: z.number(),
    session: z.string().optional(),
  }),
);

/** The open authorizations of one client. */
export interface PendingAuthorizations {
  begin(
    redirectUri: string,
    session: string | undefined,
  ): Promise<{ readonly state: string; readonly challenge: string }>;
  /**
   * Takes an authorization out: the state is good no more, whatever happens next.
   *
   * @throws AuthorizationStateError
   */
  take(state: string | undefined, session: string | undefined): Promise<PendingAuthorization>;
}

/** Beyond so many, the oldest are dropped: nobody authorizes a thousand times in ten minutes. */
const MAX_PENDING = 500;

export function createPendingAuthorizations(
  store: TokenStore,
  key: string,
  options: { readonly clock: WallClock; readonly lifetimeMs: number },
): PendingAuthorizations {
  const { clock, lifetimeMs } = options;

  /** Changes the list by compare-and-set, without what has expired. */
  async function change<T>(edit: (list: Map<string, PendingAuthorization>) => T): Promise<T> {
    for (;;) {
      const stored = await store.get(key);
      const parsed = listSchema.safeParse(stored?.value ?? {});
      if (!parsed.success) throw new StoreTamperedError(`Record ${key} is not one of this library.`);
      const list = new Map(Object.entries(parsed.data));
      const result = edit(list);
      const open = [...list].filter(([, { expiresAt }]) => expiresAt > clock.now());
      const kept = open.sort(([, a], [, b]) => a.expiresAt - b.expiresAt).slice(-MAX_PENDING);
      const value = Object.fromEntries(kept.map(([name, pending]) => [name, { ...pending }]));
      const version = await store.set(key, value, { expectedVersion: stored?.version });
      if (version !== undefined) return result;
    }
  }

  return {
    async begin(redirectUri, session) {
      const state = createState();
      const { verifier, challenge } = createPkce();
      const expiresAt = clock.now() + lifetimeMs;
      await change((list) =>
        list.set(fingerprint(state), {
          verifier,
          redirectUri,
          expiresAt,
          ...(session === undefined ? {} : { session: fingerprint(session) }),
        }),
      );
      return { state, challenge };
    },

    async take(state, session) {
      if (state === undefined || state === '') throw new AuthorizationStateError('missing');
      const name = fingerprint(state);
      const pending = await change((list) => {
        const found = list.get(name);
        list.delete(name);
        return found;
      });
      if (pending === undefined) throw new AuthorizationStateError('unknown');
      if (pending.expiresAt <= clock.now()) throw new AuthorizationStateError('expired');
      // Whoever is sent somebody else's redirect must not end up with the other's account.
      if (pending.session !== (session === undefined ? undefined : fingerprint(session))) {
        throw new AuthorizationStateError('other_session');
      }
      return pending;
    },
  };
}
