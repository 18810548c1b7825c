// Prompts from compressed files, by decoders that the program names.
import { type AudioContainer, identifyAudio } from '../audio/audio-container.ts';
import type { AsyncAudioReader } from '../audio/audio-reader.ts';
import { checkMembers } from '../checks/check-members.ts';
import { MediaError } from '../errors/media-errors.ts';
import { checkBytes, checkFacts, checkPieces } from '../prompt/check-prompt.ts';
import { isSpokenText, toMulawPieces } from '../prompt/mulaw-pieces.ts';
import {
  type AudioPieces,
  filePrompt,
  fileToMulaw,
  fixedPrompt,
  type Prompt,
  type PromptFacts,
  prompt,
} from '../prompt/prompt.ts';
import type { AudioDecoder } from './audio-decoder.ts';
import { type DecodingLimits, DecodingReader } from './decoding-reader.ts';

/** What {@link DecodingPrompts} are made from. */
export interface DecodingPromptsOptions {
  /** The decoders, one for each kind of file that is to be played. */
  readonly decoders: readonly AudioDecoder[];
  /** The longest audio of one prompt, in ms, at most 3 600 000; a longer one is `PROMPT_FAILED`. Default 600 000. */
  readonly maxDurationMs?: number;
  /** The largest compressed file or stream, in bytes; a larger one is `PROMPT_FAILED`. Default 16 777 216. */
  readonly maxBytes?: number;
}

const MAX_DURATION_MS = 3_600_000;
const KINDS: readonly unknown[] = ['mp3', 'ogg-vorbis', 'ogg-opus', 'flac'];
const MEMBERS = ['decoders', 'maxDurationMs', 'maxBytes'] as const;

function invalid(message: string): MediaError {
  return new MediaError({ code: 'OPTIONS_INVALID', message: `DecodingPrompts: ${message}` });
}

function checkLimit(value: unknown, name: string, most: number): number {
  if (Number.isSafeInteger(value) && typeof value === 'number' && value >= 1 && value <= most) return value;
  throw invalid(`${name} is ${String(value)}; give a whole number from 1 to ${most}.`);
}

function checkDecoders(decoders: readonly AudioDecoder[]): ReadonlyMap<string, AudioDecoder> {
  if (!Array.isArray(decoders) || decoders.length === 0) throw invalid('decoders is no list of at least one decoder.');
  const byKind = new Map<string, AudioDecoder>();
  for (const decoder of decoders) {
    if (!KINDS.includes(decoder?.kind) || typeof decoder.open !== 'function') {
      throw invalid('a decoder is none; give what mp3(), vorbis(), opus() and flac() give.');
    }
    if (byKind.has(decoder.kind)) throw invalid(`there are two decoders for ${decoder.kind}.`);
    byKind.set(decoder.kind, decoder);
  }
  return byKind;
}

/**
 * Makes prompts as `prompt` does, of compressed files too: MP3, Ogg Vorbis, Ogg Opus and FLAC, each by a decoder of a package
 * that your program installs. What is no compressed file is taken as `prompt` takes it without a format. Audio is decoded
 * in steps of a few ms, as it arrives; a prompt of a file or of bytes is decoded at its first play, then kept.
 *
 * @example
 * ```ts
 * import { DecodingPrompts, mp3, opus } from '@byova/media/decoders';
 *
 * const compressed = new DecodingPrompts({ decoders: [mp3(), opus()] });
 * const welcome = compressed.file('/srv/prompts/welcome.mp3');
 * console.log(welcome.label, welcome.replayable); // welcome.mp3 true
 * ```
 */
export class DecodingPrompts {
  readonly #decoders: ReadonlyMap<string, AudioDecoder>;
  readonly #limits: DecodingLimits;

  /** @throws MediaError `OPTIONS_INVALID` */
  constructor(options: DecodingPromptsOptions) {
    const checked = checkMembers('DecodingPrompts', options, MEMBERS);
    const { decoders, maxDurationMs = 600_000, maxBytes = 16_777_216 } = checked;
    this.#decoders = checkDecoders(decoders);
    this.#limits = Object.freeze({
      maxDurationMs: checkLimit(maxDurationMs, 'maxDurationMs', MAX_DURATION_MS),
      maxBytes: checkLimit(maxBytes, 'maxBytes', Number.MAX_SAFE_INTEGER),
    });
  }

  /**
   * An audio file. Read and decoded at its first play, then kept.
   *
   * @param path - absolute, or relative to the working directory; or a file URL
   * @param facts - what it says, and its name
   * @throws MediaError `OPTIONS_INVALID`; with code `PROMPT_FAILED`, from `play`, when it cannot be read or decoded, or is over a limit
   * @throws InvalidWavError from `play`, when it is no audio file, or one that no decoder was given for
   */
  file(path: string | URL, facts?: PromptFacts): Prompt {
    return filePrompt(path, facts, (bytes, name) =>
      this.#isDecoded(bytes) ? this.#decodeAll(bytes) : fileToMulaw(bytes, name),
    );
  }

  /**
   * Audio in memory, identified by its first bytes. For raw audio with a format use `prompt.bytes`.
   *
   * @param bytes - the audio; must not change afterwards
   * @param facts - what it says, and its name
   * @throws MediaError `OPTIONS_INVALID`; with code `PROMPT_FAILED`, from `play`, when it cannot be decoded, or is over a limit
   * @throws InvalidWavError from `play`, when it is a file that no decoder was given for
   */
  bytes(bytes: Uint8Array, facts?: PromptFacts): Prompt {
    const maker = 'DecodingPrompts.bytes';
    if (!this.#isDecoded(checkBytes(bytes, maker))) return prompt.bytes(bytes, undefined, facts);
    return fixedPrompt(() => this.#decodeAll(checkBytes(bytes, maker)), checkFacts(maker, facts));
  }

  /**
   * Audio that is being made, such as the MP3 of a speech service; identified by its first bytes, and can be played once.
   *
   * @param pieces - pieces of any size
   * @param facts - what it says, where the pieces do not tell, and its name
   * @throws MediaError `OPTIONS_INVALID`; with code `PROMPT_FAILED`, from `play`, when it cannot be decoded, or is over a limit
   * @throws InvalidWavError from `play`, when it is a file that no decoder was given for
   */
  stream(pieces: AudioPieces, facts?: PromptFacts): Prompt {
    const maker = 'DecodingPrompts.stream';
    checkPieces(pieces, maker);
    return {
      ...checkFacts(maker, facts),
      replayable: false,
      open: async (signal) => toMulawPieces(pieces, undefined, { signal, openReader: this.#openReader }),
    };
  }

  #isDecoded(bytes: Uint8Array): boolean {
    const found = identifyAudio(bytes, true);
    return typeof found === 'object' && this.#decoders.has(found.kind);
  }

  readonly #openReader = async ({ kind, name }: AudioContainer): Promise<AsyncAudioReader | undefined> => {
    const decoder = this.#decoders.get(kind);
    return decoder && new DecodingReader(name, await decoder.open(), this.#limits);
  };

  async #decodeAll(bytes: Uint8Array): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of toMulawPieces([bytes], undefined, { openReader: this.#openReader })) {
      if (!isSpokenText(piece)) pieces.push(piece);
    }
    return Buffer.concat(pieces);
  }
}
