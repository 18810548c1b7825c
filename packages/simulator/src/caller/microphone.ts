// The caller's voice: opens an audio RPC when input by voice is allowed, sends a config frame, at the start of a call
// three tiny frames, then 20 ms of silence or speech at a time, and half-closes when the agent has heard enough.
// While a prompt plays that may not be interrupted nothing is sent, as Webex drops what the caller says then.
import { LINE_RATE_HZ } from '../audio/line-rate.ts';
import { resample } from '../audio/resample.ts';
import type { StereoRecording } from '../audio/stereo-recording.ts';
import { FRAME_MS, type VoiceCodec } from '../audio/voice-codec.ts';
import type { InputDroppedCause } from '../call/timeline.ts';
import type { PlaybackQueue } from '../playback/playback-queue.ts';
import { earliest } from '../time/earliest.ts';
import type { CallLog } from './call-log.ts';
import type { ExpectedInput } from './expected-input.ts';
import type { RpcBook, RpcRecord } from './rpc-book.ts';

/** How many tiny frames a call begins with. */
const TINY_FRAMES = 3;

/** The caller's voice. */
export interface Microphone {
  /** The audio RPC that is being streamed on. */
  readonly rpc: RpcRecord | undefined;
  readonly speaking: boolean;
  /** When the caller last began to speak. */
  readonly speechStartedAtMs: number | undefined;
  /** When an utterance that reached the agent ended; taken by reading {@link takeUtteranceEnd}. */
  takeUtteranceEnd(): number | undefined;
  readonly nextWakeMs: number | undefined;
  /** Begins to speak: samples at the voice's rate. */
  say(samples: Int16Array, nowMs: number): void;
  /** Opens an RPC when one is due, and sends the frames that are. */
  tick(nowMs: number): void;
  /** Half-closes the audio RPC, or forgets it when the agent closed it. Returns it. */
  release(): RpcRecord | undefined;
}

interface Speech {
  readonly samples: Int16Array;
  readonly endsAtMs: number;
  offset: number;
  delivered: boolean;
  dropNoted: boolean;
}

/** Makes the microphone of one call. */
export function createMicrophone(parts: {
  readonly codec: VoiceCodec;
  readonly rpcs: RpcBook;
  readonly input: ExpectedInput;
  readonly playback: PlaybackQueue;
  readonly recording: StereoRecording;
  readonly log: CallLog;
}): Microphone {
  const { codec, rpcs, input, playback, recording, log } = parts;
  let rpc: RpcRecord | undefined;
  let speech: Speech | undefined;
  let speechStartedAtMs: number | undefined;
  let utteranceEndedAtMs: number | undefined;
  let nextFrameAtMs: number | undefined;
  let tinyFrames = TINY_FRAMES;

  const openIfDue = (nowMs: number): void => {
    const due = rpc === undefined && input.open && input.mode !== 'dtmf' && playback.state !== 'protected';
    if (!due) return;
    const { encoding, sampleRateHz } = codec;
    rpc = rpcs.start('audio', [{ audio: new Uint8Array(0), format: { encoding, sampleRateHz } }]);
    for (; tinyFrames > 0; tinyFrames -= 1) rpcs.send(rpc, { audio: codec.tiny });
    nextFrameAtMs ??= nowMs;
  };

  const spoken = (): Uint8Array | undefined => {
    if (speech === undefined || speech.offset >= speech.samples.length) return undefined;
    const frame = new Int16Array(codec.samplesPerFrame);
    frame.set(speech.samples.subarray(speech.offset, speech.offset + frame.length));
    speech.offset += frame.length;
    return codec.encode(frame);
  };

  const noteDrop = (because: InputDroppedCause): void => {
    if (speech === undefined || speech.dropNoted) return;
    speech.dropNoted = true;
    log.add({ kind: 'input_dropped', input: 'speech', because });
  };

  const sendFrame = (): void => {
    const frame = spoken();
    const shielded = playback.state === 'protected';
    if (rpc !== undefined && !shielded) {
      rpcs.send(rpc, { audio: frame ?? codec.silence });
      if (frame === undefined || speech === undefined || speech.delivered) return;
      speech.delivered = true;
      input.speaksOn(rpc);
    } else if (frame !== undefined) {
      noteDrop(shielded ? 'prompt_not_interruptible' : 'not_listening');
    }
  };

  const finishSpeech = (nowMs: number): void => {
    if (speech === undefined || nowMs < speech.endsAtMs || speech.offset < speech.samples.length) return;
    if (speech.delivered) utteranceEndedAtMs = speech.endsAtMs;
    speech = undefined;
    log.add({ kind: 'speech_finished' });
  };

  return {
    get rpc() {
      return rpc;
    },
    get speaking() {
      return speech !== undefined;
    },
    get speechStartedAtMs() {
      return speechStartedAtMs;
    },
    takeUtteranceEnd() {
      const taken = utteranceEndedAtMs;
      utteranceEndedAtMs = undefined;
      return taken;
    },
    get nextWakeMs() {
      if (rpc === undefined && speech === undefined) return undefined;
      const endsAtMs = speech !== undefined && speech.offset >= speech.samples.length ? speech.endsAtMs : undefined;
      return earliest(nextFrameAtMs, endsAtMs);
    },
    say(samples, nowMs) {
      const durationMs = (samples.length / codec.sampleRateHz) * 1000;
      speech = { samples, endsAtMs: nowMs + durationMs, offset: 0, delivered: false, dropNoted: false };
      speechStartedAtMs = nowMs;
      utteranceEndedAtMs = undefined;
      nextFrameAtMs ??= nowMs;
      recording.caller(nowMs, resample(samples, codec.sampleRateHz, LINE_RATE_HZ));
      log.add({ kind: 'speech_started', durationMs });
    },
    tick(nowMs) {
      openIfDue(nowMs);
      while (nextFrameAtMs !== undefined && nextFrameAtMs <= nowMs) {
        sendFrame();
        nextFrameAtMs += FRAME_MS;
      }
      finishSpeech(nowMs);
      if (rpc === undefined && speech === undefined) nextFrameAtMs = undefined;
    },
    release() {
      const released = rpc;
      rpc = undefined;
      if (released !== undefined) rpcs.halfClose(released);
      return released;
    },
  };
}
