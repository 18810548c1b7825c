// Hears an utterance on one RPC by its loudness, in every coding that a caller may use.
import { decodeAlaw, decodeMulaw } from '../../../src/audio/g711.ts';
import { resample } from '../../../src/audio/resample.ts';
import {
  VoiceInput_VoiceEncoding as Encoding,
  type VoiceInput,
} from '../../../src/gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent.ts';
import type { Broken } from './defects.ts';

/** What an audio message has brought. */
export type Heard = 'nothing' | 'start' | 'end';

/** The ear of one RPC. */
export interface Ear {
  readonly speaking: boolean;
  /** The utterance so far, at 8000 Hz. */
  readonly utterance: Int16Array;
  hear(input: VoiceInput): Heard;
}

const LOUD = 1000;
const START_FRAMES = 5;
const END_FRAMES = 25;
const LATE_START_FRAMES = 30;
const LATE_END_FRAMES = 80;
/** Well within the second that the caller speaks for. */
const EARLY_END_FRAMES = 20;
const TINY_BYTES = 15;
const MULAW_RATE_HZ = 8000;

function linear(bytes: Uint8Array): Int16Array {
  return Int16Array.from({ length: bytes.length / 2 }, (_, index) => Buffer.from(bytes).readInt16LE(index * 2));
}

/** Makes an ear. */
export function createEar(broken: Broken): Ear {
  const frames: Int16Array[] = [];
  let coding: { readonly encoding: Encoding; readonly rate: number } | undefined;
  let loud = 0;
  let quiet = 0;
  let speaking = false;

  const samplesOf = ({ callerAudio, encoding, sampleRateHertz }: VoiceInput): Int16Array => {
    if (encoding !== Encoding.UNSPECIFIED_FORMAT) coding = { encoding, rate: sampleRateHertz };
    const used = broken('knows_mulaw_only') ? undefined : coding;
    if (used?.encoding === Encoding.ALAW_FORMAT) return decodeAlaw(callerAudio);
    const isLinear = used?.encoding === Encoding.LINEAR16_FORMAT;
    return resample(
      isLinear ? linear(callerAudio) : decodeMulaw(callerAudio),
      used?.rate ?? MULAW_RATE_HZ,
      MULAW_RATE_HZ,
    );
  };

  return {
    get speaking() {
      return speaking;
    },
    get utterance() {
      return Int16Array.from(frames.flatMap((frame) => [...frame]));
    },
    hear(input) {
      const undeclared = input.encoding === Encoding.UNSPECIFIED_FORMAT;
      const samples = samplesOf(input);
      if (input.callerAudio.length <= TINY_BYTES) return 'nothing';
      if (undeclared && broken('needs_declared_frames')) return 'nothing';
      const isLoud = broken('start_on_silence') || samples.some((sample) => Math.abs(sample) > LOUD);
      loud = isLoud ? loud + 1 : 0;
      quiet = samples.some((sample) => Math.abs(sample) > LOUD) ? 0 : quiet + 1;
      if (isLoud || speaking) frames.push(samples);
      if (!speaking && loud >= (broken('late_start') ? LATE_START_FRAMES : START_FRAMES)) {
        speaking = true;
        return 'start';
      }
      if (speaking && broken('early_end') && frames.length >= EARLY_END_FRAMES) return 'end';
      if (speaking && quiet >= (broken('late_end') ? LATE_END_FRAMES : END_FRAMES)) return 'end';
      return 'nothing';
    },
  };
}
