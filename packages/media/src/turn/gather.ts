// Collecting input as pure rules: what a digit string, an utterance or a silence means to a question that is open, and
// whether it is asked again. Retries count the times that the question is put again.
import { kindOf } from '../checks/kind-of.ts';
import { safely } from '../checks/safely.ts';
import { MediaError } from '../errors/media-errors.ts';
import { isPlaySource, SOURCE_HINT } from '../prompt/play-source.ts';
import type { PlaySource } from '../prompt/prompt.ts';
import type { Utterance } from '../speech/utterance.ts';
import type { InputExpectation } from '../wire/response.ts';
import type { DtmfInput } from './dtmf.ts';
import type { PlayResult } from './play-result.ts';

/** What the caller did. */
export type CallerInput =
  | { readonly kind: 'dtmf'; readonly dtmf: DtmfInput }
  | { readonly kind: 'speech'; readonly speech: { readonly utterance: Utterance; release(): void } }
  | { readonly kind: 'no_input' };

/** What an open question makes of an input: it is answered, it is put again, or the input is not for it. */
export type GatherOutcome<T> =
  | { readonly type: 'answer'; readonly value: T }
  | { readonly type: 'again'; readonly prompt: PlaySource | undefined }
  | { readonly type: 'pass' };

/** With what an input is considered. */
export interface GatherContext {
  /** Aborted when the answer is not wanted any more. */
  readonly signal: AbortSignal;
  /** The time for the whole question is used up: it is not put again. */
  readonly last: boolean;
}

/** A question that is open. */
export interface Gather<T> {
  readonly expectation: InputExpectation;
  readonly prompt: PlaySource | undefined;
  readonly bargeIn: boolean;
  /** How long the caller is waited for in all, in ms; `undefined` for no limit. */
  readonly timeoutMs: number | undefined;
  consider(input: CallerInput, context: GatherContext): GatherOutcome<T> | Promise<GatherOutcome<T>>;
  /** Told how its prompt went; `undefined` when it is about to be put again. */
  onPlayed?(result: PlayResult | undefined): void;
  /** What it gives when the time is used up and nothing came. */
  giveUp(): T;
}

/** Why a question is put again, as `reprompt` is told. */
export interface QuestionMiss {
  /** The caller did nothing, or what came was not acceptable. */
  readonly status: 'no_input' | 'invalid';
  /** How often this has happened to the question: 1 for the first time. */
  readonly count: number;
  /** How often the question has been put. */
  readonly attempts: number;
}

/** How often a question is put again, counted apart for silence and for answers that were not acceptable. */
export interface QuestionRetries {
  /** Default 1. */
  readonly noInput?: number;
  /** Default 1. */
  readonly invalid?: number;
}

/** What every question has. */
export interface GatherBase {
  readonly expectation: InputExpectation;
  readonly prompt: PlaySource | undefined;
  readonly bargeIn: boolean;
  readonly timeoutMs: number | undefined;
  /** In all, or by cause. */
  readonly retries: number | Required<QuestionRetries>;
  readonly noInputPrompt: PlaySource | undefined;
  readonly invalidPrompt: PlaySource | undefined;
  readonly reprompt: ((miss: QuestionMiss) => PlaySource | undefined) | undefined;
}

const PASS: GatherOutcome<never> = Object.freeze({ type: 'pass' });

class Attempts {
  readonly #base: GatherBase;
  readonly #misses = { no_input: 0, invalid: 0 };
  /** How often the question has been put. */
  count = 1;

  constructor(base: GatherBase) {
    this.#base = base;
  }

