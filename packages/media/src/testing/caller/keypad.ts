// The caller's keys. The first one stops a prompt that may be interrupted and is announced with START_OF_DTMF, on the
// open audio RPC after its frames or else in an RPC of its own; then digits are collected as the last reply asked, by
// length, terminator and pause, and go in one message on a new RPC.
import type { Clock } from '../../session/clock.ts';
import { createAlarm } from '../time/alarm.ts';
import type { CallRecord } from './call-record.ts';
import type { Earpiece } from './earpiece.ts';
import type { Microphone } from './microphone.ts';
import type { NextInput } from './next-input.ts';
import type { Rpc, RpcLine } from './rpc-line.ts';

/** The pause that completes the digits when the reply names none. */
const DEFAULT_INTER_DIGIT_MS = 3000;

/** Stands for a key of an input that is marked as sensitive. */
const HIDDEN = '•';

/** The caller's keys. */
export interface Keypad {
  /** Presses a key. `continues`: right after the one before it, as in one number. */
  press(key: string, continues: boolean): void;
  /** Forgets what was pressed: the call is over. */
  clear(): void;
}

interface Collection {
  readonly length: number;
  readonly terminator: string | undefined;
  readonly interDigitMs: number;
  readonly sensitive: boolean;
  digits: string;
}

/** Makes the keypad of one call. `onFirstKey` stops what plays, and what RPCs before the one named still bring. */
export function createKeypad(parts: {
  readonly clock: Clock;
  readonly line: RpcLine;
  readonly input: NextInput;
  readonly earpiece: Earpiece;
  readonly microphone: Microphone;
  readonly record: CallRecord;
  /** Whether the terminator is the last of the digits sent. */
  readonly sendTerminator: boolean;
  readonly onFirstKey: (beforeRpc: number) => void;
}): Keypad {
  const { clock, line, input, microphone, record } = parts;
  let collection: Collection | undefined;
  // A terminator that would still belong to digits which were complete by their length.
  let swallows: string | undefined;
  const pause = createAlarm(clock, () => {
    if (collection !== undefined) send(collection, collection.digits, 'pause');
  });

  const refusal = (): string | undefined => {
    if (parts.earpiece.state === 'protected') return 'the prompt is not interruptible';
    if (!input.open) return 'nobody listens';
    return input.mode === 'voice' ? 'the input mode has no keys' : undefined;
  };

  const announce = (): Rpc => {
    const { rpc } = microphone;
    if (rpc === undefined) return line.ask('start_of_dtmf');
    line.event(rpc, 'start_of_dtmf');
    rpc.keysAnnounced = true;
    microphone.release();
    return rpc;
  };

  const begin = (): Collection => {
    const { expectation } = input;
    parts.onFirstKey(microphone.rpc?.number ?? line.nextNumber);
    const announced = announce();
    input.close(announced, announced.number + 1);
    const interDigitMs = expectation?.dtmf.interDigitMs ?? 0;
    return {
      length: expectation?.dtmf.length ?? 0,
      terminator: expectation?.dtmf.terminator,
      interDigitMs: interDigitMs > 0 ? interDigitMs : DEFAULT_INTER_DIGIT_MS,
      sensitive: expectation?.sensitive ?? false,
      digits: '',
    };
  };

  const send = (collected: Collection, digits: string, because: string): void => {
    collection = undefined;
    pause.setAt(undefined);
    record.add('caller', `digits ${collected.sensitive ? HIDDEN.repeat(digits.length) : digits} (by ${because})`);
    const rpc = line.sendDigits(digits);
    input.close(rpc, rpc.number);
  };

  return {
    press(key, continues) {
      const sensitive = collection?.sensitive ?? input.expectation?.sensitive ?? false;
      record.add('caller', `key ${sensitive ? HIDDEN : key}`);
      const swallowed = continues && key === swallows;
      swallows = undefined;
      if (swallowed) {
        record.add('caller', 'key dropped: the digits were complete by their length');
        return;
      }
      const because = collection === undefined ? refusal() : undefined;
      if (because !== undefined) {
        record.add('caller', `key dropped: ${because}`);
        return;
      }
      collection ??= begin();
      if (key === collection.terminator) {
        send(collection, parts.sendTerminator ? collection.digits + key : collection.digits, 'terminator');
        return;
      }
      collection.digits += key;
      if (collection.length > 0 && collection.digits.length >= collection.length) {
        swallows = collection.terminator;
        send(collection, collection.digits, 'length');
      } else pause.setAt(clock.now() + collection.interDigitMs);
    },
    clear() {
      collection = undefined;
      pause.setAt(undefined);
    },
  };
}
