// What an agent can say: files, bytes and streams, all opened as mu-law at 8 kHz. A prompt that does not change is
// converted once and kept, and so are bytes that come again.
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { identifyAudio } from '../audio/audio-container.ts';
import { type AudioFormat, checkAudioFormat, MULAW_8K } from '../audio/audio-format.ts';
import { readWav } from '../audio/read-wav.ts';
import { tone } from '../audio/tone.ts';
import { InvalidWavError } from '../audio/wav-errors.ts';
import { MediaError } from '../errors/media-errors.ts';
import { checkBytes, checkFacts, checkPath, checkPieces, checkSilence, checkTone } from './check-prompt.ts';
import { toMulawPieces } from './mulaw-pieces.ts';
import { ownBytes } from './own-bytes.ts';
import { checkAudio, checkMaterial, isPrompt, readFacts } from './play-source.ts';
import { createPromptCache, type PromptCache } from './prompt-cache.ts';

/**
 * What is said from here on, among the pieces of a source: give one before the audio of each word or sentence, or as the
 * text-to-speech service tells its timings. From it `play` and `barge_in` know which text the caller heard.
 */
export interface SpokenText {
  /** As it is to be put together with the texts before and after it: with its spaces. */
  readonly text: string;
  /** Where in the audio of this source it begins, in ms. Default: where it stands among the pieces. */
  readonly atMs?: number | undefined;
}

/** Audio of a prompt, mu-law at 8 kHz: whole, or in pieces as they are made, with the text where it is known. */
export type PromptAudio = Uint8Array | AsyncIterable<Uint8Array | SpokenText>;

/**
 * Something to say, as `session.play` and the prompts of `collectDigits`, `menu` and `listen` take it. Made by
 * {@link prompt}; implement it to bring a source of your own, such as a text-to-speech service.
 */
export interface Prompt {
  /** Whether it can be opened again: only then can it be repeated to a caller who did not react. */
  readonly replayable: boolean;
  /** Its name in results and events. */
  readonly label?: string | undefined;
  /** What it says. */
  readonly text?: string | undefined;
  /**
   * Gives the audio, mu-law at 8 kHz.
   *
   * @param signal - aborted when the audio is no longer wanted
   */
  open(signal: AbortSignal): Promise<PromptAudio>;
}

/**
 * Audio in pieces of any size, as a stream, a generator or a Node `Readable` gives it, and, where it is known, what is
 * said in it.
 *
 * @example
 * ```ts
 * import { type AudioPieces, MediaServer } from '@byova/media';
 *
 * async function* speak(words: string[]): AudioPieces {
 *   for (const word of words) {
 *     yield { text: `${word} ` };
 *     yield new Uint8Array(2400).fill(0xff); // the word's audio
 *   }
 * }
 * const server = new MediaServer({ agents: [{ id: 'reception', name: 'Reception' }] });
 * server.on('session_start', async ({ session, log }) => {
 *   const played = await session.play(() => speak(['Good', 'morning']));
 *   log.info({ heard: played.heardText }, 'played');
 * });
 * ```
 */
export type AudioPieces = AsyncIterable<Uint8Array | SpokenText> | Iterable<Uint8Array | SpokenText>;

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

const cache = createPromptCache();

/** Of mu-law at 8 kHz. */
const BYTES_PER_MS = 8;

/** Gives bytes as they are played; none of the memory of `given` is in the result. A format says that they are raw. */
function toMulaw(given: object, bytes: Uint8Array, format: AudioFormat | undefined): Uint8Array {
  // Without a format they may be a file.
  const raw = format !== undefined || identifyAudio(bytes, true) === 'raw';
  const audio = raw ? { data: bytes, format: format ?? MULAW_8K } : readWav(bytes);
  const { encoding, sampleRateHz } = audio.format;
  if (encoding === MULAW_8K.encoding && sampleRateHz === MULAW_8K.sampleRateHz) return ownBytes(given, audio.data);
  return cache.toMulaw(audio.data, audio.format);
}

