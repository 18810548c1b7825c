// What happened in a call, as lines of text, with the breaks of the contract kept apart.
import type { JsonObject } from '../../wire/json.ts';

/** Whose doing a line tells of. */
export type Side = 'caller' | 'agent' | 'test' | 'problem';

/** Stable names of the breaks of the contract; the same as those of `@byova/simulator`. */
export type ViolationCode =
  | 'RIFF_IN_CHUNK'
  | 'CHUNK_TOO_SHORT'
  | 'CHUNK_TOO_LONG'
  | 'AUDIO_IN_FINAL_AFTER_CHUNKS'
  | 'AUDIO_STYLE_CHANGED'
  | 'WAV_UNREADABLE'
  | 'WAV_NOT_MULAW_8K_MONO'
  | 'SECOND_FINAL'
  | 'MESSAGE_AFTER_FINAL'
  | 'FINAL_WITHOUT_PROMPT'
  | 'REPLY_WITHOUT_INPUT_MODE'
  | 'TERMINAL_WITH_INPUT_MODE'
  | 'PARTIAL_NOT_ALLOWED'
  | 'BOUNDARY_NOT_ALONE'
  | 'BOUNDARY_OUT_OF_ORDER'
  | 'ANSWER_TO_START_OF_DTMF'
  | 'ANSWER_TO_SESSION_END'
  | 'REPLY_MISSING'
  | 'RPC_NOT_COMPLETED'
  | 'STATUS_NOT_OK';

/** Something that an expectation may wait for. */
export interface Happening {
  readonly kind: 'transfer' | 'end' | 'prompt' | 'custom_event';
  readonly name: string;
  readonly metadata: JsonObject;
}

/** The record of one call. */
export interface CallRecord {
  readonly happenings: readonly Happening[];
  /** The breaks of the contract, in words. */
  readonly violations: readonly string[];
  /** The timeline, a line each. */
  readonly text: string;
  add(side: Side, text: string): void;
  happened(happening: Happening): void;
  violated(code: ViolationCode, message: string, rpc: number): void;
}

/** The width of what the caller does, before what the agent does. */
const COLUMN = 34;

const INDENT: Readonly<Record<Side, string>> = {
  caller: '',
  agent: ' '.repeat(COLUMN),
  test: '· ',
  problem: '! ',
};

/** A time in the call, as a person reads it. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

/** Makes an empty record. `now` is in ms of the call. */
export function createCallRecord(now: () => number): CallRecord {
  const lines: string[] = [];
  const happenings: Happening[] = [];
  const violations: string[] = [];
  const add = (side: Side, text: string): void => {
    lines.push(`${(now() / 1000).toFixed(3).padStart(9)}  ${INDENT[side]}${text}`);
  };
  return {
    happenings,
    violations,
    get text() {
      return lines.join('\n');
    },
    add,
    happened: (happening) => void happenings.push(happening),
    violated(code, message, rpc) {
      const text = `${code} (RPC ${rpc}): ${message}`;
      violations.push(text);
      add('problem', text);
    },
  };
}
