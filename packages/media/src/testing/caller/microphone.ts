// The caller's voice: an audio RPC is opened when voice is expected, with a config frame first and, at the start of a
// call, three tiny frames; then 20 ms of silence or speech at a time. While a prompt plays that may not be interrupted
// nothing is sent, as Webex drops what the caller says then.
import type { Clock } from '../../session/clock.ts';
import { createAlarm } from '../time/alarm.ts';
import { type CallRecord, seconds } from './call-record.ts';
import type { Earpiece } from './earpiece.ts';
import type { NextInput } from './next-input.ts';
import type { Rpc, RpcLine } from './rpc-line.ts';

const FRAME_MS = 20;
const FRAME_BYTES = 160;
const BYTES_PER_MS = 8;
const MULAW_SILENCE = 0xff;
const TINY_FRAMES = 3;
const TINY_BYTES = 3;
const NOTHING = new Uint8Array(0);

/** The caller's voice. */
export interface Microphone {
  /** The audio RPC that is being streamed on. */
  readonly rpc: Rpc | undefined;
  readonly speaking: boolean;
  /** Begins to speak: mu-law at 8 kHz. */
  say(audio: Uint8Array): void;
  /** Opens an RPC when one is due. */
  openIfDue(): void;
  /** Half-closes the audio RPC. */
  release(): void;
  /** Falls silent for good: the call is over. */
  stop(): void;
}

/** Makes the microphone of one call. `onSpoken`: the last sample was spoken. */
export function createMicrophone(parts: {
  readonly clock: Clock;
  readonly line: RpcLine;
  readonly input: NextInput;
  readonly earpiece: Earpiece;
  readonly record: CallRecord;
  readonly onSpoken: () => void;
}): Microphone {
  const { clock, line, input, earpiece, record } = parts;
  // Frames that were sent are kept by nobody, so that one of silence does for all.
  const silence = new Uint8Array(FRAME_BYTES).fill(MULAW_SILENCE);
  const alarm = createAlarm(clock, () => tick());
  let rpc: Rpc | undefined;
  let speech: { readonly audio: Uint8Array; readonly endsAtMs: number; offset: number; delivered: boolean } | undefined;
  let dropNoted = false;
  let tinyLeft = TINY_FRAMES;
  let running = false;

  const run = (): void => {
    if (running) return;
    running = true;
    alarm.setAt(clock.now());
  };

  const spokenFrame = (): Uint8Array | undefined => {
    if (speech === undefined || speech.offset >= speech.audio.length) return undefined;
    const rest = speech.audio.subarray(speech.offset, speech.offset + FRAME_BYTES);
    speech.offset += FRAME_BYTES;
    if (rest.length === FRAME_BYTES) return rest;
    const frame = Uint8Array.from(silence);
    frame.set(rest);
    return frame;
  };

  const sendFrame = (): void => {
    const frame = spokenFrame();
    const shielded = earpiece.state === 'protected';
    if (rpc === undefined || shielded) {
      if (frame === undefined || dropNoted) return;
      dropNoted = true;
      record.add('caller', `speech dropped: ${shielded ? 'the prompt is not interruptible' : 'nobody listens'}`);
      return;
    }
    const on = rpc;
    line.audio(on, frame ?? silence);
    if (frame === undefined || speech === undefined || speech.delivered) return;
    speech.delivered = true;
    input.speaksOn(on);
  };

  const tick = (): void => {
    const nowMs = clock.now();
    sendFrame();
    if (speech !== undefined && speech.offset >= speech.audio.length && speech.endsAtMs <= nowMs) {
      speech = undefined;
      record.add('caller', 'falls silent');
      parts.onSpoken();
    }
    running = rpc !== undefined || speech !== undefined;
    if (running) alarm.setAt(nowMs + FRAME_MS);
  };

  return {
    get rpc() {
      return rpc;
    },
    get speaking() {
      return speech !== undefined;
    },
    say(audio) {
      const durationMs = audio.length / BYTES_PER_MS;
      speech = { audio, endsAtMs: clock.now() + durationMs, offset: 0, delivered: false };
      dropNoted = false;
      record.add('caller', `speaks for ${seconds(durationMs)}`);
      run();
    },
    openIfDue() {
      if (rpc !== undefined || !input.open || input.mode === 'dtmf' || earpiece.state === 'protected') return;
      rpc = line.openAudio();
      line.audio(rpc, NOTHING);
      for (; tinyLeft > 0; tinyLeft -= 1) line.audio(rpc, silence.subarray(0, TINY_BYTES));
      run();
    },
    release() {
      const released = rpc;
      rpc = undefined;
      if (released !== undefined) line.halfClose(released);
    },
    stop() {
      speech = undefined;
      this.release();
    },
  };
}