/** Each prompt that reads a file has it in memory, even where nothing is converted. */
export function fileToMulaw(bytes: Uint8Array, name: string): Uint8Array {
  if (identifyAudio(bytes, true) === 'raw') {
    throw new InvalidWavError(
      `The prompt file ${name} is no WAV file.`,
      'If it is raw audio, read it and give prompt.bytes(bytes, format).',
    );
  }
  const audio = readWav(bytes);
  return cache.toMulaw(audio.data, audio.format);
}

/** The audio of prompts that do not change and were opened before. */
const loaded = new WeakMap<Prompt, Uint8Array>();

/** A prompt whose audio is made once; a failure is not kept, so that the next play tries again. */
export function fixedPrompt(load: () => Promise<Uint8Array> | Uint8Array, facts: PromptFacts = {}): Prompt {
  let loading: Promise<Uint8Array> | undefined;
  const fixed: Prompt = {
    ...facts,
    replayable: true,
    open() {
      loading ??= (async () => load())().then(
        (audio) => {
          loaded.set(fixed, audio);
          return audio;
        },
        (error: unknown) => {
          loading = undefined;
          throw error;
        },
      );
      return loading;
    },
  };
  return fixed;
}

/** A prompt that reads a file at its first play, and what makes its bytes mu-law. */
export function filePrompt(
  path: string | URL,
  facts: PromptFacts | undefined,
  toAudio: (bytes: Uint8Array, name: string) => Promise<Uint8Array> | Uint8Array,
): Prompt {
  checkPath(path);
  const load = async (): Promise<Uint8Array> => {
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
    return toAudio(bytes, String(path));
  };
  const label = basename(path instanceof URL ? path.pathname : path);
  return fixedPrompt(load, { label, ...checkFacts('prompt.file', facts) });
}

/** A source that is open: its audio, and what is known of it. */
export interface OpenedSource {
  readonly audio: PromptAudio;
  readonly label: string | undefined;
  readonly text: string | undefined;
}

const NO_FACTS = Object.freeze({ label: undefined, text: undefined });

/** Opens what needs no waiting: bytes, and a prompt that was opened before. `undefined` for everything else. */
export function openNow(source: PlaySource, format: AudioFormat | undefined): OpenedSource | undefined {
  if (typeof source === 'function') return undefined;
  const material = checkMaterial(source);
  if (material instanceof Uint8Array) return { audio: toMulaw(source, material, format), ...NO_FACTS };
  if (!isPrompt(material)) return undefined;
  const audio = loaded.get(material);
  return audio === undefined ? undefined : { audio, ...readFacts(material) };
}

/** Opens a source of `play`. A `format` says that bytes are raw; without one they are a WAV file, or mu-law at 8 kHz. */
export async function openSource(
  source: PlaySource,
  format: AudioFormat | undefined,
  signal: AbortSignal,
): Promise<OpenedSource> {
  const given = typeof source === 'function' ? await source({ signal }) : source;
  const material = checkMaterial(given);
  if (material instanceof Uint8Array) return { audio: toMulaw(given, material, format), ...NO_FACTS };
  if (!isPrompt(material)) return { audio: toMulawPieces(material, format, { signal }), ...NO_FACTS };
  const facts = readFacts(material);
  const opened = await material.open(signal);
  const audio = checkAudio(opened);
  // The audio of a prompt that was made here is nobody else's.
  const own = loaded.get(material);
  if (own !== undefined || !(audio instanceof Uint8Array)) return { audio: own ?? audio, ...facts };
  return { audio: ownBytes(opened, audio), ...facts };
}

/** Whether a source can be played a second time. One that throws when it is asked is played once. */
export function isReplayable(source: PlaySource): boolean {
  if (typeof source === 'function') return false;
  try {
    return source instanceof Uint8Array || (isPrompt(source) && source.replayable === true);
  } catch {
    return false;
  }
}

