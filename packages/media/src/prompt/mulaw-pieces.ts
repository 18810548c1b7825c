// Audio in pieces, converted to mu-law at 8 kHz on the way. Texts among the pieces go through with the place in the audio at
// which they stand.
import { type AudioContainer, identifyAudio, refusedContainer } from '../audio/audio-container.ts';
import { type AudioConverter, createAudioConverter } from '../audio/audio-converter.ts';
import { type AudioFormat, MULAW_8K } from '../audio/audio-format.ts';
import { type AsyncAudioReader, type AudioPiece, type AudioReader, RawReader } from '../audio/audio-reader.ts';
import { sampleBytes } from '../audio/wav.ts';
import { WavReader } from '../audio/wav-reader.ts';
import { FairTurns } from './fair-turns.ts';
import { checkPiece } from './play-source.ts';
import type { AudioPieces, SpokenText } from './prompt.ts';

/** Whether a piece is text. */
export function isSpokenText(piece: Uint8Array | SpokenText): piece is SpokenText {
  return !(piece instanceof Uint8Array);
}

/** Converts audio whose format may change on the way, and knows how much of it there was. */
class MulawConverter {
  #format: AudioFormat | undefined;
  #converter: AudioConverter | undefined;
  #bytesPerMs = 1;
  /** Audio in formats before the current one, in ms. */
  #earlierMs = 0;
  #bytes = 0;

  /** The length of what was taken, in ms. */
  get takenMs(): number {
    return this.#earlierMs + this.#bytes / this.#bytesPerMs;
  }

  *convert({ format, data }: AudioPiece): Generator<Uint8Array> {
    if (format !== this.#format) {
      yield* this.flush();
      this.#earlierMs = this.takenMs;
      this.#bytes = 0;
      this.#bytesPerMs = (sampleBytes(format.encoding) * format.sampleRateHz) / 1000;
      this.#format = format;
      this.#converter = createAudioConverter({ from: format, to: MULAW_8K });
    }
    this.#bytes += data.length;
    const converted = this.#converter?.convert(data);
    if (converted !== undefined && converted.length > 0) yield converted;
  }

  *flush(): Generator<Uint8Array> {
    const rest = this.#converter?.flush();
    if (rest !== undefined && rest.length > 0) yield rest;
  }
}

/**
 * The reader for audio that is said to be of a format. G.711 is never looked into: it may be what a caller sent. PCM may be
 * interrupted by WAV headers, since speech services put one before each sentence.
 */
function readerOf(format: AudioFormat): AudioReader {
  return format.encoding === 'linear16' ? new WavReader({ raw: format }) : new RawReader(format);
}

/** Opens the decoder of a compressed file; gives `undefined` where there is none. */
export type OpenReader = (container: AudioContainer) => Promise<AsyncAudioReader | undefined>;

/** The reader for audio that nothing is said of; `undefined` while more of it is needed to tell. */
async function findReader(
  start: Uint8Array,
  complete: boolean,
  openReader: OpenReader | undefined,
): Promise<AudioReader | AsyncAudioReader | undefined> {
  const found = identifyAudio(start, complete);
  if (found === 'more') return undefined;
  if (found === 'raw') return new RawReader(MULAW_8K);
  if (found.kind === 'wav') return new WavReader();
  const reader = await openReader?.(found);
  if (reader === undefined) throw refusedContainer(found);
  return reader;
}

/** What else {@link toMulawPieces} takes. */
export interface MulawPiecesOptions {
  /** Aborted when the audio is no longer wanted: a source that gives nothing would never be left otherwise. */
  readonly signal?: AbortSignal;
  /** Opens the reader of a container that is no WAV file. Default: such files are refused. */
  readonly openReader?: OpenReader;
}

/** Converts pieces as they come. Ending early calls the source's `return()`, and frees the decoder of a compressed file. */
export async function* toMulawPieces(
  pieces: AudioPieces,
  format: AudioFormat | undefined,
  { signal, openReader }: MulawPiecesOptions = {},
): AsyncGenerator<Uint8Array | SpokenText> {
  let reader: AudioReader | AsyncAudioReader | undefined = format === undefined ? undefined : readerOf(format);
  const converter = new MulawConverter();
  /** What came before it was known what it is. */
  let start: Uint8Array = new Uint8Array(0);

  const turns = new FairTurns();
  try {
    for await (const next of pieces) {
      const others = turns.next();
      if (others !== undefined) await others;
      if (signal?.aborted === true) return;
      let piece = checkPiece(next);
      if (isSpokenText(piece)) {
        yield { text: piece.text, atMs: piece.atMs ?? converter.takenMs };
        continue;
      }
      if (reader === undefined) {
        start = Buffer.concat([start, piece]);
        reader = await findReader(start, false, openReader);
        if (reader === undefined) continue;
        piece = start;
      }
      for await (const audio of reader.push(piece)) yield* converter.convert(audio);
    }
    if (reader === undefined) {
      if (start.length === 0) return;
      reader = await findReader(start, true, openReader);
      for await (const audio of reader?.push(start) ?? []) yield* converter.convert(audio);
    }
    for await (const audio of reader?.end() ?? []) yield* converter.convert(audio);
    yield* converter.flush();
  } finally {
    if (reader !== undefined && 'close' in reader) reader.close();
  }
}
