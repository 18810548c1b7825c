// How the caller of a case speaks: a config frame, three tiny frames, silence, an utterance, silence again; frames of
// 20 ms in real time, as Webex sends them.
import { LINE_RATE_HZ } from '../../audio/line-rate.ts';
import { resample } from '../../audio/resample.ts';
import { createVoiceCodec, FRAME_MS, type VoiceCodec } from '../../audio/voice-codec.ts';
import type { VoiceFormat } from '../../call/call-options.ts';
import type { TurnRpc } from './conversation.ts';
import { kindOf } from './describe-message.ts';
import type { Probe } from './probe.ts';

/** The tone that stands for speech: every detector by loudness takes it for that, and an echo of it is recognized. */
export const TONE_HZ = 1000;
const TONE_AMPLITUDE = 10_000;
const TONE_MS = 1000;
const LEAD_MS = 500;
const TINY_FRAMES = 3;
/** How much longer than allowed a case waits for END_OF_INPUT, so that it can say how late it was. */
const EXTRA_SILENCE_MS = 2500;

/** What the caller says, and how it travels. */
export interface Voice {
  readonly codec: VoiceCodec;
  /** Encoded frames of 20 ms. */
  readonly speech: readonly Uint8Array[];
  readonly durationMs: number;
  /** What a config frame declares. */
  readonly format: { readonly encoding: VoiceCodec['encoding']; readonly sampleRateHz: number };
}

function tone(sampleRateHz: number): Int16Array {
  return Int16Array.from({ length: (sampleRateHz * TONE_MS) / 1000 }, (_, index) =>
    Math.round(TONE_AMPLITUDE * Math.sin((2 * Math.PI * TONE_HZ * index) / sampleRateHz)),
  );
}

/** The caller's voice in a format. */
export function voiceOf(probe: Probe, format: VoiceFormat = {}): Voice {
  const codec = createVoiceCodec(format);
  const { encoding, sampleRateHz, samplesPerFrame } = codec;
  const given = probe.settings.speech;
  const samples = given === undefined ? tone(sampleRateHz) : resample(given, LINE_RATE_HZ, sampleRateHz);
  const speech = Array.from({ length: Math.ceil(samples.length / samplesPerFrame) }, (_, index) => {
    const frame = new Int16Array(samplesPerFrame);
    frame.set(samples.subarray(index * samplesPerFrame, (index + 1) * samplesPerFrame));
    return codec.encode(frame);
  });
  return { codec, speech, durationMs: speech.length * FRAME_MS, format: { encoding, sampleRateHz } };
}

/** Sends frames in real time and returns for how long this machine was too busy to, in ms; ends early when `done` says so. */
async function sendFrames(
  probe: Probe,
  count: number,
  send: (index: number) => void,
  done: () => boolean = () => false,
): Promise<number> {
  const startMs = probe.now();
  let lateMs = 0;
  let busyMs = 0;
  for (let index = 0; index < count && !done(); index += 1) {
    send(index);
    const dueMs = startMs + (index + 1) * FRAME_MS;
    const leftMs = dueMs - probe.now();
    if (leftMs > 0) await probe.sleep(leftMs);
    const wasLateMs = lateMs;
    lateMs = Math.max(0, probe.now() - dueMs);
    // Timers are always a little late; what counts is that a frame was missed.
    if (lateMs - wasLateMs > FRAME_MS) busyMs += lateMs - wasLateMs;
  }
  return busyMs;
}

/** Sends one frame over and over for `ms`; ends early when the RPC is over. */
export async function stream(probe: Probe, rpc: TurnRpc, frame: Uint8Array, ms: number): Promise<void> {
  await sendFrames(
    probe,
    ms / FRAME_MS,
    () => rpc.send({ audio: frame }),
    () => rpc.ended !== undefined,
  );
}

/** How long it takes from the opening of an RPC until the caller falls silent, in ms. */
export function speakingMs({ durationMs }: Voice): number {
  return LEAD_MS + durationMs;
}

/** How an utterance is spoken. */
export interface Speaking {
  /** Whether every frame says how it is coded, or the config frame alone. Default `true`. */
  readonly declareAll?: boolean;
  /** When the caller half-closes. Default `'at_end_of_input'`. */
  readonly halfClose?: 'at_end_of_input' | 'after_speech';
}

/** When the utterance began and ended, in ms from the opening of its RPC. */
export interface Spoken {
  readonly speechAtMs: number;
  readonly silenceAtMs: number;
  /**
   * For how long this machine was too busy to send frames, and so to see an answer, in ms: while the caller spoke, and
   * after it. What the server is allowed grows by it.
   */
  readonly busyMs: { readonly inSpeech: number; readonly inSilence: number };
}

/** Speaks one utterance on an RPC and half-closes it. */
export async function speak(probe: Probe, rpc: TurnRpc, voice: Voice, how: Speaking = {}): Promise<Spoken> {
  const { codec, format } = voice;
  const declared = how.declareAll === false ? {} : { format };
  const over = (): boolean => rpc.ended !== undefined;
  const heard = (): boolean => rpc.received.some(({ response }) => kindOf(response) === 'END_OF_INPUT');
  rpc.send({ audio: new Uint8Array(0), format });
  for (let tiny = 0; tiny < TINY_FRAMES; tiny += 1) rpc.send({ audio: codec.tiny, ...declared });
  await sendFrames(probe, LEAD_MS / FRAME_MS, () => rpc.send({ audio: codec.silence, ...declared }), over);
  const speechAtMs = rpc.elapsedMs();
  probe.remark('the caller begins to speak');
  const sayFrame = (index: number): void => rpc.send({ audio: voice.speech[index] ?? codec.silence, ...declared });
  const inSpeech = await sendFrames(probe, voice.speech.length, sayFrame, over);
  const silenceAtMs = rpc.elapsedMs();
  let inSilence = 0;
  probe.remark('the caller falls silent');
  if (how.halfClose !== 'after_speech') {
    const frames = (probe.settings.endSilenceMs + EXTRA_SILENCE_MS) / FRAME_MS;
    inSilence = await sendFrames(
      probe,
      frames,
      () => rpc.send({ audio: codec.silence, ...declared }),
      () => over() || heard(),
    );
  }
  rpc.halfClose();
  return { speechAtMs, silenceAtMs, busyMs: { inSpeech, inSilence } };
}
