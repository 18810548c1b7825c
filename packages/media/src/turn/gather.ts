// Collecting input as pure rules: what a digit string, an utterance or a silence means to a question that is open, and
// whether it is asked again. Retries count the times that the question is put again.
import type { PlaySource } from '../prompt/prompt.ts';
import type { Utterance } from '../speech/utterance.ts';
import type { InputExpectation } from '../wire/response.ts';
import type { DtmfInput } from './dtmf.ts';

/** What the caller did. */
export type CallerInput =
  | { readonly kind: 'dtmf'; readonly dtmf: DtmfInput }
  | { readonly kind: 'speech'; readonly utterance: Utterance }
  | { readonly kind: 'no_input' };

/** What an open question makes of an input: it is answered, it is put again, or the input is not for it. */
export type GatherOutcome<T> =
  | { readonly type: 'answer'; readonly value: T }
  | { readonly type: 'again'; readonly prompt: PlaySource | undefined }
  | { readonly type: 'pass' };

/** A question that is open. */
export interface Gather<T> {
  readonly expectation: InputExpectation;
  readonly prompt: PlaySource | undefined;
  readonly bargeIn: boolean;
  consider(input: CallerInput, signal: AbortSignal): GatherOutcome<T> | Promise<GatherOutcome<T>>;
}

/** What every question has. */
export interface GatherBase {
  readonly expectation: InputExpectation;
  readonly prompt: PlaySource | undefined;
  readonly bargeIn: boolean;
  readonly retries: number;
  readonly noInputPrompt: PlaySource | undefined;
  readonly invalidPrompt: PlaySource | undefined;
}

const PASS: GatherOutcome<never> = Object.freeze({ type: 'pass' });

interface Attempts {
  /** Puts the question again, or gives up with `value`. */
  miss<T>(prompt: PlaySource | undefined, value: T): GatherOutcome<T>;
}

function countAttempts(base: GatherBase): Attempts {
  let left = base.retries;
  return {
    miss(prompt, value) {
      if (left <= 0) return { type: 'answer', value };
      left -= 1;
      return { type: 'again', prompt: prompt ?? base.prompt };
    },
  };
}

function answer<T>(value: T): GatherOutcome<T> {
  return { type: 'answer', value };
}

/** How digits were given. */
export type DigitsResult =
  | { readonly status: 'ok'; readonly digits: string }
  | { readonly status: 'no_input' }
  | { readonly status: 'invalid'; readonly digits: string };

/** What counts as an answer of digits. */
export interface DigitsRules extends GatherBase {
  readonly min: number;
  readonly max: number;
  readonly validate: ((digits: string) => boolean | Promise<boolean>) | undefined;
}

/** Asks for a string of digits. Fewer than `max` after the inter-digit pause are an answer too, from `min` on. */
export function gatherDigits(rules: DigitsRules): Gather<DigitsResult> {
  const attempts = countAttempts(rules);
  return {
    ...rules,
    async consider(input) {
      if (input.kind === 'speech') return PASS;
      if (input.kind === 'no_input' || input.dtmf.raw.length === 0) {
        return attempts.miss<DigitsResult>(rules.noInputPrompt, { status: 'no_input' });
      }
      const { digits } = input.dtmf;
      const fits = digits.length >= rules.min && digits.length <= rules.max;
      if (fits && (await (rules.validate?.(digits) ?? true))) return answer<DigitsResult>({ status: 'ok', digits });
      return attempts.miss<DigitsResult>(rules.invalidPrompt, { status: 'invalid', digits });
    },
  };
}

/** How a menu was answered. */
export type MenuResult<Choice> =
  | { readonly status: 'ok'; readonly choice: Choice; readonly by: 'dtmf' | 'speech' }
  | { readonly status: 'no_input' }
  | { readonly status: 'invalid' };

/** What counts as an answer of a menu. */
export interface MenuRules<Choice> extends GatherBase {
  readonly choices: ReadonlyMap<string, Choice>;
  readonly recognize: ((utterance: Utterance, signal: AbortSignal) => RecognizedChoice<Choice>) | undefined;
}

/** What a recognizer makes of an utterance: a choice, or `undefined` when it understood none. */
export type RecognizedChoice<Choice> = Choice | undefined | Promise<Choice | undefined>;

/** Asks for one of several choices, by key or by speech. */
export function gatherMenu<Choice>(rules: MenuRules<Choice>): Gather<MenuResult<Choice>> {
  const attempts = countAttempts(rules);
  const missed = (): GatherOutcome<MenuResult<Choice>> => attempts.miss(rules.invalidPrompt, { status: 'invalid' });
  return {
    ...rules,
    async consider(input, signal) {
      if (input.kind === 'speech') {
        if (rules.recognize === undefined) return PASS;
        const choice = await rules.recognize(input.utterance, signal);
        return choice === undefined ? missed() : answer({ status: 'ok', choice, by: 'speech' });
      }
      if (input.kind === 'no_input' || input.dtmf.raw.length === 0) {
        return attempts.miss(rules.noInputPrompt, { status: 'no_input' });
      }
      // A choice may stand on the key that also terminates: then every key counts.
      const { digits, raw } = input.dtmf;
      const choice = rules.choices.get(digits) ?? rules.choices.get(raw.join(''));
      return choice === undefined ? missed() : answer({ status: 'ok', choice, by: 'dtmf' });
    },
  };
}

/** How the caller answered an open question. */
export type ListenResult =
  | { readonly status: 'speech'; readonly utterance: Utterance }
  | { readonly status: 'dtmf'; readonly digits: string }
  | { readonly status: 'no_input' };

/** Listens for whatever the caller says; keys are an answer too. */
export function gatherAnything(base: GatherBase): Gather<ListenResult> {
  const attempts = countAttempts(base);
  return {
    ...base,
    consider(input) {
      switch (input.kind) {
        case 'speech':
          return answer<ListenResult>({ status: 'speech', utterance: input.utterance });
        case 'dtmf':
          if (input.dtmf.raw.length > 0) return answer<ListenResult>({ status: 'dtmf', digits: input.dtmf.digits });
          return attempts.miss<ListenResult>(base.noInputPrompt, { status: 'no_input' });
        case 'no_input':
          return attempts.miss<ListenResult>(base.noInputPrompt, { status: 'no_input' });
      }
    },
  };
}
