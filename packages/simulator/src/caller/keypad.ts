// The caller's keys. The first one stops a prompt that may be interrupted and is announced with START_OF_DTMF, on the
// open audio RPC after its frames or else in an RPC of its own; then digits are collected as the last reply asked, by
// length, terminator and pause, and go in one `dtmf_input` on a new RPC.
import { keyTone } from '../audio/key-tone.ts';
import type { StereoRecording } from '../audio/stereo-recording.ts';
import type { DigitsSentEntry, InputDroppedCause } from '../call/timeline.ts';
import type { PlaybackQueue } from '../playback/playback-queue.ts';
import type { CallLog } from './call-log.ts';
import type { ExpectedInput } from './expected-input.ts';
import type { Microphone } from './microphone.ts';
import type { NoInputTimer } from './no-input-timer.ts';
import type { RpcBook, RpcRecord } from './rpc-book.ts';

/** The pause that completes the digits when the agent names none. */
const DEFAULT_INTER_DIGIT_MS = 3000;

/** Stands for a key of an input that the agent marked as sensitive. */
const HIDDEN = '•';

/** The caller's keys. */
export interface Keypad {
  readonly nextWakeMs: number | undefined;
  /** Presses a key. `continues`: right after the one before it, as in one number. */
  press(key: string, nowMs: number, continues: boolean): void;
  /** Sends the digits when the pause has been long enough. */
  tick(nowMs: number): void;
  /** Forgets what was pressed: the call is over. */
  clear(): void;
}

interface Collection {
  readonly length: number;
  readonly terminator: string | undefined;
  readonly interDigitMs: number;
  readonly hidden: boolean;
  digits: string;
  completeAtMs: number;
}

/** Makes the keypad of one call. `interrupt` stops what plays, and what RPCs before the one named still bring. */
export function createKeypad(parts: {
  readonly rpcs: RpcBook;
  readonly input: ExpectedInput;
  readonly playback: PlaybackQueue;
  readonly microphone: Microphone;
  readonly noInput: NoInputTimer;
  readonly recording: StereoRecording;
  readonly log: CallLog;
  readonly sendTerminator: boolean;
  readonly interrupt: (by: 'key', beforeRpc: number) => void;
}): Keypad {
  const { rpcs, input, playback, microphone, recording, log } = parts;
  let collection: Collection | undefined;
  // Set while a terminator would still belong to digits that were complete by their length.
  let swallows: string | undefined;

  const refusal = (): InputDroppedCause | undefined => {
    if (playback.state === 'protected') return 'prompt_not_interruptible';
    if (!input.open) return 'not_listening';
    return input.mode === 'voice' ? 'mode_without_keys' : undefined;
  };

  const announce = (): RpcRecord => {
    const audio = microphone.rpc;
    if (audio === undefined) return rpcs.ask('start_of_dtmf', { event: 'start_of_dtmf' });
    rpcs.send(audio, { event: 'start_of_dtmf' });
    audio.keysAnnounced = true;
    microphone.release();
    return audio;
  };

  const begin = (): Collection => {
    const { config, sensitive } = input;
    parts.noInput.disarm();
    parts.interrupt('key', microphone.rpc?.number ?? rpcs.all.length + 1);
    const announced = announce();
    announced.keysAnnounced = true;
    input.close(announced, announced.number + 1);
    return {
      length: config.digits,
      terminator: config.terminator,
      interDigitMs: config.interDigitMs > 0 ? config.interDigitMs : DEFAULT_INTER_DIGIT_MS,
      hidden: sensitive,
      digits: '',
      completeAtMs: 0,
    };
  };

  const send = (collected: Collection, because: DigitsSentEntry['because']): void => {
    collection = undefined;
    const { digits, terminator, hidden } = collected;
    const keys =
      because === 'terminator' && terminator !== undefined && parts.sendTerminator ? digits + terminator : digits;
    const rpc = rpcs.ask('dtmf', { digits: [...keys] });
    input.close(rpc, rpc.number);
    const shown = hidden ? HIDDEN.repeat(keys.length) : keys;
    log.add({ kind: 'digits_sent', rpc: rpc.number, digits: shown, because });
  };

  const push = (collected: Collection, key: string, nowMs: number): void => {
    if (key === collected.terminator) {
      send(collected, 'terminator');
      return;
    }
    collected.digits += key;
    collected.completeAtMs = nowMs + collected.interDigitMs;
    if (collected.length === 0 || collected.digits.length < collected.length) return;
    swallows = collected.terminator;
    send(collected, 'length');
  };

  return {
    get nextWakeMs() {
      return collection?.completeAtMs;
    },
    press(key, nowMs, continues) {
      const hidden = collection?.hidden ?? input.sensitive;
      log.add({ kind: 'key_pressed', key: hidden ? HIDDEN : key });
      if (!hidden) recording.caller(nowMs, keyTone(key));
      const swallowed = continues && key === swallows;
      swallows = undefined;
      const because = swallowed ? 'terminator_after_length' : collection === undefined ? refusal() : undefined;
      if (because !== undefined) {
        log.add({ kind: 'input_dropped', input: 'key', because });
        return;
      }
      collection ??= begin();
      push(collection, key, nowMs);
    },
    tick(nowMs) {
      if (collection !== undefined && collection.completeAtMs <= nowMs) send(collection, 'timeout');
    },
    clear() {
      collection = undefined;
    },
  };
}
