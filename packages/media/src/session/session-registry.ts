// The calls of a server, by organization and conversation. Remembers for a while that a conversation was ended here, so
// that media still on its way is swallowed and does not begin it anew.
import { isByovaError } from '@byova/auth/errors';
import { type CallEndReason, MediaError } from '../errors/media-errors.ts';
import type { PlaySource } from '../prompt/prompt.ts';
import { bounded } from '../store/bounded.ts';
import { sessionKey } from '../store/session-key.ts';
import type { SessionStore } from '../store/session-store.ts';
import type { RequestHeader } from '../wire/request.ts';
import { type Call, type CallInit, createCall } from './call.ts';
import type { CallEnvironment, LeaveAction } from './call-environment.ts';
import { type FoundRecord, unreadable } from './persistence.ts';
import type { SessionAgent } from './session.ts';
import { type LiveRecord, readRecord } from './session-record.ts';
import type { SignalNode } from './signal-node.ts';

/** How long media of a call that the agent ended is swallowed. */
const SWALLOW_MS = 30_000;
const MAX_SWALLOWED = 10_000;

/** Bounds of the registry. */
export interface RegistryLimits {
  readonly maxSessions: number;
  readonly maxSessionsPerOrganization: number;
}

/** What the session store has of a conversation: nothing, a call that goes on, or the mark of one that has ended. */
export type Lookup =
  | ({ readonly standing: 'none' | 'ended' } & FoundRecord)
  | ({ readonly standing: 'live' } & FoundRecord & { readonly record: LiveRecord });

/** The calls of a server. */
export interface SessionRegistry {
  readonly size: number;
  /** RPCs of all calls that are open. */
  readonly openTurns: number;
  /** Calls that are over and whose `session_end` handlers have not settled. */
  readonly endings: number;
  find(header: RequestHeader): Call | undefined;
  /** Whether the agent ended this conversation moments ago. */
  swallows(header: RequestHeader): boolean;
  /** Makes a call; throws when there are too many. */
  create(
    header: RequestHeader,
    agent: SessionAgent,
    how: Pick<CallInit<unknown>, 'implicit' | 'identity' | 'parameters' | 'found'>,
  ): Call;
  /** Asks the session store; undefined without one. The call, if it is known here, has then what the store has. */
  lookUp(header: RequestHeader): Promise<Lookup> | undefined;
  /** Every call is handed over or ended, now or on its next RPC. */
  leaveAll(action: LeaveAction, prompt: PlaySource | undefined): void;
  /** Ends every call; resolves when the handlers of their ends have settled, at most after `endGraceMs`. */
  finishAll(reason: CallEndReason): Promise<void>;
}

/** Thrown when there is no room for another call. */
export class TooManySessionsError extends MediaError {
  constructor(limit: string) {
    super({ code: 'TOO_MANY_SESSIONS', message: `No room for another call (${limit}).`, retryable: true });
  }
}

/** Makes an empty registry. */
export function createSessionRegistry<State>(
  env: CallEnvironment<State>,
  limits: RegistryLimits,
  parent: SignalNode,
): SessionRegistry {
  const calls = new Map<string, Call>();
  const perOrganization = new Map<string, number>();
  const swallowed = new Map<string, number>();
  const endings = new Set<Promise<void>>();

  const keyOf = (header: RequestHeader): string => `${header.organization}\n${header.conversationId}`;

  const remember = (key: string): void => {
    const nowMs = env.clock.now();
    for (const [old, untilMs] of swallowed) {
      if (untilMs > nowMs && swallowed.size < MAX_SWALLOWED) break;
      swallowed.delete(old);
    }
    swallowed.set(key, nowMs + SWALLOW_MS);
  };

  const count = (organization: string, change: number): void => {
    const next = (perOrganization.get(organization) ?? 0) + change;
    if (next <= 0) perOrganization.delete(organization);
    else perOrganization.set(organization, next);
  };

  /** What is stored of a call that is not known here. */
  const load = async (store: SessionStore, header: RequestHeader): Promise<Lookup> => {
    const key = sessionKey(header.organization, header.conversationId);
    try {
      const stored = await bounded(env.clock, env.limits.storeTimeoutMs, (signal) => store.load(key, signal));
      if (stored === undefined) return { standing: 'none', version: null };
      const { version } = stored;
      const record = readRecord(stored.value);
      if (record === undefined) return { standing: 'none', version, error: unreadable() };
      return 'ended' in record ? { standing: 'ended', version } : { standing: 'live', version, record };
    } catch (error) {
      // The caller is served all the same: the call is told of it.
      if (isByovaError(error)) return { standing: 'none', version: null, error };
      throw error;
    }
  };

  return {
    get size() {
      return calls.size;
    },
    get openTurns() {
      let open = 0;
      for (const call of calls.values()) open += call.openTurns;
      return open;
    },
    get endings() {
      return endings.size;
    },
    find: (header) => calls.get(keyOf(header)),
    swallows(header) {
      const untilMs = swallowed.get(keyOf(header));
      return untilMs !== undefined && untilMs > env.clock.now();
    },
    create(header, agent, how) {
      if (calls.size >= limits.maxSessions) throw new TooManySessionsError('limits.maxSessions');
      if ((perOrganization.get(header.organization) ?? 0) >= limits.maxSessionsPerOrganization) {
        throw new TooManySessionsError('limits.maxSessionsPerOrganization');
      }
      const key = keyOf(header);
      const call = createCall({
        env,
        header,
        agent,
        parent,
        ...how,
        onEnded(reason, ending) {
          if (calls.get(key) === call) calls.delete(key);
          count(header.organization, -1);
          // A caller who hung up is gone; after an end of ours the platform may still be sending.
          if (reason === 'transferred' || reason === 'ended' || reason === 'error') remember(key);
          endings.add(ending);
          void ending.finally(() => endings.delete(ending));
        },
      });
      swallowed.delete(key);
      calls.set(key, call);
      count(header.organization, 1);
      return call;
    },
    leaveAll(action, prompt) {
      for (const call of [...calls.values()]) call.leave(action, prompt);
    },
    lookUp(header) {
      const { store } = env;
      if (store === undefined) return undefined;
      const look = async (): Promise<Lookup> => {
        const known = calls.get(keyOf(header));
        const found: Lookup =
          known === undefined
            ? await load(store, header)
            : { standing: (await known.refresh()) === 'ended' ? 'ended' : 'none', version: known.storedVersion };
        // Meanwhile another RPC of the call was here: what was found may be older than what that one left.
        return calls.get(keyOf(header)) === known ? found : look();
      };
      return look();
    },
    async finishAll(reason) {
      for (const call of [...calls.values()]) call.finish(reason);
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = env.clock.setTimer(resolve, env.limits.endGraceMs);
      await Promise.race([Promise.all(endings), promise]);
      timer.cancel();
    },
  };
}