  #exhausted(status: QuestionMiss['status']): boolean {
    const { retries } = this.#base;
    if (typeof retries === 'number') return this.count > retries;
    return this.#misses[status] > (status === 'no_input' ? retries.noInput : retries.invalid);
  }

  /** Puts the question again, or gives up with what `value` makes. */
  miss<T>(status: QuestionMiss['status'], { last }: GatherContext, value: () => T): GatherOutcome<T> {
    const base = this.#base;
    this.#misses[status] += 1;
    if (last || this.#exhausted(status)) return { type: 'answer', value: value() };
    const own = repromptOf(base, { status, count: this.#misses[status], attempts: this.count });
    this.count += 1;
    const fixed = status === 'no_input' ? base.noInputPrompt : base.invalidPrompt;
    return { type: 'again', prompt: own ?? fixed ?? base.prompt };
  }
}

/** What the program's own function puts the question again with. */
function repromptOf({ reprompt }: GatherBase, miss: QuestionMiss): PlaySource | undefined {
  const source: unknown = reprompt?.(miss) ?? undefined;
  if (source === undefined || safely(() => isPlaySource(source))) return source as PlaySource | undefined;
  throw new MediaError({
    code: 'RESULT_INVALID',
    message: `'reprompt' gave ${kindOf(source).name}; it must give ${SOURCE_HINT}, or undefined.`,
  });
}

/** The digits that the program's recognizer understood; none where it gave nothing. */
function recognizedDigits(given: unknown): string {
  if (given === undefined || given === null) return '';
  if (typeof given === 'string') return given;
  throw new MediaError({
    code: 'RESULT_INVALID',
    message: `'recognize' of collectDigits gave ${kindOf(given).name}; it must give a string of digits, or undefined.`,
  });
}

function answer<T>(value: T): GatherOutcome<T> {
  return { type: 'answer', value };
}

/** What every answer tells. */
export interface QuestionResult {
  /** How often the question was put, 1 when the first answer did. */
  readonly attempts: number;
}

/** How digits were given. */
export type DigitsResult = QuestionResult &
  (
    | { readonly status: 'ok'; readonly digits: string; readonly by: 'dtmf' | 'speech' }
    | { readonly status: 'no_input' }
    | { readonly status: 'invalid'; readonly digits: string }
  );

/** What an utterance is understood as; `undefined` when it was not understood. */
export type Recognized<T> = T | undefined | Promise<T | undefined>;

/** What counts as an answer of digits. */
export interface DigitsRules extends GatherBase {
  readonly min: number;
  readonly max: number;
  readonly includeTerminator: boolean;
  readonly validate: ((digits: string, signal: AbortSignal) => boolean | Promise<boolean>) | undefined;
  readonly recognize: ((utterance: Utterance, signal: AbortSignal) => Recognized<string>) | undefined;
}

/**
 * Asks for a string of digits. Fewer than `max` after the inter-digit pause are an answer too, from `min` on; more are
 * none, and are never cut to size.
 */
export function gatherDigits(rules: DigitsRules): Gather<DigitsResult> {
  const attempts = new Attempts(rules);
  const silent = (): DigitsResult => ({ status: 'no_input', attempts: attempts.count });
  const judge = async (
    digits: string,
    terminator: string,
    by: 'dtmf' | 'speech',
    context: GatherContext,
  ): Promise<GatherOutcome<DigitsResult>> => {
    const given = rules.includeTerminator ? digits + terminator : digits;
    const fits = digits.length >= rules.min && digits.length <= rules.max;
    if (fits && (rules.validate === undefined || (await rules.validate(given, context.signal)))) {
      return answer<DigitsResult>({ status: 'ok', digits: given, by, attempts: attempts.count });
    }
    return attempts.miss<DigitsResult>('invalid', context, () => ({
      status: 'invalid',
      digits: given,
      attempts: attempts.count,
    }));
  };
  return {
    ...rules,
    giveUp: silent,
    async consider(input, context) {
      if (input.kind === 'no_input') return attempts.miss('no_input', context, silent);
      if (input.kind === 'speech') {
        if (rules.recognize === undefined) return PASS;
        const digits = recognizedDigits(await rules.recognize(input.speech.utterance, context.signal));
        return judge(digits, '', 'speech', context);
      }
      const { digits, terminator, raw } = input.dtmf;
      // The terminating key alone ends an empty input, which is an answer only where none is asked for.
      const empty = raw.length === 0 || (digits.length === 0 && rules.min > 0);
      if (empty) return attempts.miss('no_input', context, silent);
      return judge(digits, terminator ?? '', 'dtmf', context);
    },
  };
}

/** How a menu was answered. */
export type MenuResult<Choice> = QuestionResult &
  (
    | {
        readonly status: 'ok';
        readonly choice: Choice;
        readonly by: 'dtmf' | 'speech';
        /** What else the recognizer thought possible, the likeliest first. Empty after a key. */
        readonly alternatives: readonly Choice[];
      }
    | { readonly status: 'no_input' }
    | { readonly status: 'invalid' }
  );

/** What counts as an answer of a menu. */
export interface MenuRules<Choice> extends GatherBase {
  readonly choices: ReadonlyMap<string, Choice>;
  readonly recognize: ((utterance: Utterance, signal: AbortSignal) => RecognizedChoice<Choice>) | undefined;
}

/** What a recognizer makes of an utterance: a choice, several with the likeliest first, or `undefined` for none. */
export type RecognizedChoice<Choice> = Recognized<Choice | readonly Choice[]>;

/** Asks for one of several choices, by key or by speech. */
export function gatherMenu<Choice extends string | boolean>(rules: MenuRules<Choice>): Gather<MenuResult<Choice>> {
  const attempts = new Attempts(rules);
  const known = new Set(rules.choices.values());
  const silent = (): MenuResult<Choice> => ({ status: 'no_input', attempts: attempts.count });
  const found = (choices: readonly Choice[], by: 'dtmf' | 'speech', context: GatherContext) => {
    const [choice, ...alternatives] = choices;
    if (choice === undefined) {
      return attempts.miss<MenuResult<Choice>>('invalid', context, () => ({
        status: 'invalid',
        attempts: attempts.count,
      }));
    }
    return answer<MenuResult<Choice>>({ status: 'ok', choice, by, alternatives, attempts: attempts.count });
  };
  return {
    ...rules,
    giveUp: silent,
    async consider(input, context) {
      if (input.kind === 'no_input') return attempts.miss('no_input', context, silent);
      if (input.kind === 'speech') {
        if (rules.recognize === undefined) return PASS;
        const recognized = await rules.recognize(input.speech.utterance, context.signal);
        // A recognizer behind a model may give what is no choice at all, whatever its type says.
        const candidates = [recognized ?? []].flat() as Choice[];
        return found([...new Set(candidates.filter((candidate) => known.has(candidate)))], 'speech', context);
      }
      const { digits, raw } = input.dtmf;
      if (raw.length === 0) return attempts.miss('no_input', context, silent);
      const choice = choiceOf(rules.choices, digits, raw);
      return found(choice === undefined ? [] : [choice], 'dtmf', context);
    },
  };
}

/** What keys stand for. A choice may stand on the key that also terminates: then every key counts. */
function choiceOf<Choice>(
  choices: ReadonlyMap<string, Choice>,
  digits: string,
  raw: readonly string[],
): Choice | undefined {
  return choices.get(digits) ?? choices.get(raw.join(''));
}

/** What every answer to an open question tells. */
export interface ListenedResult extends QuestionResult {
  /**
   * How its prompt went the last time that it was put: after an answer over it, how much of it was heard, and which text.
   * Undefined where there was none, and where it still played.
   */
  readonly played: PlayResult | undefined;
}

/**
 * How the caller answered an open question. With `escape`, also which way out was taken, and by which keys.
 */
export type ListenResult<Escape extends string = never> = ListenedResult &
  (
    | { readonly status: 'speech'; readonly utterance: Utterance }
    | { readonly status: 'dtmf'; readonly digits: string }
    | { readonly status: 'no_input' }
    | ([Escape] extends [never]
        ? never
        : { readonly status: 'escape'; readonly escape: Escape; readonly digits: string })
  );

/** What counts as an answer to an open question, and what as a way out of it. */
export interface ListenRules<Escape extends string> extends GatherBase {
  readonly escapes: ReadonlyMap<string, Escape>;
}

/** An answer to an open question, where a way out may be among them. */
type Heard<Escape extends string> =
  | ListenResult
  | (ListenedResult & { readonly status: 'escape'; readonly escape: Escape; readonly digits: string });

/** Listens for whatever the caller says; keys are an answer too, or a way out. */
export function gatherAnything<Escape extends string>(rules: ListenRules<Escape>): Gather<Heard<Escape>> {
  const attempts = new Attempts(rules);
  let played: PlayResult | undefined;
  const told = (): ListenedResult => ({ attempts: attempts.count, played });
  const silent = (): Heard<Escape> => ({ status: 'no_input', ...told() });
  return {
    ...rules,
    giveUp: silent,
    onPlayed(result) {
      played = result;
    },
    consider(input, context) {
      if (input.kind === 'speech') {
        return answer<Heard<Escape>>({ status: 'speech', utterance: input.speech.utterance, ...told() });
      }
      if (input.kind === 'no_input' || input.dtmf.raw.length === 0) return attempts.miss('no_input', context, silent);
      const { digits, raw } = input.dtmf;
      const way = choiceOf(rules.escapes, digits, raw);
      if (way === undefined) return answer<Heard<Escape>>({ status: 'dtmf', digits, ...told() });
      return answer<Heard<Escape>>({ status: 'escape', escape: way, digits: raw.join(''), ...told() });
    },
  };
}
