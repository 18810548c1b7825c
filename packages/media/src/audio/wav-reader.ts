// The one reader of WAV files: takes bytes cut anywhere and finds the audio in them, of one file or of many that follow
// one another, as speech services send a file for each sentence.
import type { AudioFormat } from './audio-format.ts';
import type { AudioPiece, AudioReader } from './audio-reader.ts';
import { sampleBytes } from './wav.ts';
import { InvalidWavError } from './wav-errors.ts';
import { FORMAT_BYTES, WavFormat } from './wav-format.ts';

/** What a {@link WavReader} is made from. */
export interface WavReaderOptions {
  /**
   * The format of audio that has no header: the stream may begin with it, and a WAV header ends it. Default: the stream
   * has to begin with a header.
   */
  readonly raw?: AudioFormat | undefined;
}

const RIFF = Buffer.from('RIFF', 'latin1');
const WAVE = 'WAVE';
const RIFF_BYTES = 12;
const CHUNK_HEAD_BYTES = 8;
/** The size of a data chunk whose writer did not know it; zero means the same. */
const STREAMING_SIZE = 0xffff_ffff;
const NOTHING = new Uint8Array(0);

function textAt(bytes: Uint8Array, start: number, end: number): string {
  return String.fromCharCode(...bytes.subarray(start, end));
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  if (first.length === 0) return second;
  const whole = new Uint8Array(first.length + second.length);
  whole.set(first);
  whole.set(second, first.length);
  return whole;
}

/**
 * The offset of the first RIFF/WAVE header, or of last bytes that may be its beginning; else the length.
 *
 * @param complete - true when nothing follows: the beginning of a header is audio then
 */
function findHeader(bytes: Uint8Array, complete: boolean): number {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = buffer.indexOf(RIFF); at !== -1; at = buffer.indexOf(RIFF, at + 1)) {
    const form = buffer.toString('latin1', at + 8, at + RIFF_BYTES);
    if (complete ? form === WAVE : WAVE.startsWith(form)) return at;
  }
  if (complete) return buffer.length;
  for (let length = Math.min(RIFF.length - 1, buffer.length); length > 0; length -= 1) {
    if (buffer.subarray(buffer.length - length).equals(RIFF.subarray(0, length))) return buffer.length - length;
  }
  return buffer.length;
}

/**
 * Reads WAV files from a stream of bytes. A RIFF/WAVE header starts a new file wherever it stands, also in audio whose
 * length is not known (0 or 0xFFFFFFFF) or was announced too long. Chunks other than `fmt ` and `data` are skipped. Beside
 * the bytes it is given the reader keeps less than 300.
 *
 * @example
 * ```ts
 * import { MULAW_8K, WavReader, writeWav } from '@byova/media/audio';
 *
 * const reader = new WavReader();
 * const two = [writeWav(new Uint8Array(80), MULAW_8K), writeWav(new Uint8Array(40), MULAW_8K)];
 * const pieces = [...reader.push(Buffer.concat(two)), ...reader.end()];
 * console.log(pieces.map(({ data }) => data.length)); // [ 80, 40 ]
 * ```
 */
export class WavReader implements AudioReader {
  #state: 'riff' | 'chunk' | 'format' | 'skip' | 'audio' | 'after' = 'riff';
  /** The part of a header that has come. */
  readonly #head = new Uint8Array(FORMAT_BYTES);
  #headBytes = 0;
  /** Bytes of the current chunk that are still to come, without its padding. */
  #left = 0;
  /** True behind a chunk of odd size, which a zero should follow; some writers leave it out. */
  #padded = false;
  /** The format of the file whose header is being read, then of the audio. */
  #coding: WavFormat | undefined;
  /** Audio without a header has no {@link WavFormat}. */
  #format: AudioFormat | undefined;
  #frameBytes = 1;
  #began = false;
  /** The end of the audio so far that may be the beginning of a header. */
  #held: Uint8Array = NOTHING;
  /** The beginning of a frame that was cut. */
  #partial: Uint8Array = NOTHING;
  #complete = false;
  #failure: InvalidWavError | undefined;

  constructor({ raw }: WavReaderOptions = {}) {
    if (raw === undefined) return;
    this.#format = raw;
    this.#frameBytes = sampleBytes(raw.encoding);
    this.#left = Number.POSITIVE_INFINITY;
    this.#state = 'audio';
    this.#began = true;
  }

  /** The format of the audio that is being read; `undefined` before the first of it. */
  get format(): AudioFormat | undefined {
    return this.#began ? this.#format : undefined;
  }

