// The options of a server: documented here, checked and completed once.
import { z } from 'zod';
import { checkOptions } from '../checks/check-options.ts';
import { safely } from '../checks/safely.ts';
import { functionValue, listOf, ms, valueThat } from '../checks/schemas.ts';
import type { VerifyOptions } from '../guard/verify-options.ts';
import { type PlaySource, prompt } from '../prompt/prompt.ts';
import type { FallbackAction, Interruption } from '../session/call-environment.ts';
import { playSource } from '../session/check-session-options.ts';
import { type Clock, systemClock } from '../session/clock.ts';
import { guardedLogger, type Logger, silentLogger } from '../session/logger.ts';
import type { StateVersions } from '../session/persistence.ts';
import { createEnergyDetector, type EnergyDetectorOptions } from '../speech/energy-detector.ts';
import type { SpeechDetectorFactory } from '../speech/speech-detector.ts';
import type { Utterance } from '../speech/utterance.ts';
import type { SessionStore } from '../store/session-store.ts';
import { expectSchema } from '../turn/check-expectation.ts';
import { DEFAULT_EXPECTATION, type ExpectOptions, resolveExpectation } from '../turn/expectation.ts';
import type { AudioMode } from '../turn/reply-writer.ts';
import type { FramePath } from '../wire/port.ts';
import type { InputExpectation } from '../wire/response.ts';
import type { Agent, AgentsFunction } from './agents.ts';
import { type MediaServerLimits, type ResolvedLimits, resolveLimits } from './limits.ts';
import { limitsSchema } from './limits-schema.ts';

/** When the caller's speech over a prompt is an interruption. */
export interface InterruptionOptions {
  /**
   * Speech over a prompt must last so long before the prompt stops, in ms, at most 5000. Shorter sounds are not heard at
   * all, not even as an answer. Default 0: as soon as the detector finds speech.
   */
  readonly minSpeechMs?: number;
  /**
   * After speech over a prompt that lasted at most so long, in ms, the prompt goes on from where it stopped, at most 5000.
   * Until that is known, at most 1.5 s longer than this, nothing behind the prompt is stopped: its source keeps its signal.
   * Default 0: a prompt that stopped never goes on.
   */
  readonly falseStartMs?: number;
  /**
   * Decides whether such short speech was nothing, for a short "yes" is an answer. Without it, it was.
   *
   * @param utterance - what was heard
   * @param context - its `signal` is aborted when the answer is not wanted any more
   */
  readonly isFalseStart?: (
    utterance: Utterance,
    context: { readonly signal: AbortSignal },
  ) => boolean | Promise<boolean>;
}

