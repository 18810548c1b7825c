// What an agent can say: files, bytes and streams, all opened as mu-law at 8 kHz. A prompt that does not change is
// converted once and kept.
import { readFile } from 'node:fs/promises';
import { convertAudio } from '../audio/audio-converter.ts';
import { type AudioFormat, MULAW_8K } from '../audio/audio-format.ts';
import { tone } from '../audio/tone.ts';
import { readWav } from '../audio/wav.ts';
import { MediaError } from '../errors/media-errors.ts';
import { toMulawPieces } from './mulaw-pieces.ts';

/** Audio of a prompt, mu-law at 8 kHz: whole, or in pieces as they are made. */
export type PromptAudio = Uint8Array | AsyncIterable<Uint8Array>;

/**
 * Something to say, as `session.play` and the prompts of `collectDigits`, `menu` and `listen` take it. Made by
 * {@link prompt}; implement it to bring a source of your own, such as a text-to-speech service.
 */
export interface Prompt {
  /** Whether it can be opened again: only then can it be repeated to a caller who did not react. */
  readonly replayable: boolean;
  /**
   * Gives the audio, mu-law at 8 kHz.
   *
   * @param signal - aborted when the audio is no longer wanted
   */
  open(signal: AbortSignal): Promise<PromptAudio>;
}

/** Audio in pieces of any size, as a stream, a generator or a Node `Readable` gives it. */
export type AudioPieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

/**
 * What can be played: a prompt, bytes, audio in pieces, or a function that makes one of them. The function is given a
 * `signal` that is aborted when the caller interrupts, hangs up or the server drains: hand it on to the text-to-speech
 * and the language model behind it, and all of it stops.
 */
export type PlaySource = Prompt | Uint8Array | AudioPieces | PlaySourceFactory;

/** Makes the audio of one play; see {@link PlaySource}. */
export type PlaySourceFactory = (context: { readonly signal: AbortSignal }) => PlayMaterial | Promise<PlayMaterial>;

/** What a {@link PlaySourceFactory} may give. */
export type PlayMaterial = Prompt | Uint8Array | AudioPieces;

const RIFF = [0x52, 0x49, 0x46, 0x46] as const;

function isWav(bytes: Uint8Array): boolean {
  return RIFF.every((value, index) => bytes[index] === value);
}

function toMulaw(bytes: Uint8Array, format: AudioFormat | undefined): Uint8Array {
  if (format === undefined && isWav(bytes)) {
    const wav = readWav(bytes);
    return convertAudio(wav.data, wav.format, MULAW_8K);
  }
  return convertAudio(bytes, format ?? MULAW_8K, MULAW_8K);
}

function isPrompt(source: PlayMaterial): source is Prompt {
  return 'open' in source && typeof source.open === 'function' && 'replayable' in source;
}

/** A prompt whose audio is made once; a failure is not kept, so that the next play tries again. */
function fixedPrompt(load: () => Promise<Uint8Array> | Uint8Array): Prompt {
  let loading: Promise<Uint8Array> | undefined;
  return {
    replayable: true,
    open() {
      loading ??= (async () => load())().catch((error: unknown) => {
        loading = undefined;
        throw error;
      });
      return loading;
    },
  };
}

/** Opens whatever was given to `play`. A `format` says what raw bytes are; without it they are a WAV or mu-law 8 kHz. */
export async function openSource(
  source: PlaySource,
  format: AudioFormat | undefined,
  signal: AbortSignal,
): Promise<PromptAudio> {
  const material = typeof source === 'function' ? await source({ signal }) : source;
  if (material instanceof Uint8Array) return toMulaw(material, format);
  if (isPrompt(material)) return material.open(signal);
  return toMulawPieces(material, format);
}

/** Whether a source can be played a second time. */
export function isReplayable(source: PlaySource): boolean {
  if (typeof source === 'function') return false;
  return source instanceof Uint8Array || (isPrompt(source) && source.replayable);
}

/**
 * Makes prompts. Every kind is converted to what the platform plays (G.711 mu-law, 8 kHz, mono): mu-law, A-law and
 * 16-bit PCM at 8, 16, 24 or 48 kHz.
 *
 * @example
 * ```ts
 * import { prompt } from '@byova/media';
 *
 * const welcome = prompt.file('welcome.wav');
 * const beep = prompt.tone({ frequencyHz: 880, durationMs: 200 });
 * const spoken = prompt.bytes(new Uint8Array(3200), { encoding: 'linear16', sampleRateHz: 16000 });
 * console.log(welcome.replayable, beep.replayable, spoken.replayable); // true true true
 * ```
 */
export const prompt: PromptFactory = Object.freeze({
  file(path: string | URL) {
    return fixedPrompt(async () => {
      let bytes: Uint8Array;
      try {
        bytes = await readFile(path);
      } catch (cause) {
        throw new MediaError({
          code: 'PROMPT_FAILED',
          message: `The prompt file ${String(path)} cannot be read. Give an absolute path or a file URL that exists.`,
          cause,
        });
      }
      return toMulaw(bytes, undefined);
    });
  },
  bytes(bytes: Uint8Array, format?: AudioFormat) {
    return fixedPrompt(() => toMulaw(bytes, format));
  },
  stream(pieces: AudioPieces, format?: AudioFormat) {
    return { replayable: false, open: async () => toMulawPieces(pieces, format) };
  },
  silence(durationMs: number) {
    return fixedPrompt(() => new Uint8Array(Math.round(durationMs * 8)).fill(0xff));
  },
  tone(options: ToneOptions) {
    return fixedPrompt(() => tone(options));
  },
});

/** A tone. */
export interface ToneOptions {
  /** In Hz, below 4000. */
  readonly frequencyHz: number;
  /** In ms. */
  readonly durationMs: number;
}

/** The kinds of prompt; see {@link prompt}. */
export interface PromptFactory {
  /**
   * A WAV file. Read and converted at its first play, then kept.
   *
   * @param path - absolute, or relative to the working directory; a file URL for a file beside the program:
   *   `new URL('./welcome.wav', import.meta.url)`
   * @throws MediaError with code `PROMPT_FAILED`, from `play`, when it cannot be read
   * @throws InvalidWavError from `play`, when it is not a WAV that can be played
   */
  file(path: string | URL): Prompt;
  /**
   * Audio in memory. Without `format`, a WAV file or raw mu-law at 8 kHz.
   *
   * @param bytes - the audio; must not change afterwards
   * @param format - what raw bytes are
   */
  bytes(bytes: Uint8Array, format?: AudioFormat): Prompt;
  /**
   * Audio that is being made; can be played once.
   *
   * @param pieces - pieces of any size
   * @param format - what raw bytes are; without it a WAV, or raw mu-law at 8 kHz
   */
  stream(pieces: AudioPieces, format?: AudioFormat): Prompt;
  /**
   * Silence.
   *
   * @param durationMs - how long, in ms
   */
  silence(durationMs: number): Prompt;
  /**
   * A plain tone.
   *
   * @param options - its pitch and length
   */
  tone(options: ToneOptions): Prompt;
}
