// One call in the session store: keeps what this replica has of it and what is stored together, so that no update is lost
// whichever replica a turn comes to. What it does goes one after the other, each bounded in time.
import { randomUUID } from 'node:crypto';
import { type ByovaError, isByovaError } from '@byova/auth/errors';
import { type CallEndReason, MediaError, SessionEndedError } from '../errors/media-errors.ts';
import { bounded } from '../store/bounded.ts';
import { sessionKey } from '../store/session-key.ts';
import type { SessionStore, StoredSession } from '../store/session-store.ts';
import type { ReplyEnding } from '../turn/reply-writer.ts';
import type { JsonValue } from '../wire/json.ts';
import type { CallEnvironment } from './call-environment.ts';
import type { CallState } from './call-state.ts';
import { mergeState, replaceState, sameJson } from './merge-state.ts';
import { endedRecord, type LiveRecord, readRecord, recordOf } from './session-record.ts';
import { stateToText } from './storable.ts';

/** Beyond the idle time, so that the replica that served the last turn still finds the record when it ends the call. */
const TTL_MARGIN_MS = 60_000;
/** How long the mark of a call that is over is kept: as long as its media is swallowed. */
const MARK_MS = 30_000;
/** How often a write that others were faster than is made again. */
const MAX_ATTEMPTS = 5;

/** Two versions of a state, and what both were made of. */
export interface StateVersions<State> {
  /** This replica's, about to be stored. */
  readonly mine: State;
  /** What another replica has stored meanwhile. */
  readonly theirs: State;
  /** What both were made of. */
  readonly base: State;
}

/** What was found of a call when it was begun here. */
export interface FoundRecord {
  /** `null` when there is no record. */
  readonly version: string | null;
  /** Absent on a call that begins anew. */
  readonly record?: LiveRecord;
  /** Why nothing could be found out. */
  readonly error?: ByovaError;
}

/** A call in the session store. Nothing here rejects but what says so: a call is not lost to its store. */
export interface Persistence {
  /** What is known of the record; `null` when there is none. */
  readonly version: string | null;
  /** Takes over what other replicas have stored. `ended` when the call is over. */
  refresh(): Promise<'live' | 'ended'>;
  /** Stores the call; with the ending of the reply that waits for it. */
  save(ending?: ReplyEnding): Promise<void>;
  /** Stores the state if a handler has changed it since. */
  saveIfChanged(): void;
  /** @throws MediaError `STATE_NOT_JSON` or `STATE_TOO_LARGE`, in development */
  assertStorable(): void;
  /** Whether no other replica has had to do with the call since this one; true when that cannot be found out. */
  isOurs(): Promise<boolean>;
  /** Leaves the call to other replicas. False when they could not be given it. */
  handOver(): Promise<boolean>;
  /** The call is over: nothing more is stored. */
  end(how: 'mark' | 'delete' | 'leave', reason: CallEndReason): Promise<void>;
}

/** What {@link createPersistence} needs. */
export interface PersistenceOptions<State> {
  readonly env: CallEnvironment<State>;
  readonly store: SessionStore;
  readonly call: CallState;
  /** What `session.state` reads and writes. */
  readonly holder: { state: State };
  readonly found: FoundRecord;
  /** Tells of a failure that nobody else is told of. */
  readonly report: (error: ByovaError) => void;
  /** Another replica has replied since this one: what this one had open is out of date. */
  readonly onOvertaken: () => void;
}

