// Takes RIFF/WAVE files apart: chunks in any order, odd sizes padded or not, and the sizes 0 and 0xFFFFFFFF that a writer
// leaves when it did not know the length ("to the end of the file").

/** Format tags of a `fmt ` chunk that are understood. */
export const WAV_PCM = 1;
export const WAV_FLOAT = 3;
export const WAV_ALAW = 6;
export const WAV_MULAW = 7;
const WAV_EXTENSIBLE = 0xfffe;

/** A WAV file, taken apart but not decoded. */
export interface WavFile {
  /** 1 PCM, 3 float, 6 A-law, 7 mu-law, or another one, which is not decoded. */
  readonly formatTag: number;
  readonly channels: number;
  readonly sampleRateHz: number;
  readonly bitsPerSample: number;
  /** The bytes of the `data` chunk. */
  readonly data: Uint8Array;
}

/** What reading gives: the file, or the reason why it is none. */
export type WavResult = { readonly wav: WavFile } | { readonly problem: string };

const HEADER_BYTES = 12;
const CHUNK_HEADER_BYTES = 8;
const FORMAT_BYTES = 16;
const EXTENSION_TAG_OFFSET = 24;

function tagAt(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4));
}

/** Whether bytes begin as a RIFF file does. */
export function startsWithRiff(bytes: Uint8Array): boolean {
  return tagAt(bytes, 0) === 'RIFF';
}

type Format = Omit<WavFile, 'data'>;

function readFormat(view: DataView, offset: number, size: number): Format {
  const tag = view.getUint16(offset, true);
  const extended = tag === WAV_EXTENSIBLE && size >= EXTENSION_TAG_OFFSET + 2;
  return {
    formatTag: extended ? view.getUint16(offset + EXTENSION_TAG_OFFSET, true) : tag,
    channels: view.getUint16(offset + 2, true),
    sampleRateHz: view.getUint32(offset + 4, true),
    bitsPerSample: view.getUint16(offset + 14, true),
  };
}

/**
 * Takes a WAV file apart. The data is a view on `bytes`.
 *
 * @param ending - whether the audio may end before its announced size: an agent's must not, a recording may be `'cut off'`
 */
export function readWav(bytes: Uint8Array, ending: 'whole' | 'cut off' = 'whole'): WavResult {
  if (!startsWithRiff(bytes) || tagAt(bytes, 8) !== 'WAVE')
    return { problem: 'it does not begin with a RIFF/WAVE header' };
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let format: Format | undefined;
  let offset = HEADER_BYTES;
  while (offset + CHUNK_HEADER_BYTES <= bytes.length) {
    const tag = tagAt(bytes, offset);
    const declared = view.getUint32(offset + 4, true);
    const start = offset + CHUNK_HEADER_BYTES;
    const available = bytes.length - start;
    if (tag === 'fmt ') {
      if (declared < FORMAT_BYTES || declared > available) return { problem: 'its "fmt " chunk is cut short' };
      format = readFormat(view, start, declared);
      if (format.channels === 0 || format.sampleRateHz === 0) return { problem: 'it declares no channel or no rate' };
    } else if (tag === 'data') {
      if (format === undefined) return { problem: 'its "data" chunk comes before its "fmt " chunk' };
      const open = declared === 0 || declared === 0xffff_ffff || (ending === 'cut off' && declared > available);
      if (!open && declared > available)
        return { problem: `its "data" chunk declares ${declared} bytes and has ${available}` };
      return { wav: { ...format, data: bytes.subarray(start, open ? bytes.length : start + declared) } };
    }
    offset = start + declared;
    // Some writers leave out the padding, which is a zero; no chunk begins with one.
    if (declared % 2 === 1 && bytes[offset] === 0) offset += 1;
  }
  return { problem: format === undefined ? 'it has no "fmt " chunk' : 'it has no "data" chunk' };
}