/** What a {@link MediaServer} is made from. Only `agents` is needed. */
export interface MediaServerOptions<State = unknown> {
  /**
   * The agents that flows can choose: a list, or a function of the customer organization, whose answers are kept for a
   * minute. Exactly one is the default: the one marked so, else the first.
   */
  readonly agents: readonly Agent[] | AgentsFunction;
  /**
   * What the token of every call is verified against: `{ datasourceUrl }`, exactly as it is registered. Without it `listen`
   * throws; `{ enforce: false }` is for development.
   */
  readonly verify?: VerifyOptions | undefined;
  /** Makes the `session.state` of a call. Default: `undefined`. */
  readonly state?: () => State;
  /**
   * Where calls are kept that several replicas serve, for example a `RedisSessionStore`: `session.state` must then be JSON.
   * Loaded before a turn is handled, stored before its reply is complete. Default: none, calls live in this process.
   */
  readonly store?: SessionStore | undefined;
  /**
   * Brings two versions of a state together when two replicas have changed it at the same time. Default: member by member;
   * where both changed the same one, that of the replica that stores last, with a warning.
   */
  readonly mergeState?: ((versions: StateVersions<State>) => State) | undefined;
  /**
   * How audio goes to the caller, for whole calls: `'wav'`, one WAV file a prompt when the reply is complete, or
   * `'chunk'`, raw audio as it is made. Default `'chunk'`.
   */
  readonly audioMode?: AudioMode;
  /** Whether prompts may be interrupted where nobody says otherwise. Default `true`. */
  readonly bargeIn?: boolean;
  /** How the next input is taken where nobody says otherwise. */
  readonly input?: ExpectOptions;
  /**
   * Who finds where speech begins and ends: the built-in energy detector with these options, a detector of your own, or
   * `'manual'` when the agent says so itself with `turn.startOfInput()`. Default: the built-in one.
   */
  readonly speech?: EnergyDetectorOptions | SpeechDetectorFactory | 'manual';
  /** Audio before the start of speech that belongs to the utterance, in ms. Default 300. */
  readonly preRollMs?: number;
  /** From sending a sample to the caller hearing it, in ms: what the playback clock adds. Default 200. */
  readonly pathDelayMs?: number;
  /** When the caller's speech over a prompt is an interruption. Keys always are. */
  readonly interruption?: InterruptionOptions;
  /** How long a reply is kept open for more after a prompt that its handler awaits, in ms. Default 20. */
  readonly finalHoldMs?: number;
  /** What becomes of the call when a handler throws or takes too long. Default `'transfer'`. */
  readonly onError?: FallbackAction;
  /** What becomes of it when twice in a row nobody handles what the caller did. Default `'transfer'`. */
  readonly onUnhandled?: FallbackAction;
  /** What the caller hears before `onError` and `onUnhandled`. Default: a short low tone, which is no language's. */
  readonly errorPrompt?: PlaySource;
  /**
   * What reads and answers the frames of calls. `'streams'`: the server's own gRPC on the streams of Node's HTTP/2. `'tap'`: the
   * same with frames taken off the connection before Node's HTTP/2, which saves CPU and relies on internals of Node.
   * `'connect'`: the Connect library, at several times the CPU, to compare with. Callers see no difference. Default `'streams'`.
   */
  readonly framePath?: FramePath;
  /**
   * How long `framePath: 'tap'` waits before it reads a busy connection again, in ms, 0 to 10. A connection is busy with some
   * thirty calls or more; one read of many frames costs less than many reads. Default 4; 0 reads every frame as it comes. The
   * frame with which an utterance may end does not wait. The other paths read every frame as it comes.
   */
  readonly readIntervalMs?: number;
  readonly limits?: MediaServerLimits;
  /** The name in `/health` and `/v1/ping`. Default `'byova-media'`. */
  readonly serviceName?: string;
  /** Default: silent. pino fits. */
  readonly logger?: Logger;
  /** Time; for tests. Default: the process's. */
  readonly clock?: Clock;
}

/** The options, complete. */
export interface ResolvedOptions<State> {
  readonly agents: readonly Agent[] | AgentsFunction;
  readonly verify: VerifyOptions | undefined;
  readonly state: () => State;
  readonly store: SessionStore | undefined;
  readonly mergeState: ((versions: StateVersions<State>) => State) | undefined;
  readonly development: boolean;
  readonly audioMode: AudioMode;
  readonly bargeIn: boolean;
  readonly input: InputExpectation;
  readonly detector: SpeechDetectorFactory | 'manual';
  readonly preRollMs: number;
  readonly pathDelayMs: number;
  readonly interruption: Interruption;
  readonly finalHoldMs: number;
  readonly onError: FallbackAction;
  readonly onUnhandled: FallbackAction;
  readonly errorPrompt: PlaySource;
  readonly framePath: FramePath;
  readonly readIntervalMs: number;
  readonly limits: ResolvedLimits;
  readonly serviceName: string;
  readonly logger: Logger;
  readonly clock: Clock;
}

const fallback = z.enum(['transfer', 'end', 'continue']);

