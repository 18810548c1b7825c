// Audio in pieces, converted to mu-law at 8 kHz on the way. What the pieces are is given, or seen from the first bytes:
// a WAV header, else raw mu-law.
import { type AudioConverter, createAudioConverter } from '../audio/audio-converter.ts';
import { type AudioFormat, MULAW_8K } from '../audio/audio-format.ts';
import { createWavStreamReader, type WavStreamReader } from '../audio/wav-stream-reader.ts';
import { MediaError } from '../errors/media-errors.ts';

const SNIFF_BYTES = 4;
const RIFF = 'RIFF';

type Pieces = AsyncIterable<Uint8Array> | Iterable<Uint8Array>;

function checkPiece(piece: unknown): Uint8Array {
  if (piece instanceof Uint8Array) return piece;
  throw new MediaError({
    code: 'PROMPT_FAILED',
    message: `A piece of audio was a ${typeof piece}. A source must give Uint8Array pieces (a Buffer is one).`,
  });
}

/** Converts pieces as they come. Ending early calls the source's `return()`. */
export async function* toMulawPieces(pieces: Pieces, format: AudioFormat | undefined): AsyncGenerator<Uint8Array> {
  let converter: AudioConverter | undefined =
    format === undefined ? undefined : createAudioConverter({ from: format, to: MULAW_8K });
  let wav: WavStreamReader | undefined;
  let start = Buffer.alloc(0);

  for await (const next of pieces) {
    let piece = checkPiece(next);
    if (converter === undefined && wav === undefined) {
      start = Buffer.concat([start, piece]);
      if (start.length < SNIFF_BYTES) continue;
      if (start.toString('latin1', 0, SNIFF_BYTES) === RIFF) wav = createWavStreamReader();
      else converter = createAudioConverter({ from: MULAW_8K, to: MULAW_8K });
      piece = start;
    }
    if (wav !== undefined) {
      piece = wav.push(piece);
      if (wav.format === undefined) continue;
      converter ??= createAudioConverter({ from: wav.format, to: MULAW_8K });
    }
    if (converter === undefined) continue;
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
