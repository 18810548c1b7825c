// Audio in pieces, converted to mu-law at 8 kHz on the way. What the pieces are is given, or seen from the first bytes:
// a WAV header, else raw mu-law. Texts among the pieces go through with the place in the audio at which they stand.
import { type AudioConverter, createAudioConverter } from '../audio/audio-converter.ts';
import { type AudioFormat, MULAW_8K } from '../audio/audio-format.ts';
import { sampleBytes } from '../audio/wav.ts';
import { createWavStreamReader, type WavStreamReader } from '../audio/wav-stream-reader.ts';
import { FairTurns } from './fair-turns.ts';
import { checkPiece } from './play-source.ts';
import type { AudioPieces, SpokenText } from './prompt.ts';

const SNIFF_BYTES = 4;
const RIFF = 'RIFF';

/** Whether a piece is text. */
export function isSpokenText(piece: Uint8Array | SpokenText): piece is SpokenText {
  return !(piece instanceof Uint8Array);
}

/**
 * Converts pieces as they come. Ending early calls the source's `return()`.
 *
 * @param signal - aborted when the audio is no longer wanted: a source that gives nothing would never be left otherwise
 */
export async function* toMulawPieces(
  pieces: AudioPieces,
  format: AudioFormat | undefined,
  signal?: AbortSignal,
): AsyncGenerator<Uint8Array | SpokenText> {
  let converter: AudioConverter | undefined;
  let wav: WavStreamReader | undefined;
  let start = Buffer.alloc(0);
  let bytesPerMs = 0;
  let takenBytes = 0;

  const convertFrom = (from: AudioFormat): AudioConverter => {
    bytesPerMs = (sampleBytes(from.encoding) * from.sampleRateHz) / 1000;
    return createAudioConverter({ from, to: MULAW_8K });
  };
  if (format !== undefined) converter = convertFrom(format);

  const turns = new FairTurns();
  for await (const next of pieces) {
    const others = turns.next();
    if (others !== undefined) await others;
    if (signal?.aborted === true) return;
    let piece = checkPiece(next);
    if (isSpokenText(piece)) {
      yield { text: piece.text, atMs: piece.atMs ?? (bytesPerMs === 0 ? 0 : takenBytes / bytesPerMs) };
      continue;
    }
    if (converter === undefined && wav === undefined) {
      start = Buffer.concat([start, piece]);
      if (start.length < SNIFF_BYTES) continue;
      if (start.toString('latin1', 0, SNIFF_BYTES) === RIFF) wav = createWavStreamReader();
      else converter = convertFrom(MULAW_8K);
      piece = start;
    }
    if (wav !== undefined) {
      piece = wav.push(piece);
      if (wav.format === undefined) continue;
      converter ??= convertFrom(wav.format);
    }
    if (converter === undefined) continue;
    takenBytes += piece.length;
    const converted = converter.convert(piece);
    if (converted.length > 0) yield converted;
  }
  wav?.end();
  if (converter === undefined) {
    if (start.length > 0) yield start;
    return;
  }
  const rest = converter.flush();
  if (rest.length > 0) yield rest;
}
