// What the caller says: a WAV file, or a made-up voice that any speech detector hears.
import { readFile } from 'node:fs/promises';
import { convertAudio } from '../audio/audio-converter.ts';
import { MULAW_8K } from '../audio/audio-format.ts';
import { encodeMulaw } from '../audio/g711.ts';
import { readWav } from '../audio/read-wav.ts';
import { DialError } from './dial-error.ts';

/**
 * What the caller says: the path, the URL or the bytes of a WAV file (mu-law, A-law, PCM or floating point, 8 to 96 kHz,
 * channels mixed), or a made-up voice that lasts `ms`.
 */
export type Speech = string | URL | Uint8Array | { readonly ms: number };

const RATE_HZ = 8000;
const RATE_PER_MS = 8;
const PITCH_HZ = 140;
/** Of each harmonic of the pitch: vowels have most of their energy between 300 and 2500 Hz. */
const HARMONICS: readonly number[] = [0.5, 0.8, 1, 1, 0.8, 0.6, 0.4, 0.3, 0.3, 0.4, 0.3, 0.2, 0.2, 0.15, 0.1];
const PEAK = 9000;
const SYLLABLE_MS = 220;

/** A voice without words: a buzz with the harmonics of a vowel, swelling four or five times a second as syllables do. */
export function madeUpVoice(ms: number): Uint8Array {
  const loudest = HARMONICS.reduce((sum, level) => sum + level, 0);
  const samples = Int16Array.from({ length: Math.round(ms * RATE_PER_MS) }, (_, index) => {
    const turn = (2 * Math.PI * PITCH_HZ * index) / RATE_HZ;
    const buzz = HARMONICS.reduce((sum, level, harmonic) => sum + level * Math.sin(turn * (harmonic + 1)), 0);
    // Never silent between two syllables, or a detector might find the end there.
    const swell = 0.55 + 0.45 * Math.cos((2 * Math.PI * index) / (SYLLABLE_MS * RATE_PER_MS));
    return Math.round((PEAK * swell * buzz) / loudest);
  });
  return encodeMulaw(samples);
}

/** Loads what the caller says as mu-law at 8 kHz. */
export async function loadSpeech(speech: Speech): Promise<Uint8Array> {
  const isFile = typeof speech === 'string' || speech instanceof URL;
  if (!isFile && !(speech instanceof Uint8Array)) return madeUpVoice(speech.ms);
  const name = isFile ? String(speech) : 'What the caller is to say';
  try {
    const { data, format } = readWav(isFile ? await readFile(speech) : speech);
    return convertAudio(data, format, MULAW_8K);
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new DialError({ code: 'AUDIO_UNUSABLE', message: `${name} cannot be spoken: ${why}`, cause });
  }
}
