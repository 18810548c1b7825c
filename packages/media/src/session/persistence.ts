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
/** A state that is too large to be stored is merged all the same; beyond this it is a mistake that would never end. */
const MAX_MERGED_BYTES = 16 * 1024 * 1024;

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
  /** Checks a state before it is assigned. @throws MediaError `STATE_NOT_JSON` or `STATE_TOO_LARGE`, in development */
  assertCanStore(state: unknown): void;
  /** Whether no other replica has had to do with the call since this one; true when that cannot be found out. */
  isOurs(): Promise<boolean>;
  /** Leaves the call to other replicas. False when they could not be given it. */
  handOver(): Promise<boolean>;
  /** The call is over: nothing more is stored. */
  end(how: 'mark' | 'delete' | 'leave', reason: CallEndReason): Promise<void>;
}

/** What the store of a call needs of it. */
export interface PersistenceHost<State> {
  readonly call: CallState;
  /** What `session.state` reads and writes. */
  state: State;
  /** Tells of a failure that nobody else is told of. */
  onStoreFailed(error: ByovaError): void;
  /** Another replica has replied since this one: what this one had open is out of date. */
  onOvertaken(): void;
}

/** What {@link createPersistence} needs. */
export interface PersistenceOptions<State> {
  readonly host: PersistenceHost<State>;
  readonly env: CallEnvironment<State>;
  readonly store: SessionStore;
  readonly found: FoundRecord;
}

function parsed(text: string | undefined): JsonValue | undefined {
  return text === undefined ? undefined : (JSON.parse(text) as JsonValue);
}

/** A class: one for each call of a server with a store, of one shape, and no closures of its own. */
class StoredCall<State> implements Persistence {
  readonly #host: PersistenceHost<State>;
  readonly #call: CallState;
  readonly #env: CallEnvironment<State>;
  readonly #store: SessionStore;
  readonly #key: string;
  readonly #writer: string = randomUUID();
  #version: string | null;
  /** Whether the record was ever seen or written: until then what is stored is worth more than what was made up here. */
  #synced: boolean;
  #baseState: string | undefined;
  #baseEmits = '[]';
  #over = false;
  /** Saves that have not begun: they will store whatever the state is then. */
  #queued = 0;
  #tail: Promise<unknown> = Promise.resolve();

  constructor({ host, env, store, found }: PersistenceOptions<State>) {
    const { call } = host;
    this.#host = host;
    this.#call = call;
    this.#env = env;
    this.#store = store;
    this.#key = sessionKey(call.organization, call.id);
    this.#version = found.version;
    this.#synced = found.version !== null || !call.implicit;
    const { record } = found;
    if (record !== undefined) {
      if (record.state !== undefined) host.state = structuredClone(record.state) as State;
      call.emits = [...call.emits, ...record.emits];
      call.begun = record.begun;
      call.answered = record.answered;
      call.leftByEvent = record.leftByEvent;
      call.replies = record.replies;
      this.#baseEmits = JSON.stringify(record.emits);
      this.#adoptCourse(record);
    }
    try {
      this.#baseState = this.#stateText();
    } catch {
      // Told with the first save; until then every state is a change.
    }
  }

  get version(): string | null {
    return this.#version;
  }