/**
 * Makes prompts. Every kind is converted to what the platform plays (G.711 mu-law, 8 kHz, mono). WAV files may be mu-law,
 * A-law, PCM of 8, 16, 24 or 32 bits, or floating point of 32 or 64 bits, at 8 to 96 kHz; channels are mixed. Audio without
 * a header is mu-law, A-law or 16-bit PCM.
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
  file: (path: string | URL, facts?: PromptFacts) => filePrompt(path, facts, fileToMulaw),
  bytes(bytes: Uint8Array, format?: AudioFormat, facts?: PromptFacts) {
    checkBytes(bytes);
    const known = format === undefined ? undefined : checkAudioFormat(format, 'prompt.bytes: format');
    return fixedPrompt(() => toMulaw(bytes, checkBytes(bytes), known), checkFacts('prompt.bytes', facts));
  },
  stream(pieces: AudioPieces, format?: AudioFormat, facts?: PromptFacts) {
    checkPieces(pieces);
    const known = format === undefined ? undefined : checkAudioFormat(format, 'prompt.stream: format');
    return {
      ...checkFacts('prompt.stream', facts),
      replayable: false,
      open: async (signal: AbortSignal) => toMulawPieces(pieces, known, { signal }),
    };
  },
  silence(durationMs: number) {
    const length = Math.round(checkSilence(durationMs) * BYTES_PER_MS);
    return fixedPrompt(() => new Uint8Array(length).fill(0xff));
  },
  tone(options: ToneOptions) {
    const checked = checkTone(options);
    return fixedPrompt(() => tone(checked));
  },
  cache,
});

/** What is known of a prompt besides its audio. */
export interface PromptFacts {
  /** Its name in results and events. Default: none; the name of the file for `prompt.file`. */
  readonly label?: string | undefined;
  /** What it says, for `heardText`. Default: not known. */
  readonly text?: string | undefined;
}

/** A tone. */
export interface ToneOptions {
  /** In Hz, below 4000. */
  readonly frequencyHz: number;
  /** In ms. */
  readonly durationMs: number;
}

/** The kinds of prompt; see {@link prompt}. */
export interface PromptFactory {
  /** What was converted and is kept, for all prompts and calls of the process. */
  readonly cache: PromptCache;
  /**
   * A WAV file. Read and converted at its first play, then kept. For a file of raw audio, read it and give
   * `prompt.bytes(bytes, format)`.
   *
   * @param path - absolute, or relative to the working directory; a file URL for a file beside the program:
   *   `new URL('./welcome.wav', import.meta.url)`
   * @param facts - what it says, and its name
   * @throws MediaError with code `PROMPT_FAILED`, from `play`, when it cannot be read
   * @throws InvalidWavError from `play`, when it is not a WAV that can be played; the message names what it is
   */
  file(path: string | URL, facts?: PromptFacts): Prompt;
  /**
   * Audio in memory. With a `format` it is raw, whatever its bytes are: give `MULAW_8K` for audio of a caller, which may
   * begin with a header. Without one it is identified by its first bytes: a WAV file, a file of another kind, which is
   * refused, or else raw mu-law at 8 kHz.
   *
   * @param bytes - the audio; must not change afterwards
   * @param format - the coding of raw audio. Default: identified
   * @param facts - what it says, and its name
   * @throws MediaError `OPTIONS_INVALID` for a format that cannot be
   * @throws InvalidWavError from `play`, when it is a file that cannot be played
   */
  bytes(bytes: Uint8Array, format?: AudioFormat, facts?: PromptFacts): Prompt;
  /**
   * Audio that is being made; can be played once. Without a `format` it is identified as by {@link PromptFactory.bytes}.
   * WAV files may follow one another, each in its own format, as speech services send one for each sentence; a header
   * between raw pieces of linear16 starts such a file too. Mu-law and A-law with a `format` are never looked into.
   *
   * @param pieces - pieces of any size
   * @param format - the coding of raw audio. Default: identified
   * @param facts - what it says, where the pieces do not tell, and its name
   * @throws MediaError `OPTIONS_INVALID` for a format that cannot be
   * @throws InvalidWavError from `play`, when a file in it cannot be played; what came before is played
   */
  stream(pieces: AudioPieces, format?: AudioFormat, facts?: PromptFacts): Prompt;
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
