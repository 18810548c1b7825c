// Writes WAV files with the header that the platform's own samples use, and true sizes.
import { type AudioEncoding, type AudioFormat, checkAudioFormat } from './audio-format.ts';
import { ALAW_TAG, MULAW_TAG, PCM_TAG } from './wav-format.ts';

/** Bytes of one sample. */
export function sampleBytes(encoding: AudioEncoding): number {
  return encoding === 'linear16' ? 2 : 1;
}

/** Bytes that follow the audio, so that the chunk is of even length. */
export function wavPadding(dataBytes: number): number {
  return dataBytes % 2;
}

/** What comes before the audio of a WAV file. */
export function wavHeader(dataBytes: number, format: AudioFormat): Uint8Array {
  const pcm = format.encoding === 'linear16';
  const perSample = sampleBytes(format.encoding);
  const header = new Uint8Array(pcm ? 44 : 58);
  const fields = new DataView(header.buffer);
  const writeId = (offset: number, id: string): void => {
    for (let index = 0; index < 4; index += 1) header[offset + index] = id.charCodeAt(index);
  };
  writeId(0, 'RIFF');
  fields.setUint32(4, header.length - 8 + dataBytes + wavPadding(dataBytes), true);
  writeId(8, 'WAVE');
  writeId(12, 'fmt ');
  fields.setUint32(16, pcm ? 16 : 18, true);
  fields.setUint16(20, pcm ? PCM_TAG : format.encoding === 'mulaw' ? MULAW_TAG : ALAW_TAG, true);
  fields.setUint16(22, 1, true);
  fields.setUint32(24, format.sampleRateHz, true);
  fields.setUint32(28, format.sampleRateHz * perSample, true);
  fields.setUint16(32, perSample, true);
  fields.setUint16(34, perSample * 8, true);
  if (!pcm) {
    writeId(38, 'fact');
    fields.setUint32(42, 4, true);
    fields.setUint32(46, dataBytes, true);
  }
  writeId(header.length - 8, 'data');
  fields.setUint32(header.length - 4, dataBytes, true);
  return header;
}

/**
 * Writes a WAV file: G.711 with the 58-byte header (an 18-byte format chunk and a fact chunk), PCM with 44 bytes.
 *
 * @param data - raw mono audio
 * @param format - how it is coded
 * @returns the file
 * @throws MediaError `OPTIONS_INVALID` for a format that cannot be
 *
 * @example
 * ```ts
 * import { MULAW_8K, writeWav } from '@byova/media/audio';
 *
 * console.log(writeWav(new Uint8Array(160), MULAW_8K).length); // 218
 * ```
 */
export function writeWav(data: Uint8Array, format: AudioFormat): Uint8Array {
  const header = wavHeader(data.length, checkAudioFormat(format, 'format'));
  const file = new Uint8Array(header.length + data.length + wavPadding(data.length));
  file.set(header);
  file.set(data, header.length);
  return file;
}
