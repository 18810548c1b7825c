// Writes the recording: a WAV file with the classic 44-byte header and true sizes.
import { encodeMulaw } from './g711.ts';
import { WAV_MULAW, WAV_PCM } from './wav-reader.ts';

const HEADER_BYTES = 44;

/** Writes interleaved 16-bit samples as a WAV file. */
export function writeWav(
  interleaved: Int16Array,
  options: { readonly channels: number; readonly sampleRateHz: number; readonly encoding: 'linear16' | 'mulaw' },
): Uint8Array {
  const { channels, sampleRateHz, encoding } = options;
  const width = encoding === 'mulaw' ? 1 : 2;
  const dataBytes = interleaved.length * width;
  // An odd number of data bytes is padded with one that the size does not count.
  const file = new Uint8Array(HEADER_BYTES + dataBytes + (dataBytes % 2));
  const view = new DataView(file.buffer);
  const text = (offset: number, tag: string): void => {
    for (let index = 0; index < tag.length; index += 1) file[offset + index] = tag.charCodeAt(index);
  };
  text(0, 'RIFF');
  view.setUint32(4, file.length - 8, true);
  text(8, 'WAVEfmt ');
  view.setUint32(16, 16, true);
  view.setUint16(20, encoding === 'mulaw' ? WAV_MULAW : WAV_PCM, true);
  view.setUint16(22, channels, true);
  view.setUint32(24, sampleRateHz, true);
  view.setUint32(28, sampleRateHz * channels * width, true);
  view.setUint16(32, channels * width, true);
  view.setUint16(34, width * 8, true);
  text(36, 'data');
  view.setUint32(40, dataBytes, true);
  if (encoding === 'mulaw') file.set(encodeMulaw(interleaved), HEADER_BYTES);
  else
    for (let index = 0; index < interleaved.length; index += 1)
      view.setInt16(HEADER_BYTES + index * 2, interleaved[index] ?? 0, true);
  return file;
}