/** Makes what stores one call. */
export function createPersistence<State>(options: PersistenceOptions<State>): Persistence {
  const { env, store, call, holder, report } = options;
  const { storeTimeoutMs, maxStateBytes, idleTimeoutMs } = env.limits;
  const key = sessionKey(call.organization, call.id);
  const writer = randomUUID();
  let { version } = options.found;
  /** Whether the record was ever seen or written: until then what is stored is worth more than what was made up here. */
  let synced = version !== null || !call.implicit;
  let baseState: string | undefined;
  let baseEmits = '[]';
  let over = false;
  /** Saves that have not begun: they will store whatever the state is then. */
  let queued = 0;
  let tail: Promise<unknown> = Promise.resolve();

  /** One after the other; what waits longer than it may is not begun. */
  const inTurn = <T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    const before = tail;
    const result = bounded(env.clock, storeTimeoutMs, async (signal) => {
      await before;
      signal.throwIfAborted();
      return work(signal);
    });
    tail = result.catch(() => {});
    return result;
  };

  const quietly = async <T>(fallback: T, work: (signal: AbortSignal) => Promise<T>): Promise<T> => {
    try {
      return await inTurn(work);
    } catch (error) {
      if (isByovaError(error)) report(error);
      return fallback;
    }
  };

  /** The state as text, checked. */
  const stateText = (): string | undefined => {
    const text = stateToText(holder.state);
    const bytes = text === undefined ? 0 : Buffer.byteLength(text);
    if (bytes <= maxStateBytes) return text;
    throw new MediaError({
      code: 'STATE_TOO_LARGE',
      message:
        `session.state has ${bytes} bytes as JSON; ${maxStateBytes} are stored at most. Keep large things elsewhere and ` +
        'their ids in the state, or raise limits.maxStateBytes.',
    });
  };

  const parsed = (text: string | undefined): JsonValue | undefined =>
    text === undefined ? undefined : (JSON.parse(text) as JsonValue);

  const mergedState = (theirs: JsonValue | undefined): JsonValue | undefined => {
    const mineText = stateToText(holder.state);
    if (mineText === baseState) return theirs;
    const [mine, base] = [parsed(mineText), parsed(baseState)];
    if (env.mergeState !== undefined && theirs !== undefined) {
      try {
        // All three were states before they were JSON.
        const versions = { mine, theirs, base } as unknown as StateVersions<State>;
        return parsed(stateToText(env.mergeState(versions)));
      } catch (error) {
        call.log.error({ err: error }, 'mergeState threw; the states were merged by their members');
      }
    }
    const { value, conflicts } = mergeState(base, mine, theirs, synced ? 'mine' : 'theirs');
    if (conflicts.length > 0) {
      call.log.warn(
        { conflicts, kept: synced ? 'mine' : 'theirs' },
        'two replicas have changed the same part of session.state at the same time; give mergeState',
      );
    }
    return value;
  };

  /** Takes over what another replica has stored. */
  const adopt = (stored: StoredSession, record: LiveRecord): void => {
    const theirs = record.state;
    const merged = mergedState(theirs);
    // A record without a state was written where the option `state` makes none.
    if (merged !== undefined) holder.state = replaceState(holder.state, merged) as State;
    if (JSON.stringify(call.emits) === baseEmits) call.emits.splice(0, call.emits.length, ...record.emits);
    ({ version } = stored);
    synced = true;
    // In the order of members that the state has here, where nothing of this replica's is added.
    baseState = sameJson(merged, theirs) ? stateToText(holder.state) : JSON.stringify(theirs);
    baseEmits = JSON.stringify(record.emits);
    call.begun ||= record.begun;
    call.answered ||= record.answered;
    call.leftByEvent ||= record.leftByEvent;
  };

  const adoptCourse = (record: LiveRecord): void => {
    if (call.implicit) call.parameters = record.parameters;
    call.noInputCount = record.noInputCount;
    call.unhandledCount = record.unhandledCount;
    call.base = record.input ?? env.input;
    call.announced = record.announced;
    call.callerAudio.setDetection(record.announced?.mode !== 'dtmf');
  };

  /** Reads the record. Undefined when there is none; `ended` when the call is over. */
  const load = async (signal: AbortSignal) => {
    const stored = await store.load(key, signal);
    signal.throwIfAborted();
    if (stored === undefined) {
      version = null;
      return undefined;
    }
    if (stored.version === version) return 'same' as const;
    const record = readRecord(stored.value);
    if (record === undefined) {
      // The next save writes over it.
      ({ version } = stored);
      throw unreadable();
    }
    if ('ended' in record) {
      over = true;
      return 'ended' as const;
    }
    if (record.writer === writer) {
      // A write of ours that was not waited for: what is here is the same or newer.
      ({ version } = stored);
      baseState = JSON.stringify(record.state);
      baseEmits = JSON.stringify(record.emits);
      return 'same' as const;
    }
    return { stored, record };
  };

  const write = async (signal: AbortSignal, ending: ReplyEnding | undefined, always: boolean): Promise<boolean> => {
    // Counted whether or not it can be stored: the platform is told it.
    if (ending !== undefined) call.replies += 1;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      if (over) return false;
      const state = stateText();
      if (!always && state === baseState) return version !== null;
      const text = recordOf(call, writer, state, ending);
      const emits = JSON.stringify(call.emits);
      const ttlMs = idleTimeoutMs + TTL_MARGIN_MS;
      const saved = await store.save(key, JSON.parse(text) as JsonValue, { expected: version, ttlMs, signal });
      signal.throwIfAborted();
      if (saved !== 'conflict') {
        ({ version } = saved);
        synced = true;
        baseState = state;
        baseEmits = emits;
        return true;
      }
      const found = await load(signal);
      if (found === undefined || typeof found === 'string') continue;
      adopt(found.stored, found.record);
      call.replies = Math.max(call.replies, found.record.replies + (ending === undefined ? 0 : 1));
    }
    throw new MediaError({
      code: 'STORE_UNAVAILABLE',
      message: `A call could not be stored: ${MAX_ATTEMPTS} times in a row another replica was faster.`,
      retryable: true,
    });
  };

  const mark = async (signal: AbortSignal, reason: CallEndReason): Promise<void> => {
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const saved = await store.save(key, endedRecord(reason), { expected: version, ttlMs: MARK_MS, signal });
      if (saved !== 'conflict') return;
      version = (await store.load(key, signal))?.version ?? null;
    }
  };

  const { record } = options.found;
  if (record !== undefined) {
    if (record.state !== undefined) holder.state = structuredClone(record.state) as State;
    call.emits.push(...record.emits);
    call.begun = record.begun;
    call.answered = record.answered;
    call.leftByEvent = record.leftByEvent;
    call.replies = record.replies;
    baseEmits = JSON.stringify(record.emits);
    adoptCourse(record);
  }
  try {
    baseState = stateToText(holder.state);
  } catch {
    // Told with the first save; until then every state is a change.
  }

  return {
    get version() {
      return version;
    },
    refresh: () =>
      quietly('live', async (signal) => {
        const found = await load(signal);
        if (found === 'ended') return 'ended';
        if (found === undefined || found === 'same') return 'live';
        adopt(found.stored, found.record);
        adoptCourse(found.record);
        if (found.record.replies > call.replies) {
          call.replies = found.record.replies;
          options.onOvertaken();
        }
        return 'live';
      }),
    async save(ending) {
      if (over) return;
      queued += 1;
      let waiting = true;
      const begin = (): void => {
        if (waiting) queued -= 1;
        waiting = false;
      };
      await quietly(false, (signal) => {
        begin();
        return write(signal, ending, true);
      });
      begin();
    },
    saveIfChanged() {
      if (!over && queued === 0) void quietly(false, (signal) => write(signal, undefined, false));
    },
    assertStorable() {
      if (env.development) stateText();
    },
    isOurs: () =>
      quietly(true, async (signal) => {
        const stored = await store.load(key, signal);
        return (stored?.version ?? null) === version;
      }),
    handOver: () =>
      // What has ended elsewhere is not for this replica to tell of either.
      quietly(false, async (signal) => (await write(signal, undefined, version === null)) || over),
    async end(how, reason) {
      const expected = version;
      over = true;
      if (how === 'leave') return;
      try {
        await inTurn(async (signal) => {
          if (how === 'mark') await mark(signal, reason);
          else if (expected !== null) await store.delete(key, { expected, signal });
        });
      } catch (error) {
        call.log.error({ err: error }, 'the end of a call could not be stored; its record expires by itself');
      }
    },
  };
}

/** A record that this version of the package cannot read. */
export function unreadable(): MediaError {
  return new MediaError({
    code: 'STATE_UNREADABLE',
    message:
      'The record of a call is not one that this version of @byova/media has written. Give each layout a prefix of its own.',
  });
}

/** Why a question, or a reply, of this replica is out of date. */
export function movedError(): SessionEndedError {
  return new SessionEndedError('moved');
}
