// The calls of a server, by organization and conversation. Remembers for a while that a conversation was ended here, so
// that media still on its way is swallowed and does not begin it anew.
import { isByovaError } from '@byova/auth/errors';
import { type CallEndReason, MediaError } from '../errors/media-errors.ts';
import type { PlaySource } from '../prompt/prompt.ts';
import { bounded } from '../store/bounded.ts';
import { sessionKey } from '../store/session-key.ts';
import type { SessionStore } from '../store/session-store.ts';
import type { RequestHeader } from '../wire/request.ts';
import { type Call, type CallInit, type CallKeeper, createCall } from './call.ts';
import type { CallEnvironment, LeaveAction } from './call-environment.ts';
import { createLifetimes } from './lifetimes.ts';
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
  /** By organization and conversation: a key of both would be another text for each call. */
  const calls = new Map<string, Map<string, Call>>();
  let size = 0;
  const lifetimes = createLifetimes(env.clock, env.limits.maxSessionMs);
  const swallowed = new Map<string, number>();
  const endings = new Set<Promise<void>>();

  const keyOf = ({ organization, id }: Pick<Call, 'organization' | 'id'>): string => `${organization}\n${id}`;

  const remember = (key: string): void => {
    const nowMs = env.clock.now();
    for (const [old, untilMs] of swallowed) {
      if (untilMs > nowMs && swallowed.size < MAX_SWALLOWED) break;
      swallowed.delete(old);
    }
    swallowed.set(key, nowMs + SWALLOW_MS);
  };

  const find = ({ organization, conversationId }: RequestHeader): Call | undefined =>
    calls.get(organization)?.get(conversationId);

  const add = (call: Call): void => {
    const ofOrganization = calls.get(call.organization);
    if (ofOrganization === undefined) calls.set(call.organization, new Map([[call.id, call]]));
    else ofOrganization.set(call.id, call);
    size += 1;
    lifetimes.add(call);
  };

  const remove = (call: Call): void => {
    lifetimes.remove(call);
    const ofOrganization = calls.get(call.organization);
    if (ofOrganization?.get(call.id) !== call) return;
    ofOrganization.delete(call.id);
    size -= 1;
    if (ofOrganization.size === 0) calls.delete(call.organization);
  };

  const all = (): readonly Call[] => [...calls.values()].flatMap((ofOrganization) => [...ofOrganization.values()]);

  const keeper: CallKeeper = {
    onEnded(call, reason, ending) {
      remove(call);
      // A caller who hung up is gone; after an end of ours the platform may still be sending.
      if (reason === 'transferred' || reason === 'ended' || reason === 'error') remember(keyOf(call));
      endings.add(ending);
      void ending.finally(() => endings.delete(ending));
    },
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
      return size;
    },
    get openTurns() {
      let open = 0;
      for (const call of all()) open += call.openTurns;
      return open;
    },
    get endings() {
      return endings.size;
    },
    find,
    swallows({ organization, conversationId: id }) {
      if (swallowed.size === 0) return false;
      const untilMs = swallowed.get(keyOf({ organization, id }));
      return untilMs !== undefined && untilMs > env.clock.now();
    },
    create(header, agent, how) {
      if (size >= limits.maxSessions) throw new TooManySessionsError('limits.maxSessions');
      if ((calls.get(header.organization)?.size ?? 0) >= limits.maxSessionsPerOrganization) {
        throw new TooManySessionsError('limits.maxSessionsPerOrganization');
      }
      const call = createCall({ env, header, agent, parent, keeper, ...how });
      swallowed.delete(keyOf(call));
      add(call);
      return call;
    },
    leaveAll(action, prompt) {
      for (const call of all()) call.leave(action, prompt);
    },
    lookUp(header) {
      const { store } = env;
      if (store === undefined) return undefined;
      const look = async (): Promise<Lookup> => {
        const known = find(header);
        const found: Lookup =
          known === undefined
            ? await load(store, header)
            : { standing: (await known.refresh()) === 'ended' ? 'ended' : 'none', version: known.storedVersion };
        // Meanwhile another RPC of the call was here: what was found may be older than what that one left.
        return find(header) === known ? found : look();
      };
      return look();
    },
    async finishAll(reason) {
      for (const call of all()) call.finish(reason);
      const { promise, resolve } = Promise.withResolvers<void>();
      const timer = env.clock.setTimer(resolve, env.limits.endGraceMs);
      await Promise.race([Promise.all(endings), promise]);
      timer.cancel();
    },
  };
}
