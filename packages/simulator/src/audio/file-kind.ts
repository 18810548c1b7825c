// Names files that are no WAV by their first bytes, so that a mistake can be understood from the error.

/** What a file has at an offset, in Latin-1, and its name. */
const KINDS: readonly (readonly [offset: number, bytes: string, name: string])[] = [
  [0, 'RIFX', 'a big-endian WAV file (RIFX)'],
  [0, 'RF64', 'a 64-bit WAV file (RF64)'],
  [0, 'BW64', 'a 64-bit WAV file (BW64)'],
  [0, 'riff', 'a Wave64 file'],
  [0, 'ID3', 'a file with an ID3 tag, such as an MP3'],
  [28, 'OpusHead', 'an Ogg Opus file'],
  [28, '\x01vorbis', 'an Ogg Vorbis file'],
  [0, 'OggS', 'an Ogg file'],
  [0, 'fLaC', 'a FLAC file'],
  [4, 'ftyp', 'an MP4 or M4A file'],
  [8, 'AIF', 'an AIFF file'],
  [0, 'caff', 'a Core Audio file (CAF)'],
  [0, '\x1a\x45\xdf\xa3', 'a WebM or Matroska file'],
  [0, '.snd', 'an AU file'],
  [0, '#!AMR', 'an AMR file'],
  [0, '\xff\xf1', 'an AAC file'],
  [0, '\xff\xf9', 'an AAC file'],
  [0, '\xff\xfb', 'an MP3 file'],
  [0, '\xff\xf3', 'an MP3 file'],
  [0, '\xff\xe3', 'an MP3 file'],
];

/** The kind of a file that is no WAV, with its article; `undefined` where it is not known. */
export function fileKind(bytes: Uint8Array): string | undefined {
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 40)).toString('latin1');
  return KINDS.find(([offset, wanted]) => start.startsWith(wanted, offset))?.[2];
}