  /**
   * Takes the next bytes and gives the audio in them. The audio before a header that cannot be used is given first; the
   * error is thrown by the next call then.
   *
   * @throws InvalidWavError when a header cannot be used
   */
  push(bytes: Uint8Array): readonly AudioPiece[] {
    if (this.#failure !== undefined) throw this.#failure;
    const pieces: AudioPiece[] = [];
    try {
      this.#read(bytes, pieces);
    } catch (error) {
      if (!(error instanceof InvalidWavError)) throw error;
      this.#failure = error;
      if (pieces.length === 0) throw error;
    }
    return pieces;
  }

  /**
   * Ends the stream and gives the rest of its audio; half a frame is dropped.
   *
   * @param last - the last bytes of the stream, for a file that is there as a whole. Default: none
   * @throws InvalidWavError when no audio began, or a header could not be used
   */
  end(last: Uint8Array = NOTHING): readonly AudioPiece[] {
    if (this.#failure !== undefined) throw this.#failure;
    this.#complete = true;
    const pieces: AudioPiece[] = [];
    const rest = joined(this.#held, last);
    this.#held = NOTHING;
    this.#read(rest, pieces);
    if (!this.#began) throw new InvalidWavError('The WAV file ended before its audio began.');
    return pieces;
  }

  #read(bytes: Uint8Array, pieces: AudioPiece[]): void {
    let rest = bytes;
    while (rest.length > 0) {
      if (this.#state === 'audio' || this.#state === 'after') rest = this.#readAudio(rest, pieces);
      else if (this.#state === 'skip') rest = this.#skip(rest);
      else rest = this.#readHead(rest);
    }
  }

  /** Takes audio up to the next header; gives what is left from there on. */
  #readAudio(bytes: Uint8Array, pieces: AudioPiece[]): Uint8Array {
    const all = joined(this.#held, bytes);
    const end = findHeader(all, this.#complete);
    this.#held = NOTHING;
    if (this.#state === 'audio') this.#take(all.subarray(0, end), pieces);
    if (all.length - end < RIFF_BYTES) {
      // Copied: the source may use its bytes again.
      this.#held = all.slice(end);
      return NOTHING;
    }
    this.#partial = NOTHING;
    this.#start('riff');
    return all.subarray(end);
  }

  /** Gives audio in whole frames, no more than the data chunk has. */
  #take(bytes: Uint8Array, pieces: AudioPiece[]): void {
    const own = bytes.length <= this.#left ? bytes : bytes.subarray(0, this.#left);
    this.#left -= own.length;
    const all = joined(this.#partial, own);
    const whole = all.length - (all.length % this.#frameBytes);
    this.#partial = whole === all.length ? NOTHING : all.slice(whole);
    if (this.#left === 0) this.#state = 'after';
    if (whole === 0 || this.#format === undefined) return;
    const frames = all.subarray(0, whole);
    pieces.push({ format: this.#format, data: this.#coding?.toMono(frames) ?? frames });
  }

  #skip(bytes: Uint8Array): Uint8Array {
    const skipped = Math.min(bytes.length, this.#left);
    this.#left -= skipped;
    if (this.#left === 0) this.#start('chunk');
    return bytes.subarray(skipped);
  }

  #start(state: 'riff' | 'chunk' | 'format'): void {
    this.#state = state;
    this.#headBytes = 0;
  }

  /** Collects a part of a header; looks at it when it is whole. */
  #readHead(bytes: Uint8Array): Uint8Array {
    if (this.#padded && this.#state === 'chunk') {
      this.#padded = false;
      if (bytes[0] === 0) return bytes.subarray(1);
    }
    const wanted = this.#headSize();
    const taken = bytes.subarray(0, wanted - this.#headBytes);
    this.#head.set(taken, this.#headBytes);
    this.#headBytes += taken.length;
    if (this.#headBytes === wanted) this.#look();
    return bytes.subarray(taken.length);
  }

  #headSize(): number {
    if (this.#state === 'riff') return RIFF_BYTES;
    return this.#state === 'chunk' ? CHUNK_HEAD_BYTES : Math.min(this.#left, FORMAT_BYTES);
  }

  #look(): void {
    const head = this.#head.subarray(0, this.#headBytes);
    if (this.#state === 'riff') this.#lookAtRiff(head);
    else if (this.#state === 'chunk') this.#lookAtChunk(head);
    else {
      this.#coding = new WavFormat(head);
      this.#left -= head.length;
      if (this.#left === 0) this.#start('chunk');
      else this.#state = 'skip';
    }
  }

  #lookAtRiff(head: Uint8Array): void {
    if (textAt(head, 0, 4) !== 'RIFF' || textAt(head, 8, RIFF_BYTES) !== WAVE) {
      throw new InvalidWavError('The audio does not begin with a WAV header.');
    }
    this.#coding = undefined;
    this.#start('chunk');
  }

  #lookAtChunk(head: Uint8Array): void {
    const id = textAt(head, 0, 4);
    if (id === 'RIFF') {
      // The next file, after one that had no audio: four of its bytes are still to come.
      this.#state = 'riff';
      return;
    }
    const size = new DataView(head.buffer, head.byteOffset, head.byteLength).getUint32(4, true);
    if (id === 'data') {
      this.#startAudio(size);
      return;
    }
    this.#left = size;
    this.#padded = size % 2 === 1;
    if (id === 'fmt ') {
      if (size === 0) throw new InvalidWavError('The format chunk of the WAV file is too short.');
      this.#start('format');
    } else if (size === 0) this.#start('chunk');
    else this.#state = 'skip';
  }

  #startAudio(size: number): void {
    if (this.#coding === undefined) throw new InvalidWavError('The WAV file has no format chunk before its audio.');
    const { format, frameBytes } = this.#coding;
    const before = this.#format;
    const same = before?.encoding === format.encoding && before.sampleRateHz === format.sampleRateHz;
    if (!same) this.#format = format;
    this.#frameBytes = frameBytes;
    this.#left = size === 0 || size === STREAMING_SIZE ? Number.POSITIVE_INFINITY : size;
    this.#state = 'audio';
    this.#began = true;
  }
}
