// The replies of the server of these tests, in either mode.
import { encodeMulaw } from '../../../src/audio/g711.ts';
import { writeWav } from '../../../src/audio/wav-writer.ts';
import type { VoiceVAResponse } from '../../../src/gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent.ts';
import { chunk, endOfChunks, final, type InputOptions, Mode, prompt } from '../../support/messages.ts';
import type { Broken } from './defects.ts';

/** What every reply asks for. */
export const INPUT: InputOptions = { mode: Mode.INPUT_VOICE_DTMF, digits: 4, interDigitMs: 3000, terminator: '#' };

const CHUNK_BYTES = 65_536;

/** A CHUNK of these bytes. */
export function chunkOf(bytes: Uint8Array): VoiceVAResponse {
  return { ...chunk(20), prompts: [prompt(bytes)] };
}

/** Raw mu-law as legal CHUNKs: a rest that would be too short is taken from the piece before it. */
export function cut(audio: Uint8Array, size: number = CHUNK_BYTES): VoiceVAResponse[] {
  const count = Math.ceil(audio.length / size);
  const each = Math.ceil(audio.length / count);
  return Array.from({ length: count }, (_, index) => chunkOf(audio.subarray(index * each, (index + 1) * each)));
}

/** A reply of these samples. */
export function reply(mode: 'wav' | 'chunk', samples: Int16Array, broken: Broken): VoiceVAResponse[] {
  const input = broken('other_config') ? { ...INPUT, digits: 9 } : INPUT;
  const encoding = broken('linear_wav') ? 'linear16' : 'mulaw';
  const wav = writeWav(samples, { channels: 1, sampleRateHz: 8000, encoding });
  const whole = final([prompt(wav)], input);
  if (mode === 'wav') return broken('two_finals') ? [whole, whole] : [whole];
  const audio = encodeMulaw(samples);
  const end = broken('audio_in_final') ? final([prompt(audio.subarray(0, 200))], input) : endOfChunks(input);
  if (broken('riff_in_chunk')) return [chunkOf(wav), end];
  return [...cut(audio), end];
}