  /** One after the other; what waits longer than it may is not begun. */
  #inTurn<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    const before = this.#tail;
    const result = bounded(this.#env.clock, this.#env.limits.storeTimeoutMs, async (signal) => {
      await before;
      signal.throwIfAborted();
      return work(signal);
    });
    this.#tail = result.catch(() => {});
    return result;
  }

  async #quietly<T>(fallback: T, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    try {
      return await this.#inTurn(work);
    } catch (error) {
      if (isByovaError(error)) this.#host.onStoreFailed(error);
      return fallback;
    }
  }

  /** The state as text, checked. */
  #stateText(): string | undefined {
    return stateToText(this.#host.state, this.#env.limits.maxStateBytes);
  }

  #mergedState(theirs: JsonValue | undefined): JsonValue | undefined {
    const env = this.#env;
    const { log } = this.#call;
    const mineText = stateToText(this.#host.state, MAX_MERGED_BYTES);
    if (mineText === this.#baseState) return theirs;
    const [mine, base] = [parsed(mineText), parsed(this.#baseState)];
    if (env.mergeState !== undefined && theirs !== undefined) {
      try {
        // All three were states before they were JSON.
        const versions = { mine, theirs, base } as unknown as StateVersions<State>;
        return parsed(stateToText(env.mergeState(versions), MAX_MERGED_BYTES));
      } catch (error) {
        log.error({ err: error }, 'mergeState threw; the states were merged by their members');
      }
    }
    const kept = this.#synced ? 'mine' : 'theirs';
    const { value, conflicts } = mergeState(base, mine, theirs, kept);
    if (conflicts.length > 0) {
      log.warn(
        { conflicts, kept },
        'two replicas have changed the same part of session.state at the same time; give mergeState',
      );
    }
    return value;
  }

  /** Takes over what another replica has stored. */
  #adopt(stored: StoredSession, record: LiveRecord): void {
    const host = this.#host;
    const call = this.#call;
    const theirs = record.state;
    const merged = this.#mergedState(theirs);
    // A record without a state was written where the option `state` makes none.
    if (merged !== undefined) host.state = replaceState(host.state, merged) as State;
    if (JSON.stringify(call.emits) === this.#baseEmits) call.emits = record.emits;
    this.#version = stored.version;
    this.#synced = true;
    // In the order of members that the state has here, where nothing of this replica's is added.
    this.#baseState = sameJson(merged, theirs) ? JSON.stringify(host.state) : JSON.stringify(theirs);
    this.#baseEmits = JSON.stringify(record.emits);
    call.begun ||= record.begun;
    call.answered ||= record.answered;
    call.leftByEvent ||= record.leftByEvent;
  }

  #adoptCourse(record: LiveRecord): void {
    const call = this.#call;
    if (call.implicit) call.parameters = record.parameters;
    call.noInputCount = record.noInputCount;
    call.unhandledCount = record.unhandledCount;
    call.base = record.input ?? this.#env.input;
    call.announced = record.announced;
    call.callerAudio.setDetection(record.announced?.mode !== 'dtmf');
  }

  /** Reads the record. Undefined when there is none; `ended` when the call is over. */
  async #load(signal: AbortSignal) {
    const stored = await this.#store.load(this.#key, signal);
    signal.throwIfAborted();
    if (stored === undefined) {
      this.#version = null;
      return undefined;
    }
    if (stored.version === this.#version) return 'same' as const;
    const record = readRecord(stored.value);
    if (record === undefined) {
      // The next save writes over it.
      this.#version = stored.version;
      throw unreadable();
    }
    if ('ended' in record) {
      this.#over = true;
      return 'ended' as const;
    }
    if (record.writer === this.#writer) {
      // A write of ours that was not waited for: what is here is the same or newer.
      this.#version = stored.version;
      this.#baseState = JSON.stringify(record.state);
      this.#baseEmits = JSON.stringify(record.emits);
      return 'same' as const;
    }
    return { stored, record };
  }

  async #write(signal: AbortSignal, ending: ReplyEnding | undefined, always: boolean): Promise<boolean> {
    const call = this.#call;
    // Counted whether or not it can be stored: the platform is told it.
    if (ending !== undefined) call.replies += 1;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      if (this.#over) return false;
      const state = this.#stateText();
      const expected = this.#version;
      if (!always && state === this.#baseState) return expected !== null;
      const text = recordOf(call, this.#writer, state, ending);
      const emits = JSON.stringify(call.emits);
      const ttlMs = this.#env.limits.idleTimeoutMs + TTL_MARGIN_MS;
      const saved = await this.#store.save(this.#key, JSON.parse(text) as JsonValue, { expected, ttlMs, signal });
      signal.throwIfAborted();
      if (saved !== 'conflict') {
        this.#version = saved.version;
        this.#synced = true;
        this.#baseState = state;
        this.#baseEmits = emits;
        return true;
      }
      const found = await this.#load(signal);
      if (found === undefined || typeof found === 'string') continue;
      this.#adopt(found.stored, found.record);
      call.replies = Math.max(call.replies, found.record.replies + (ending === undefined ? 0 : 1));
    }
    throw new MediaError({
      code: 'STORE_UNAVAILABLE',
      message: `A call could not be stored: ${MAX_ATTEMPTS} times in a row another replica was faster.`,
      retryable: true,
    });
  }

  async #mark(signal: AbortSignal, reason: CallEndReason): Promise<void> {
    const store = this.#store;
    for (let attempt = 0; attempt < MAX_ATTEMPTS; attempt += 1) {
      const how = { expected: this.#version, ttlMs: MARK_MS, signal };
      if ((await store.save(this.#key, endedRecord(reason), how)) !== 'conflict') return;
      this.#version = (await store.load(this.#key, signal))?.version ?? null;
    }
  }

  refresh(): Promise<'live' | 'ended'> {
    return this.#quietly('live', async (signal) => {
      const found = await this.#load(signal);
      if (found === 'ended') return 'ended';
      if (found === undefined || found === 'same') return 'live';
      this.#adopt(found.stored, found.record);
      this.#adoptCourse(found.record);
      if (found.record.replies > this.#call.replies) {
        this.#call.replies = found.record.replies;
        this.#host.onOvertaken();
      }
      return 'live';
    });
  }

  async save(ending?: ReplyEnding): Promise<void> {
    if (this.#over) return;
    this.#queued += 1;
    let waiting = true;
    const begin = (): void => {
      if (waiting) this.#queued -= 1;
      waiting = false;
    };
    await this.#quietly(false, (signal) => {
      begin();
      return this.#write(signal, ending, true);
    });
    begin();
  }

  saveIfChanged(): void {
    if (this.#over || this.#queued > 0) return;
    void this.#quietly(false, (signal) => this.#write(signal, undefined, false));
  }

  assertStorable(): void {
    if (this.#env.development) this.#stateText();
  }

  assertCanStore(state: unknown): void {
    if (this.#env.development) stateToText(state, this.#env.limits.maxStateBytes);
  }

  isOurs(): Promise<boolean> {
    return this.#quietly(true, async (signal) => {
      const stored = await this.#store.load(this.#key, signal);
      return (stored?.version ?? null) === this.#version;
    });
  }

  handOver(): Promise<boolean> {
    // What has ended elsewhere is not for this replica to tell of either.
    return this.#quietly(
      false,
      async (signal) => (await this.#write(signal, undefined, this.#version === null)) || this.#over,
    );
  }

  async end(how: 'mark' | 'delete' | 'leave', reason: CallEndReason): Promise<void> {
    const expected = this.#version;
    this.#over = true;
    if (how === 'leave') return;
    try {
      await this.#inTurn(async (signal) => {
        if (how === 'mark') await this.#mark(signal, reason);
        else if (expected !== null) await this.#store.delete(this.#key, { expected, signal });
      });
    } catch (error) {
      this.#call.log.error({ err: error }, 'the end of a call could not be stored; its record expires by itself');
    }
  }
}

/** Makes what stores one call. */
export function createPersistence<State>(options: PersistenceOptions<State>): Persistence {
  return new StoredCall(options);
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
