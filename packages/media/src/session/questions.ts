// Questions to the caller (collectDigits, menu, confirm, listen): built from what the user wrote, and asked so that the
// answer may come in a later RPC. One question may be open at a time.
import { MediaError } from '../errors/media-errors.ts';
import { resolveExpectation } from '../turn/expectation.ts';
import {
  type DigitsResult,
  type Gather,
  type GatherBase,
  gatherAnything,
  gatherDigits,
  gatherMenu,
  type ListenResult,
  type MenuResult,
} from '../turn/gather.ts';
import type { InputExpectation, InputMode } from '../wire/response.ts';
import type { CallState } from './call-state.ts';
import type {
  CollectDigitsOptions,
  ConfirmOptions,
  ConfirmResult,
  ListenOptions,
  MenuOptions,
  QuestionOptions,
} from './session.ts';

const DEFAULT_RETRIES = 1;
const MAX_DIGITS = 99;

interface Collecting {
  readonly mode: InputMode;
  readonly length: number;
  readonly terminator?: InputExpectation['dtmf']['terminator'] | null;
  readonly interDigitMs?: number | undefined;
}

function baseOf(call: CallState, options: QuestionOptions, how: Collecting): GatherBase {
  if (!Number.isInteger(how.length) || how.length < 1 || how.length > MAX_DIGITS) {
    throw new MediaError({
      code: 'OPTIONS_INVALID',
      message: `A question takes 1 to ${MAX_DIGITS} digits; ${how.length} was given.`,
    });
  }
  const { base } = call;
  const expectation = resolveExpectation(base, {
    mode: how.mode,
    dtmf: {
      length: how.length,
      interDigitMs: how.interDigitMs ?? base.dtmf.interDigitMs,
      ...(how.terminator === undefined ? {} : { terminator: how.terminator }),
    },
    noInputMs: options.noInputMs ?? base.noInputMs,
    sensitive: options.sensitive ?? false,
  });
  return {
    expectation,
    prompt: options.prompt,
    bargeIn: options.bargeIn ?? call.env.bargeIn,
    retries: options.retries ?? DEFAULT_RETRIES,
    noInputPrompt: options.noInputPrompt,
    invalidPrompt: undefined,
  };
}

/** A question for digits. */
export function digitsQuestion(call: CallState, options: CollectDigitsOptions): Gather<DigitsResult> {
  const base = baseOf(call, options, {
    mode: 'dtmf',
    length: options.max,
    terminator: options.terminator === undefined ? '#' : options.terminator,
    interDigitMs: options.interDigitMs,
  });
  return gatherDigits({
    ...base,
    invalidPrompt: options.invalidPrompt,
    min: options.min ?? 1,
    max: options.max,
    validate: options.validate,
  });
}

/** A question with several answers. */
export function menuQuestion<const Choices extends Readonly<Record<string, string>>>(
  call: CallState,
  options: MenuOptions<Choices>,
): Gather<MenuResult<Choices[keyof Choices]>> {
  type Choice = Choices[keyof Choices];
  const choices = new Map<string, Choice>(Object.entries(options.choices) as [string, Choice][]);
  const length = Math.max(0, ...[...choices.keys()].map((keys) => keys.length));
  const { recognize } = options;
  const base = baseOf(call, options, {
    mode: recognize === undefined ? 'dtmf' : 'voice_dtmf',
    length,
    terminator: null,
  });
  return gatherMenu<Choice>({
    ...base,
    choices,
    invalidPrompt: options.invalidPrompt,
    recognize: recognize === undefined ? undefined : (utterance, signal) => recognize(utterance, { signal }),
  });
}

/** A question for yes or no. */
export function confirmQuestion(call: CallState, options: ConfirmOptions): Gather<ConfirmResult> {
  const { recognize } = options;
  const base = baseOf(call, options, {
    mode: recognize === undefined ? 'dtmf' : 'voice_dtmf',
    length: 1,
    terminator: null,
  });
  const menu = gatherMenu<boolean>({
    ...base,
    choices: new Map([
      [options.yes ?? '1', true],
      [options.no ?? '2', false],
    ]),
    invalidPrompt: options.invalidPrompt,
    recognize: recognize === undefined ? undefined : (utterance, signal) => recognize(utterance, { signal }),
  });
  return {
    ...menu,
    async consider(input, signal) {
      const outcome = await menu.consider(input, signal);
      if (outcome.type !== 'answer') return outcome;
      const { value } = outcome;
      if (value.status !== 'ok') return { type: 'answer', value };
      return { type: 'answer', value: { status: 'ok', confirmed: value.choice, by: value.by } };
    },
  };
}

/** An open ear. */
export function listenQuestion(call: CallState, options: ListenOptions): Gather<ListenResult> {
  return gatherAnything(
    baseOf(call, options, { mode: 'voice_dtmf', length: options.dtmfLength ?? call.base.dtmf.length }),
  );
}