/** An object of which these members can be called. */
function objectWith(...methods: readonly string[]): z.ZodType {
  const is = (value: unknown): boolean =>
    typeof value === 'object' &&
    value !== null &&
    methods.every((method) => typeof (value as Record<string, unknown>)[method] === 'function');
  return valueThat((value) => safely(() => is(value)), `an object with the methods ${methods.join(', ')}`);
}

/** Of one server: each is compared with the URL in every token. */
const MAX_DATA_SOURCE_URLS = 10_000;

/** What a misspelt or impossible option is found by. Agents and the detector's options are checked where they are used. */
const optionsSchema = z.strictObject({
  agents: z.unknown(),
  verify: z
    .looseObject({
      datasourceUrl: z.union([z.string(), listOf(z.string(), MAX_DATA_SOURCE_URLS, 'URLs')]).optional(),
      schemaId: z.string().optional(),
      enforce: z.boolean().optional(),
    })
    .optional(),
  state: functionValue.optional(),
  store: objectWith('load', 'save', 'delete').optional(),
  mergeState: functionValue.optional(),
  audioMode: z.enum(['wav', 'chunk']).optional(),
  bargeIn: z.boolean().optional(),
  input: expectSchema.optional(),
  speech: z.unknown().optional(),
  preRollMs: ms.optional(),
  pathDelayMs: ms.optional(),
  interruption: z
    .strictObject({
      minSpeechMs: ms.max(5000).optional(),
      falseStartMs: ms.max(5000).optional(),
      isFalseStart: functionValue.optional(),
    })
    .optional(),
  finalHoldMs: ms.optional(),
  onError: fallback.optional(),
  onUnhandled: fallback.optional(),
  errorPrompt: playSource.optional(),
  framePath: z.enum(['streams', 'tap', 'connect']).optional(),
  readIntervalMs: z.int().min(0).max(10).optional(),
  limits: limitsSchema.optional(),
  serviceName: z.string().min(1).optional(),
  logger: objectWith('debug', 'info', 'warn', 'error').optional(),
  clock: objectWith('now', 'setTimer').optional(),
});

function detectorOf(speech: MediaServerOptions['speech']): SpeechDetectorFactory | 'manual' {
  if (speech === 'manual' || typeof speech === 'function') return speech;
  return createEnergyDetector(speech);
}

/** Checks and completes the options. */
export function resolveOptions<State>(given: MediaServerOptions<State>): ResolvedOptions<State> {
  const options = checkOptions<MediaServerOptions<State>>(optionsSchema, 'MediaServer', given);
  return Object.freeze({
    agents: options.agents,
    // As it was given: a copy would lose members that are keyed by symbols.
    verify: given.verify,
    // Without the option, State is not inferred to anything that a handler could rely on.
    state: options.state ?? (() => undefined as State),
    store: options.store,
    mergeState: options.mergeState,
    development: process.env['NODE_ENV'] !== 'production',
    audioMode: options.audioMode ?? 'chunk',
    bargeIn: options.bargeIn ?? true,
    input: resolveExpectation(DEFAULT_EXPECTATION, options.input),
    detector: detectorOf(options.speech),
    preRollMs: options.preRollMs ?? 300,
    pathDelayMs: options.pathDelayMs ?? 200,
    interruption: Object.freeze({
      minSpeechMs: options.interruption?.minSpeechMs ?? 0,
      falseStartMs: options.interruption?.falseStartMs ?? 0,
      isFalseStart: options.interruption?.isFalseStart,
    }),
    finalHoldMs: options.finalHoldMs ?? 20,
    onError: options.onError ?? 'transfer',
    onUnhandled: options.onUnhandled ?? 'transfer',
    errorPrompt: options.errorPrompt ?? prompt.tone({ frequencyHz: 330, durationMs: 400 }),
    framePath: options.framePath ?? 'streams',
    readIntervalMs: options.readIntervalMs ?? 4,
    limits: resolveLimits(options.limits),
    serviceName: options.serviceName ?? 'byova-media',
    logger: guardedLogger(options.logger ?? silentLogger),
    clock: options.clock ?? systemClock,
  });
}
