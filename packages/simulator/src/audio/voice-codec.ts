// The caller's audio as it goes on the wire: encoding, frame length and silence of a voice format.
// A frame is 20 ms, as Webex sends it: 160 bytes in mu-law at 8 kHz.
import type { VoiceFormat } from '../call/call-options.ts';
import { encodeAlaw, encodeMulaw } from './g711.ts';

/** How much audio a frame holds. */
export const FRAME_MS = 20;

/** Encodes frames of one voice format. */
export interface VoiceCodec {
  readonly encoding: 'mulaw' | 'alaw' | 'linear16';
  readonly sampleRateHz: number;
  readonly samplesPerFrame: number;
  /** 20 ms of silence. */
  readonly silence: Uint8Array;
  /** One of the tiny frames with which a call begins: 3 bytes, or 2 samples where a sample is more than a byte. */
  readonly tiny: Uint8Array;
  encode(samples: Int16Array): Uint8Array;
}

function encodeLinear(samples: Int16Array): Uint8Array {
  const bytes = new Uint8Array(samples.length * 2);
  const view = new DataView(bytes.buffer);
  for (let index = 0; index < samples.length; index += 1) view.setInt16(index * 2, samples[index] ?? 0, true);
  return bytes;
}

const ENCODERS = { mulaw: encodeMulaw, alaw: encodeAlaw, linear16: encodeLinear };

/** Makes the codec of a voice format. */
export function createVoiceCodec(format: VoiceFormat = {}): VoiceCodec {
  const encoding = format.encoding ?? 'mulaw';
  const sampleRateHz = format.sampleRateHz ?? 8000;
  const samplesPerFrame = (sampleRateHz * FRAME_MS) / 1000;
  const encode = ENCODERS[encoding];
  return {
    encoding,
    sampleRateHz,
    samplesPerFrame,
    silence: encode(new Int16Array(samplesPerFrame)),
    tiny: encode(new Int16Array(encoding === 'linear16' ? 2 : 3)),
    encode,
  };
}
