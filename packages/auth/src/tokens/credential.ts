// One credential in one process: gives its token out, renews it in time, once for all who ask and once in the whole fleet, and
// never gives out a token that is not stored.
import { ClosedError } from '../errors/usage-errors.ts';
import type { TokenStore } from '../store/token-store.ts';
import { setAlarm } from '../time/alarm.ts';
import type { ClockTimer, RandomSource, WallClock } from '../time/clock.ts';
import { isWithin } from '../time/is-within.ts';
import { abortable } from '../time/wait.ts';
import { type CredentialRecord, type CredentialSnapshot, parseCredential } from './credential-record.ts';
import { underLease } from './leased.ts';
import { createSingleFlight } from './single-flight.ts';
import type { TokenSet } from './token-set.ts';
import { createValidity, type ValidityOptions } from './validity.ts';

/** What is asked of a token. */
export interface GetAccessTokenOptions {
  /** The token must be good for so long still; ms, and never more than half of its lifetime. Default 0. */
  readonly minValidityMs?: number;
  /** Renew it also when it is good. Default `false`. */
  readonly forceRefresh?: boolean;
  /** A token that Webex refused: do not give this one. Unlike `forceRefresh`, a renewal by somebody else since is enough. */
  readonly rejectedToken?: string | undefined;
  /** Ends the waiting. A renewal that others wait for goes on. */
  readonly signal?: AbortSignal | undefined;
}

/** What a credential needs. */
export interface CredentialOptions extends ValidityOptions {
  readonly key: string;
  readonly store: TokenStore;
  readonly clock: WallClock;
  readonly random: RandomSource;
  readonly leaseMs: number;
  /** How old what was read from the store may be; ms. */
  readonly storeReadMs: number;
  /** Asks Webex for new tokens; throws when there is no way. */
  readonly renew: (snapshot: CredentialSnapshot, signal: AbortSignal) => Promise<TokenSet>;
  /** The error when the record has no way to a token: never authorized, or revoked. */
  readonly refuse: (record: CredentialRecord | undefined) => Error | undefined;
  /** Whether asking Webex again soon is of no use. */
  readonly isFinal: (error: Error) => boolean;
  readonly onRenewed: (record: CredentialRecord) => void;
  readonly onFailed: (error: unknown, record: CredentialRecord | undefined) => void;
  /** Tokens were renewed and could not be stored, or a revocation came first. */
  readonly onUnsaved: (error: unknown) => void;
  readonly onExpiring: (tokens: TokenSet) => void;
}

/** Tokens that Webex gave and the store has not. */
interface UnsavedTokens {
  readonly tokens: TokenSet;
  /** Of the authorization that they belong to. */
  readonly generation: number;
  /**
   * The access token that they were got for. While the store has that one, they are newer, whatever time the clock of this
   * machine or of another has told.
   */
  readonly replaces: string | undefined;
}

/** A refusal of Webex is not asked for again so soon; ms. */
const REFUSAL_MS = 30_000;
const BACKOFF_MS = 5_000;
const MAX_BACKOFF_MS = 300_000;
const CLOSE_GRACE_MS = 10_000;
const WARN_BEFORE_MS = 7 * 86_400_000;

export class Credential {
  readonly #options: CredentialOptions;
  readonly #validity: ReturnType<typeof createValidity>;
  readonly #flight = createSingleFlight<TokenSet>();
  readonly #reading = createSingleFlight<CredentialSnapshot>();
  readonly #closing = new AbortController();
  readonly #killing = new AbortController();
  #cached: { readonly snapshot: CredentialSnapshot; readonly readAt: number } | undefined;
  #unsaved: UnsavedTokens | undefined;
  #refusal: { readonly error: Error; readonly at: number; readonly version: string | undefined } | undefined;
  #failures = 0;
  /** Since when, and for how long, no renewal is begun in the background. */
  #quiet = { since: 0, ms: 0 };
  #alarms: ClockTimer[] = [];
  #saveTimer: ClockTimer | undefined;
  #keeping = false;

  constructor(options: CredentialOptions) {
    this.#options = options;
    this.#validity = createValidity(options, options.random());
  }

  /** Whether the store has, or had, a record of it. */
  get isKnown(): boolean {
    return this.#cached?.snapshot.record !== undefined;
  }

