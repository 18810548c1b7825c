// Compressed audio as mono pieces: in small steps between which other calls run, within bounds that no file can exceed.
import { setImmediate } from 'node:timers/promises';
import { type AudioFormat, isSampleRate } from '../audio/audio-format.ts';
import type { AsyncAudioReader, AudioPiece } from '../audio/audio-reader.ts';
import { MediaError } from '../errors/media-errors.ts';
import type { AudioDecoding, DecodedAudio } from './audio-decoder.ts';

/** What one file or stream may have. */
export interface DecodingLimits {
  /** Decoded audio, in ms. */
  readonly maxDurationMs: number;
  /** Compressed bytes. */
  readonly maxBytes: number;
}

/** Bytes that are decoded in one step: silence is compressed a thousandfold, and a step then gives a minute of it. */
const STEP_BYTES = 256;
/** Samples that are handed on, and converted, in one step. */
const PIECE_SAMPLES = 8192;
/** The time, in ms, after which the reader lets other work run before its next step. */
const TURN_MS = 4;

function failed(message: string, cause?: unknown): MediaError {
  return new MediaError({ code: 'PROMPT_FAILED', message, cause });
}

/** Mixes samples from `from` to before `to` of all channels to 16-bit little-endian ones. */
function toMono(channels: readonly Float32Array[], from: number, to: number): Uint8Array {
  const mono = new Uint8Array((to - from) * 2);
  for (let index = from, at = 0; index < to; index += 1, at += 2) {
    let sum = 0;
    for (const channel of channels) sum += channel[index] ?? 0;
    // A sample that is no number becomes silence.
    const sample = Math.max(-32_768, Math.min(32_767, Math.round((sum / channels.length) * 32_768))) | 0;
    mono[at] = sample & 0xff;
    mono[at + 1] = (sample >> 8) & 0xff;
  }
  return mono;
}

/** Reads one compressed file or stream. */
export class DecodingReader implements AsyncAudioReader {
  readonly #name: string;
  readonly #decoding: AudioDecoding;
  readonly #limits: DecodingLimits;
  #bytes = 0;
  #durationMs = 0;
  #format: AudioFormat | undefined;
  #turnEndsAt = 0;

  /** @param name - the kind of file, with its article, for errors */
  constructor(name: string, decoding: AudioDecoding, limits: DecodingLimits) {
    this.#name = name;
    this.#decoding = decoding;
    this.#limits = limits;
  }

  async *push(bytes: Uint8Array): AsyncGenerator<AudioPiece> {
    this.#bytes += bytes.length;
    if (this.#bytes > this.#limits.maxBytes) {
      throw failed(`The audio is ${this.#name} of more than ${this.#limits.maxBytes} bytes; maxBytes is the limit.`);
    }
    for (let at = 0; at < bytes.length; at += STEP_BYTES) {
      const step = bytes.subarray(at, at + STEP_BYTES);
      yield* this.#attempt(() => this.#decoding.decode(step));
    }
  }

  async *end(): AsyncGenerator<AudioPiece> {
    yield* this.#attempt(() => this.#decoding.flush());
    if (this.#format === undefined) throw failed(`The audio is ${this.#name}, in which nothing can be decoded.`);
  }

  close(): void {
    this.#decoding.close();
  }

  async *#attempt(decode: () => DecodedAudio | Promise<DecodedAudio>): AsyncGenerator<AudioPiece> {
    await this.#takeTurn();
    let audio: DecodedAudio;
    try {
      audio = await decode();
    } catch (cause) {
      throw failed(`The audio is ${this.#name} that cannot be decoded; see its cause.`, cause);
    }
    const { channels } = audio;
    const samples = channels[0]?.length ?? 0;
    if (samples === 0) return;
    const format = this.#formatOf(audio.sampleRateHz);
    this.#durationMs += (samples / format.sampleRateHz) * 1000;
    if (this.#durationMs > this.#limits.maxDurationMs) {
      throw failed(`The audio is longer than ${this.#limits.maxDurationMs} ms; maxDurationMs is the limit.`);
    }
    for (let from = 0; from < samples; from += PIECE_SAMPLES) {
      await this.#takeTurn();
      yield { format, data: toMono(channels, from, Math.min(samples, from + PIECE_SAMPLES)) };
    }
  }

  /** Lets other work run when this reader has been busy for its time. */
  async #takeTurn(): Promise<void> {
    if (performance.now() <= this.#turnEndsAt) return;
    await setImmediate();
    this.#turnEndsAt = performance.now() + TURN_MS;
  }

  #formatOf(sampleRateHz: number): AudioFormat {
    if (!isSampleRate(sampleRateHz)) {
      throw failed(`The audio is ${this.#name} of ${sampleRateHz} samples a second; 8000 to 96000 can be played.`);
    }
    if (this.#format?.sampleRateHz !== sampleRateHz) this.#format = { encoding: 'linear16', sampleRateHz };
    return this.#format;
  }
}
