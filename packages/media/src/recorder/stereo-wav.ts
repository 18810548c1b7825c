// The header of a recording: a WAV file of two channels in mu-law at 8 kHz, with true sizes.

/** Bytes of the header. */
export const HEADER_BYTES = 58;
/** Bytes of one moment: a sample of each channel. */
export const FRAME_BYTES = 2;
/** Moments in a ms. */
export const FRAMES_PER_MS = 8;
/** A sample of silence. */
export const SILENCE = 0xff;

const RATE_HZ = 8000;
const MULAW_TAG = 7;
/** Where the sizes stand, which are not known before the end: of the file, of the moments, of the audio. */
const RIFF_SIZE_AT = 4;
const FACT_AT = 46;
const DATA_SIZE_AT = 54;

/** Makes the header of so many moments. */
export function stereoHeader(frames: number): Uint8Array {
  const header = Buffer.alloc(HEADER_BYTES);
  header.write('RIFF', 0, 'latin1');
  header.writeUInt32LE(HEADER_BYTES - 8 + frames * FRAME_BYTES, RIFF_SIZE_AT);
  header.write('WAVEfmt ', 8, 'latin1');
  header.writeUInt32LE(18, 16);
  header.writeUInt16LE(MULAW_TAG, 20);
  header.writeUInt16LE(FRAME_BYTES, 22);
  header.writeUInt32LE(RATE_HZ, 24);
  header.writeUInt32LE(RATE_HZ * FRAME_BYTES, 28);
  header.writeUInt16LE(FRAME_BYTES, 32);
  header.writeUInt16LE(8, 34);
  header.write('fact', 38, 'latin1');
  header.writeUInt32LE(4, 42);
  header.writeUInt32LE(frames, FACT_AT);
  header.write('data', 50, 'latin1');
  header.writeUInt32LE(frames * FRAME_BYTES, DATA_SIZE_AT);
  return header;
}

/** Whether bytes begin as a recording does, whatever its sizes. */
export function isStereoHeader(bytes: Uint8Array): boolean {
  if (bytes.length < HEADER_BYTES) return false;
  const unsized = Buffer.from(bytes.subarray(0, HEADER_BYTES));
  for (const at of [RIFF_SIZE_AT, FACT_AT, DATA_SIZE_AT]) unsized.fill(0, at, at + 4);
  unsized.writeUInt32LE(HEADER_BYTES - 8, RIFF_SIZE_AT);
  return unsized.equals(stereoHeader(0));
}