  /** A token that is good now. */
  async get(request: GetAccessTokenOptions = {}): Promise<string> {
    if (this.#closing.signal.aborted) throw new ClosedError('The token manager');
    request.signal?.throwIfAborted();
    let { record } = await abortable(this.#current(), request.signal);
    // What was read some seconds ago does not say that nobody has authorized since.
    if (this.#options.refuse(record) !== undefined) ({ record } = await abortable(this.#readAnew(), request.signal));
    const refused = this.#options.refuse(record);
    if (refused !== undefined) throw refused;
    const tokens = record?.tokens;
    if (tokens !== undefined && this.#isGood(tokens, request) && request.forceRefresh !== true) {
      if (this.#isDue(record)) this.#renewInBackground(tokens.accessToken);
      return tokens.accessToken;
    }
    const renewed = await this.#flight.run(() => this.#renew(tokens?.accessToken), request.signal);
    return renewed.accessToken;
  }

  /** Reads the record from the store. */
  async read(): Promise<CredentialSnapshot> {
    return this.#reading.run(async () => {
      const { store, key, clock } = this.#options;
      const stored = await store.get(key);
      const snapshot: CredentialSnapshot = {
        record: stored && parseCredential(key, stored.value),
        version: stored?.version,
      };
      this.#remember(snapshot, clock.now());
      return snapshot;
    });
  }

  /**
   * Changes the record by compare-and-set, as often as it takes.
   *
   * @param change - gives the new record, or undefined to leave it as it is
   */
  async update(
    change: (record: CredentialRecord | undefined) => CredentialRecord | undefined,
  ): Promise<CredentialSnapshot> {
    const { store, key, clock } = this.#options;
    for (;;) {
      const before = await this.#readAnew();
      const record = change(before.record);
      if (record === undefined) return before;
      const version = await store.set(
        key,
        { ...record, tokens: record.tokens && { ...record.tokens } },
        { expectedVersion: before.version },
      );
      if (version === undefined) continue;
      const snapshot = { record, version };
      this.#refusal = undefined;
      this.#endBackoff();
      if (record.generation !== this.#unsaved?.generation) this.#unsaved = undefined;
      this.#remember(snapshot, clock.now());
      return snapshot;
    }
  }

  /** Renews by itself from now on, so that an idle refresh token does not grow old. */
  keepFresh(): void {
    if (this.#keeping || this.#closing.signal.aborted) return;
    this.#keeping = true;
    this.#arm();
  }

  /** Ends timers and waiting. A renewal under way may end: a refresh token that was rotated and not stored would be lost. */
  async close(): Promise<void> {
    const { clock } = this.#options;
    this.#closing.abort(new ClosedError('The token manager'));
    this.#disarm();
    this.#saveTimer?.cancel();
    const breakOff = (): void => this.#killing.abort(new ClosedError('The token manager'));
    const timer = clock.setTimer(breakOff, CLOSE_GRACE_MS, { keepAlive: true });
    await this.#flight.settled();
    await this.#reading.settled();
    timer.cancel();
  }

  async #current(): Promise<CredentialSnapshot> {
    const { clock, storeReadMs } = this.#options;
    const cached = this.#cached;
    if (cached !== undefined && isWithin(clock.now(), cached.readAt, storeReadMs)) return cached.snapshot;
    try {
      return await this.read();
    } catch (error) {
      // A store that is away for a moment does not take a good token away.
      if (cached?.snapshot.record?.tokens === undefined) throw error;
      this.#options.onUnsaved(error);
      return cached.snapshot;
    }
  }

  /** A read that began after this call, not one that was under way. */
  async #readAnew(): Promise<CredentialSnapshot> {
    await this.#reading.settled();
    return this.read();
  }

  #remember(snapshot: CredentialSnapshot, readAt: number): void {
    this.#cached = { snapshot, readAt };
    if (this.#keeping) this.#arm();
  }

  #isGood(tokens: TokenSet, { minValidityMs = 0, rejectedToken }: GetAccessTokenOptions): boolean {
    const now = this.#options.clock.now();
    return (
      tokens.accessToken !== rejectedToken &&
      now < this.#validity.hardExpiry(tokens) &&
      now + Math.min(minValidityMs, (tokens.expiresAt - tokens.obtainedAt) / 2) <= tokens.expiresAt
    );
  }

  #isDue(record: CredentialRecord | undefined): boolean {
    const now = this.#options.clock.now();
    if (record?.tokens === undefined || isWithin(now, this.#quiet.since, this.#quiet.ms)) return false;
    if (this.#unsaved !== undefined) return true;
    return record.state === 'authorizing' || now >= this.#validity.softExpiry(record.tokens);
  }

  #renewInBackground(stale: string | undefined): void {
    // Its failure is told of by an event, and to whoever asks once the token is no longer good.
    this.#flight.run(() => this.#renew(stale)).catch(() => {});
  }

  /** @param stale - the token that is to be replaced; another one that is good will do, whoever got it */
  async #renew(stale: string | undefined): Promise<TokenSet> {
    const { store, clock, random, leaseMs, key } = this.#options;
    const { signal } = this.#closing;
    const isNew = (tokens: TokenSet | undefined): tokens is TokenSet =>
      tokens !== undefined && tokens.accessToken !== stale && this.#isGood(tokens, {});
    let told = false;
    try {
      const saved = this.#unsaved && (await this.#save(this.#unsaved));
      if (isNew(saved)) return saved;
      let latest: CredentialSnapshot = { record: undefined, version: undefined };
      const settled = async (): Promise<TokenSet | undefined> => {
        latest = await this.#readAnew();
        const refused = this.#options.refuse(latest.record);
        if (refused !== undefined) throw refused;
        const tokens = latest.record?.tokens;
        return latest.record?.state === 'authorized' && isNew(tokens) ? tokens : undefined;
      };
      const renewed = await underLease(key, { store, clock, random, leaseMs, signal }, settled, async () => {
        const refusal = this.#refusal;
        told =
          refusal !== undefined && refusal.version === latest.version && isWithin(clock.now(), refusal.at, REFUSAL_MS);
        if (refusal !== undefined && told) throw refusal.error;
        return this.#renewAndSave(latest);
      });
      this.#endBackoff();
      return renewed;
    } catch (error) {
      if (signal.aborted) throw error;
      this.#failures += 1;
      const backoff = Math.min(MAX_BACKOFF_MS, BACKOFF_MS * 2 ** (this.#failures - 1));
      this.#quiet = { since: clock.now(), ms: backoff * (0.5 + 0.5 * random()) };
      if (!told) this.#options.onFailed(error, this.#cached?.snapshot.record);
      throw error;
    } finally {
      if (this.#keeping) this.#arm();
    }
  }

  async #renewAndSave(snapshot: CredentialSnapshot): Promise<TokenSet> {
    for (;;) {
      let fresh: TokenSet;
      try {
        fresh = await this.#options.renew(snapshot, this.#killing.signal);
      } catch (error) {
        if (error instanceof Error && this.#options.isFinal(error)) {
          this.#refusal = { error, at: this.#options.clock.now(), version: snapshot.version };
        }
        throw error;
      }
      const { generation = 0, tokens: before } = snapshot.record ?? {};
      const saved = await this.#save({ tokens: fresh, generation, replaces: before?.accessToken });
      if (saved !== undefined) return saved;
      // Authorized anew meanwhile: what was minted under the authorization before is not to be used.
      snapshot = await this.#readAnew();
    }
  }

  /**
   * Stores tokens before anybody is given them. What cannot be stored is kept, and stored before anything else is done.
   *
   * @returns undefined when there is another authorization now, without tokens yet
   * @throws what {@link CredentialOptions.refuse} says when it was revoked meanwhile
   */
  async #save(unsaved: UnsavedTokens): Promise<TokenSet | undefined> {
    const { onRenewed, onUnsaved, refuse } = this.#options;
    const { tokens, generation, replaces } = unsaved;
    this.#unsaved = unsaved;
    let written = false;
    let record: CredentialRecord | undefined;
    try {
      ({ record } = await this.update((before) => {
        written =
          before !== undefined &&
          before.generation === generation &&
          (before.tokens === undefined ||
            before.tokens.accessToken === replaces ||
            before.tokens.obtainedAt <= tokens.obtainedAt);
        return written && before !== undefined ? { ...before, state: 'authorized', tokens } : undefined;
      }));
    } catch (error) {
      onUnsaved(error);
      this.#saveLater();
      throw error;
    }
    this.#unsaved = undefined;
    if (written && record !== undefined) {
      onRenewed(record);
      return tokens;
    }
    const refused = refuse(record);
    if (refused === undefined) return record?.tokens;
    onUnsaved(refused);
    throw refused;
  }

  #saveLater(): void {
    const { clock, random } = this.#options;
    this.#saveTimer?.cancel();
    this.#saveTimer = clock.setTimer(
      () => {
        if (this.#unsaved === undefined || this.#closing.signal.aborted) return;
        this.#renewInBackground(undefined);
      },
      1000 + random() * 1000 * 2 ** Math.min(5, this.#failures),
    );
  }

  #endBackoff(): void {
    this.#failures = 0;
    this.#quiet = { since: 0, ms: 0 };
  }

  #disarm(): void {
    for (const alarm of this.#alarms) alarm.cancel();
    this.#alarms = [];
  }

  #arm(): void {
    this.#disarm();
    const { clock, onExpiring, refuse } = this.#options;
    const record = this.#cached?.snapshot.record;
    if (record === undefined || refuse(record) !== undefined || this.#closing.signal.aborted) return;
    const { tokens } = record;
    const due =
      tokens === undefined || record.state === 'authorizing' ? clock.now() : this.#validity.softExpiry(tokens);
    const renew = (): void => this.#renewInBackground(tokens?.accessToken);
    const { since, ms } = this.#quiet;
    const quietMs = isWithin(clock.now(), since, ms) ? since + ms - clock.now() : 0;
    // A backoff is a length of time, whatever time of day the clock is set to meanwhile.
    const isBackoff = due < clock.now() + quietMs;
    this.#alarms.push(isBackoff ? clock.setTimer(renew, quietMs) : setAlarm(clock, due, renew));
    if (tokens?.refreshTokenExpiresAt !== undefined) {
      const warnAt = tokens.refreshTokenExpiresAt - WARN_BEFORE_MS;
      if (warnAt > clock.now()) this.#alarms.push(setAlarm(clock, warnAt, () => onExpiring(tokens)));
    }
  }
}
