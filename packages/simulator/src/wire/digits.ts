// Keys of a telephone as the wire numbers them. Mind that "0" is 10; 0 is "unspecified".
import { DTMFDigits } from '../gen/com/cisco/wcc/ccai/media/v1/byova_common.ts';

const CODES: ReadonlyMap<string, DTMFDigits> = new Map<string, DTMFDigits>([
  ['1', DTMFDigits.DTMF_DIGIT_ONE],
  ['2', DTMFDigits.DTMF_DIGIT_TWO],
  ['3', DTMFDigits.DTMF_DIGIT_THREE],
  ['4', DTMFDigits.DTMF_DIGIT_FOUR],
  ['5', DTMFDigits.DTMF_DIGIT_FIVE],
  ['6', DTMFDigits.DTMF_DIGIT_SIX],
  ['7', DTMFDigits.DTMF_DIGIT_SEVEN],
  ['8', DTMFDigits.DTMF_DIGIT_EIGHT],
  ['9', DTMFDigits.DTMF_DIGIT_NINE],
  ['0', DTMFDigits.DTMF_DIGIT_ZERO],
  ['A', DTMFDigits.DTMF_DIGIT_A],
  ['B', DTMFDigits.DTMF_DIGIT_B],
  ['C', DTMFDigits.DTMF_DIGIT_C],
  ['D', DTMFDigits.DTMF_DIGIT_D],
  ['*', DTMFDigits.DTMF_DIGIT_STAR],
  ['#', DTMFDigits.DTMF_DIGIT_POUND],
]);

const KEYS: ReadonlyMap<DTMFDigits, string> = new Map([...CODES].map(([key, code]) => [code, key]));

/** The wire's number of a key. */
export function digitCode(key: string): DTMFDigits {
  return CODES.get(key) ?? DTMFDigits.DTMF_EVENT_UNSPECIFIED;
}

/** The key of a number; `undefined` for "unspecified" and for what the contract does not know. */
export function digitKey(code: DTMFDigits): string | undefined {
  return KEYS.get(code);
}
