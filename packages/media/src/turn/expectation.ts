// How the next input is to be taken: the user's words for it, the defaults, and the full form that goes on the wire.
import type { DtmfDigit } from '../wire/request.ts';
import type { InputExpectation, InputMode } from '../wire/response.ts';

/**
 * How the next input is to be taken. What is left out keeps the server's `input` option, and that its default.
 * Goes to the platform with the reply; the platform collects and times by it.
 */
export interface ExpectOptions {
  /** What the caller may use. Default `'voice_dtmf'`. With `'dtmf'` the platform sends no audio. */
  readonly mode?: InputMode;
  /** How digits are collected. */
  readonly dtmf?: {
    /** Digits are sent as soon as this many are there, 1 to 99. Default 1. */
    readonly length?: number;
    /** The longest pause between two digits, in ms. Default 3000. */
    readonly interDigitMs?: number;
    /** The key that ends the input early; `null` for none. Default `'#'`. */
    readonly terminator?: DtmfDigit | null;
  };
  /** How the platform times speech, in ms. */
  readonly speech?: {
    /** Silence after a complete match. Default 1000. */
    readonly completeMs?: number;
    /** Silence after an incomplete match. Default 1500. */
    readonly incompleteMs?: number;
    /** The longest utterance. Default 60 000. */
    readonly maxSpeechMs?: number;
  };
  /** Silence in ms after which the platform sends NO_INPUT; 0 is never. Default 10 000. */
  readonly noInputMs?: number;
  /** True keeps the next input out of logs and recordings, here and at the platform. Default `false`. */
  readonly sensitive?: boolean;
}

/** What is asked for when nobody says otherwise. */
export const DEFAULT_EXPECTATION: InputExpectation = Object.freeze({
  mode: 'voice_dtmf',
  dtmf: Object.freeze({ length: 1, interDigitMs: 3000, terminator: '#' }),
  speech: Object.freeze({ completeMs: 1000, incompleteMs: 1500, maxSpeechMs: 60_000 }),
  noInputMs: 10_000,
  sensitive: false,
});

/** Whole ms, as the wire has them; what is not 0 does not become 0, which is never. */
function whole(ms: number): number {
  return Math.ceil(ms);
}

/** Fills in what `options` leaves out from `base`. Times become whole ms. */
export function resolveExpectation(base: InputExpectation, options: ExpectOptions = {}): InputExpectation {
  const terminator = options.dtmf?.terminator === undefined ? base.dtmf.terminator : options.dtmf.terminator;
  return {
    mode: options.mode ?? base.mode,
    dtmf: {
      length: options.dtmf?.length ?? base.dtmf.length,
      interDigitMs: whole(options.dtmf?.interDigitMs ?? base.dtmf.interDigitMs),
      terminator: terminator ?? undefined,
    },
    speech: {
      completeMs: whole(options.speech?.completeMs ?? base.speech.completeMs),
      incompleteMs: whole(options.speech?.incompleteMs ?? base.speech.incompleteMs),
      maxSpeechMs: whole(options.speech?.maxSpeechMs ?? base.speech.maxSpeechMs),
    },
    noInputMs: whole(options.noInputMs ?? base.noInputMs),
    sensitive: options.sensitive ?? base.sensitive,
  };
}

/** Whether two expectations ask for the same, so that nothing need be sent to change from one to the other. */
export function sameExpectation(a: InputExpectation, b: InputExpectation): boolean {
  return (
    a === b ||
    (a.mode === b.mode &&
      a.noInputMs === b.noInputMs &&
      a.sensitive === b.sensitive &&
      a.dtmf.length === b.dtmf.length &&
      a.dtmf.interDigitMs === b.dtmf.interDigitMs &&
      a.dtmf.terminator === b.dtmf.terminator &&
      a.speech.completeMs === b.speech.completeMs &&
      a.speech.incompleteMs === b.speech.incompleteMs &&
      a.speech.maxSpeechMs === b.speech.maxSpeechMs)
  );
}
