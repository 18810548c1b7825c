// Digits as the platform collected them. Whether it sends the terminating key among them is not documented, so both
// forms are taken: the key is split off when it stands at the end.
import type { DtmfDigit } from '../wire/request.ts';

/** One input of digits. */
export interface DtmfInput {
  /** What the caller entered, without the terminating key; empty when nothing was. */
  readonly digits: string;
  /** The terminating key, when the caller pressed it. */
  readonly terminator: DtmfDigit | undefined;
  /** Every key in the order in which it was pressed. */
  readonly raw: readonly DtmfDigit[];
}

/** Splits the terminating key off. */
export function readDtmf(raw: readonly DtmfDigit[], terminator: DtmfDigit | undefined): DtmfInput {
  const last = raw.at(-1);
  const ended = terminator !== undefined && last === terminator;
  return {
    digits: (ended ? raw.slice(0, -1) : raw).join(''),
    terminator: ended ? last : undefined,
    raw,
  };
}
