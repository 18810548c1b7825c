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
  AnswerContext,
  CollectDigitsOptions,
  ConfirmOptions,
  ConfirmResult,
  ListenOptions,
  MenuOptions,
  QuestionOptions,
} from './question-options.ts';

const DEFAULT_RETRIES = 1;

interface Collecting {
  readonly mode: InputMode;
  readonly length: number;
  readonly terminator?: InputExpectation['dtmf']['terminator'] | null;
}

function baseOf(call: CallState, options: QuestionOptions, how: Collecting): GatherBase {
  const { base } = call;
  const { retries = DEFAULT_RETRIES } = options;
  const expectation = resolveExpectation(base, {
    mode: how.mode,
    dtmf: {
      length: how.length,
      interDigitMs: options.interDigitMs ?? base.dtmf.interDigitMs,
      ...(how.terminator === undefined ? {} : { terminator: how.terminator }),
    },
    noInputMs: options.noInputMs ?? base.noInputMs,
    sensitive: options.sensitive ?? false,
  });
  return {
    expectation,
    prompt: options.prompt,
    bargeIn: options.bargeIn ?? call.env.bargeIn,
    timeoutMs: options.timeoutMs,
    retries:
      typeof retries === 'number'
        ? retries
        : { noInput: retries.noInput ?? DEFAULT_RETRIES, invalid: retries.invalid ?? DEFAULT_RETRIES },
    noInputPrompt: options.noInputPrompt,
    invalidPrompt: undefined,
    reprompt: options.reprompt,
  };
}

/** Lets a function of the user judge an answer. What it throws about a sensitive one may hold it, and is left out. */
function judging<Input, Result>(
  name: 'validate' | 'recognize',
  judge: ((input: Input, context: AnswerContext) => Result | Promise<Result>) | undefined,
  sensitive: boolean,
): ((input: Input, signal: AbortSignal) => Promise<Result>) | undefined {
  if (judge === undefined) return undefined;
  return async (input, signal) => {
    try {
      return await judge(input, { signal });
    } catch (error) {
      if (!sensitive || signal.aborted) throw error;
      const what = error instanceof Error ? error.name : typeof error;
      throw new MediaError({
        code: 'HANDLER_FAILED',
        message: `'${name}' of a sensitive question threw (${what}). What it says is left out: it may hold the answer.`,
      });
    }
  };
}

/** A question for digits. */
export function digitsQuestion(call: CallState, options: CollectDigitsOptions): Gather<DigitsResult> {
  const { sensitive = false } = options;
  const base = baseOf(call, options, {
    mode: options.recognize === undefined ? 'dtmf' : 'voice_dtmf',
    length: options.max,
    terminator: options.terminator === undefined ? '#' : options.terminator,
  });
  return gatherDigits({
    ...base,
    invalidPrompt: options.invalidPrompt,
    min: options.min ?? 1,
    max: options.max,
    includeTerminator: options.includeTerminator ?? false,
    validate: judging('validate', options.validate, sensitive),
    recognize: judging('recognize', options.recognize, sensitive),
  });
}

function longest(keys: Iterable<string>): number {
  return Math.max(...Array.from(keys, ({ length }) => length));
}

/** A question with several answers. */
export function menuQuestion<const Choices extends Readonly<Record<string, string>>>(
  call: CallState,
  options: MenuOptions<Choices>,
): Gather<MenuResult<Choices[keyof Choices]>> {
  type Choice = Choices[keyof Choices];
  const choices = new Map<string, Choice>(Object.entries(options.choices) as [string, Choice][]);
  const base = baseOf(call, options, {
    mode: options.recognize === undefined ? 'dtmf' : 'voice_dtmf',
    length: longest(choices.keys()),
    terminator: null,
  });
  return gatherMenu<Choice>({
    ...base,
    choices,
    invalidPrompt: options.invalidPrompt,
    recognize: judging('recognize', options.recognize, options.sensitive ?? false),
  });
}

/** A question for yes or no. */
export function confirmQuestion(call: CallState, options: ConfirmOptions): Gather<ConfirmResult> {
  const base = baseOf(call, options, {
    mode: options.recognize === undefined ? 'dtmf' : 'voice_dtmf',
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
    recognize: judging('recognize', options.recognize, options.sensitive ?? false),
  });
  const toConfirm = (value: MenuResult<boolean>): ConfirmResult => {
    if (value.status !== 'ok') return value;
    const { status, choice, by, attempts } = value;
    return { status, confirmed: choice, by, attempts };
  };
  return {
    ...menu,
    giveUp: () => toConfirm(menu.giveUp()),
    async consider(input, context) {
      const outcome = await menu.consider(input, context);
      return outcome.type === 'answer' ? { type: 'answer', value: toConfirm(outcome.value) } : outcome;
    },
  };
}

/** An open ear. */
export function listenQuestion<const Escapes extends Readonly<Record<string, string>>>(
  call: CallState,
  options: ListenOptions<Escapes>,
): Gather<ListenResult<Escapes[keyof Escapes]>> {
  type Escape = Escapes[keyof Escapes];
  const escapes = new Map<string, Escape>(Object.entries(options.escape ?? {}) as [string, Escape][]);
  const length = options.dtmfLength ?? (escapes.size > 0 ? longest(escapes.keys()) : call.base.dtmf.length);
  const rules = { ...baseOf(call, options, { mode: 'voice_dtmf', length }), escapes };
  // Without escapes there is none to be given, which the compiler cannot see through the conditional type.
  return gatherAnything<Escape>(rules) as Gather<ListenResult<Escape>>;
}
