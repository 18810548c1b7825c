// What a question to the caller can say: collectDigits, menu, confirm and listen.
import type { PlaySource } from '../prompt/prompt.ts';
import type { Utterance } from '../speech/utterance.ts';
import type { QuestionMiss, QuestionResult, QuestionRetries, Recognized, RecognizedChoice } from '../turn/gather.ts';
import type { DtmfDigit } from '../wire/request.ts';

/** With what an answer is checked or understood. */
export interface AnswerContext {
  /** Aborted when the caller hangs up or the turn takes longer than `limits.turnTimeoutMs`. */
  readonly signal: AbortSignal;
}

/** What every question can say. */
export interface QuestionOptions {
  /** Played before the caller answers. */
  readonly prompt?: PlaySource;
  /**
   * Whether the caller may answer over the prompt. Where not, the platform drops what is pressed or said before its end.
   * Default: the server's `bargeIn`.
   */
  readonly bargeIn?: boolean;
  /** Silence after the prompt, in ms, that counts as no answer; 0 is never. Default: the server's `input.noInputMs`. */
  readonly noInputMs?: number;
  /**
   * How long the caller is waited for in all, in ms: from the end of the prompt, over all attempts. A first key stops it
   * (what the caller has begun to press is taken, however long it lasts), and so does speech. When it is used up the
   * question is not put again. Default: no limit but that of the retries.
   */
  readonly timeoutMs?: number;
  /** The longest pause between two keys, in ms. Default: the server's `input.dtmf.interDigitMs`. */
  readonly interDigitMs?: number;
  /** How often the question is put again, at most: in all, or counted apart for silence and for wrong answers. Default 1. */
  readonly retries?: number | QuestionRetries;
  /** Played instead of `prompt` when the caller did not react. */
  readonly noInputPrompt?: PlaySource;
  /**
   * Makes the prompt of a further attempt from what went wrong and how often. What it gives goes before `noInputPrompt`
   * and `invalidPrompt`; `undefined` leaves it to them.
   */
  readonly reprompt?: (miss: QuestionMiss) => PlaySource | undefined;
  /**
   * True keeps the answer out of logs and recordings, here and at the platform, and out of the errors that `validate` and
   * `recognize` throw. Default `false`.
   */
  readonly sensitive?: boolean;
  /** Aborted when the answer is not wanted any more: the call rejects with its reason. */
  readonly signal?: AbortSignal;
}

/**
 * How digits are collected. The platform collects them; it is told with the prompt.
 *
 * @example
 * ```ts
 * import { type CollectDigitsOptions, MediaServer, prompt } from '@byova/media';
 *
 * const pin: CollectDigitsOptions = {
 *   prompt: prompt.tone({ frequencyHz: 440, durationMs: 300 }),
 *   min: 4,
 *   max: 4,
 *   retries: { noInput: 1, invalid: 2 },
 *   timeoutMs: 30_000,
 *   sensitive: true,
 *   validate: async (digits) => digits !== '0000',
 * };
 *
 * const server = new MediaServer({ agents: [{ id: 'bank', name: 'Bank' }] });
 * server.on('session_start', async ({ session }) => {
 *   const answer = await session.collectDigits(pin);
 *   if (answer.status !== 'ok') await session.transfer({ metadata: { why: answer.status, attempts: answer.attempts } });
 * });
 * ```
 */
export interface CollectDigitsOptions extends QuestionOptions {
  /** The most digits; with so many the input is complete. 1 to 99. */
  readonly max: number;
  /** The fewest digits that count as an answer; with 0, the terminating key alone is one. Default 1. */
  readonly min?: number;
  /** The key that ends the input early; `null` for none. Default `'#'`. */
  readonly terminator?: DtmfDigit | null;
  /** Whether the terminating key, when it was pressed and sent, stands at the end of `digits`. Default `false`. */
  readonly includeTerminator?: boolean;
  /**
   * Whether the digits are acceptable; false asks again. While it runs, what the caller does waits for the next question.
   *
   * @param digits - as the result will give them
   * @param context - its `signal` is aborted when the caller hangs up or the turn takes too long
   */
  readonly validate?: (digits: string, context: AnswerContext) => boolean | Promise<boolean>;
  /**
   * Understands spoken digits; `undefined` when there were none. Without it only keys count, and the platform sends no
   * audio.
   */
  readonly recognize?: (utterance: Utterance, context: AnswerContext) => Recognized<string>;
  /** Played instead of `prompt` when the digits were not acceptable. */
  readonly invalidPrompt?: PlaySource;
}

/** A menu: keys and what they stand for. */
export interface MenuOptions<Choices extends Readonly<Record<string, string>>> extends QuestionOptions {
  /** What each key, or string of keys, stands for: `{ '1': 'billing', '2': 'support' }`. */
  readonly choices: Choices;
  /**
   * Understands a spoken answer: gives one of the choices, several of them with the likeliest first, or `undefined` for
   * none. Without it only keys count.
   *
   * @param utterance - what the caller said
   * @param context - its `signal` is aborted when the caller hangs up or the turn takes too long
   */
  readonly recognize?: (utterance: Utterance, context: AnswerContext) => RecognizedChoice<Choices[keyof Choices]>;
  /** Played instead of `prompt` when the answer was none of the choices. */
  readonly invalidPrompt?: PlaySource;
}

/** A question to be answered with yes or no. */
export interface ConfirmOptions extends QuestionOptions {
  /** The key for yes. Default `'1'`. */
  readonly yes?: DtmfDigit;
  /** The key for no. Default `'2'`. */
  readonly no?: DtmfDigit;
  /** Understands a spoken answer; `undefined` when it was neither. Without it only keys count. */
  readonly recognize?: (utterance: Utterance, context: AnswerContext) => Recognized<boolean>;
  /** Played instead of `prompt` when the answer was neither. */
  readonly invalidPrompt?: PlaySource;
}

/** How a yes-or-no question was answered. */
export type ConfirmResult = QuestionResult &
  (
    | { readonly status: 'ok'; readonly confirmed: boolean; readonly by: 'dtmf' | 'speech' }
    | { readonly status: 'no_input' }
    | { readonly status: 'invalid' }
  );

/** No way out of an open question. */
export type NoEscapes = Readonly<Record<never, never>>;

/**
 * How the next spoken input is taken.
 *
 * @example
 * ```ts
 * import { MediaServer } from '@byova/media';
 *
 * const server = new MediaServer({ agents: [{ id: 'helper', name: 'Helper' }] });
 * server.on('utterance', async ({ session }) => {
 *   const heard = await session.listen({ escape: { '0': 'operator', '*': 'menu' } });
 *   if (heard.status === 'escape' && heard.escape === 'operator') await session.transfer();
 * });
 * ```
 */
export interface ListenOptions<Escapes extends Readonly<Record<string, string>> = NoEscapes> extends QuestionOptions {
  /** How many keys are an answer of their own. Default: the longest of `escape`, else the server's `input.dtmf.length`. */
  readonly dtmfLength?: number;
  /**
   * Keys that are no answer but a way out, and what each stands for: `{ '0': 'operator' }`. Pressing one gives the status
   * `'escape'`.
   */
  readonly escape?: Escapes;
}
