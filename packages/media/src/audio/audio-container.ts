// What audio is that comes without a format: a WAV file, a file of another kind, or raw audio. The bytes of a compressed
// file, played as mu-law, are loud noise.
import { InvalidWavError } from './wav-errors.ts';

/** The kinds of file that are told apart: one that is read, those that a decoder may read, and all others. */
export type ContainerKind = 'wav' | 'mp3' | 'ogg-vorbis' | 'ogg-opus' | 'flac' | 'text' | 'other';

/** A kind of file that is recognised by its first bytes. */
export interface AudioContainer {
  readonly kind: ContainerKind;
  /** For a message, with its article. */
  readonly name: string;
}

/** The bytes that every file of a kind has at one place. */
interface Signature extends AudioContainer {
  readonly at: number;
  readonly bytes: Buffer;
  /** The form of a RIFF file, or the codec of an Ogg file, which the bytes between do not determine. */
  readonly inner: { readonly at: number; readonly bytes: Buffer } | undefined;
}

function signature(kind: ContainerKind, name: string, bytes: string, at = 0, inner?: [number, string]): Signature {
  return {
    kind,
    name,
    at,
    bytes: Buffer.from(bytes, 'latin1'),
    inner: inner && { at: inner[0], bytes: Buffer.from(inner[1], 'latin1') },
  };
}

const RIFF_FORM = 8;
/** An Ogg page of one packet has 28 bytes before it. */
const OGG_PACKET = 28;

/** The more special ones stand before the general ones. */
const SIGNATURES: readonly Signature[] = [
  signature('wav', 'a WAV file', 'RIFF', 0, [RIFF_FORM, 'WAVE']),
  signature('other', 'a RIFF file that is no WAV', 'RIFF'),
  signature('other', 'a big-endian WAV file (RIFX)', 'RIFX'),
  signature('other', 'a 64-bit WAV file (RF64)', 'RF64'),
  signature('other', 'a 64-bit WAV file (BW64)', 'BW64'),
  signature('other', 'a Wave64 file', 'riff\x2e\x91\xcf\x11'),
  signature('ogg-opus', 'an Ogg Opus file', 'OggS\0', 0, [OGG_PACKET, 'OpusHead']),
  signature('ogg-vorbis', 'an Ogg Vorbis file', 'OggS\0', 0, [OGG_PACKET, '\x01vorbis']),
  signature('other', 'an Ogg file', 'OggS\0'),
  signature('flac', 'a FLAC file', 'fLaC'),
  signature('other', 'an MP4 or M4A file', 'ftyp', 4),
  signature('other', 'an AIFF file', 'FORM', 0, [RIFF_FORM, 'AIF']),
  signature('other', 'a Core Audio file (CAF)', 'caff\0'),
  signature('other', 'a WebM or Matroska file', '\x1a\x45\xdf\xa3'),
  signature('other', 'an AU file', '.snd\0'),
  signature('other', 'an AMR file', '#!AMR'),
  signature('other', 'a SILK file', '#!SILK'),
  signature('other', 'a SPHERE file', 'NIST_1A'),
  signature('other', 'a WMA file', '\x30\x26\xb2\x75\x8e\x66\xcf\x11'),
];
/** What a service sends in place of audio. Speech never jumps as these bytes do as mu-law. */
const TEXT = /^[ \t\r\n]*(?:\{[ \t\r\n]*"|<!doctype|<html|<\?xml)/i;
const TEXT_CONTAINER: AudioContainer = { kind: 'text', name: 'text' };
const MP3: AudioContainer = { kind: 'mp3', name: 'an MP3 file' };
const TAGGED: AudioContainer = { kind: 'mp3', name: 'a file with an ID3 tag, such as an MP3' };
const AAC: AudioContainer = { kind: 'other', name: 'an AAC file' };

/** The end of the furthest signature. */
const SIGNATURE_BYTES = 36;
const FRAME_HEAD_BYTES = 7;

/** Bit rates of layer III in kbit/s, from index 1 on; of MPEG-1, and of MPEG-2 and 2.5. */
const MPEG1_KBPS: readonly number[] = [32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320];
const MPEG2_KBPS: readonly number[] = [8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160];
/** By the version bits: MPEG-2.5, reserved, MPEG-2, MPEG-1. */
const MPEG_RATES_HZ: readonly (readonly number[])[] = [
  [11_025, 12_000, 8000],
  [],
  [22_050, 24_000, 16_000],
  [44_100, 48_000, 32_000],
];
const MPEG1 = 3;

/** The length of the MP3 frame that begins there; `undefined` where none does. */
function mp3FrameBytes(head: Uint8Array): number | undefined {
  const [sync = 0, kind = 0, rates = 0] = head;
  // Eleven bits of sync, and layer III.
  if (sync !== 0xff || (kind & 0xe6) !== 0xe2) return undefined;
  const version = (kind >> 3) & 0x03;
  const kbps = (version === MPEG1 ? MPEG1_KBPS : MPEG2_KBPS)[(rates >> 4) - 1];
  const rateHz = MPEG_RATES_HZ[version]?.[(rates >> 2) & 0x03];
  if (kbps === undefined || rateHz === undefined) return undefined;
  return Math.floor(((version === MPEG1 ? 144 : 72) * kbps * 1000) / rateHz) + ((rates >> 1) & 0x01);
}

/** The length of the AAC frame (ADTS) that begins there; `undefined` where none does. */
function aacFrameBytes(head: Uint8Array): number | undefined {
  const [sync = 0, kind = 0, , high = 0, middle = 0, low = 0] = head;
  if (sync !== 0xff || (kind & 0xf6) !== 0xf0) return undefined;
  const bytes = ((high & 0x03) << 11) | (middle << 3) | (low >> 5);
  return bytes < FRAME_HEAD_BYTES ? undefined : bytes;
}

/**
 * Tells whether two frames follow one another. One is not enough: mu-law may begin with 0xFF, which is silence, and a
 * byte that goes with it.
 */
function twoFrames(
  bytes: Uint8Array,
  complete: boolean,
  frameBytes: (head: Uint8Array) => number | undefined,
): boolean | undefined {
  const first = frameBytes(bytes);
  if (first === undefined) return false;
  if (bytes.length < first + FRAME_HEAD_BYTES && !complete) return undefined;
  const next = bytes.subarray(first);
  // Version, layer and protection stay within a file.
  return next[1] === bytes[1] && frameBytes(next) !== undefined;
}

function hasId3(bytes: Uint8Array): boolean {
  const [i, d, three, major = 0xff, revision = 0xff, , ...size] = bytes.subarray(0, 10);
  const plausible = major < 0x10 && revision < 0x10 && size.length === 4 && size.every((byte) => byte < 0x80);
  return i === 0x49 && d === 0x44 && three === 0x33 && plausible;
}

function isAt(bytes: Buffer, at: number, wanted: Buffer): boolean {
  return bytes.subarray(at, at + wanted.length).equals(wanted);
}

/**
 * Tells what audio is by its first bytes.
 *
 * @param bytes - the beginning of the audio
 * @param complete - whether there is no more of it
 * @returns the kind of file; `'raw'` for what is none; `'more'` when more bytes are needed, at most 8 KiB
 */
export function identifyAudio(bytes: Uint8Array, complete: boolean): AudioContainer | 'raw' | 'more' {
  if (bytes.length < SIGNATURE_BYTES && !complete) return 'more';
  const start = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, SIGNATURE_BYTES));
  for (const found of SIGNATURES) {
    if (!isAt(start, found.at, found.bytes)) continue;
    if (found.inner === undefined || isAt(start, found.inner.at, found.inner.bytes)) return found;
  }
  if (TEXT.test(start.toString('latin1'))) return TEXT_CONTAINER;
  if (hasId3(start)) return TAGGED;
  const mp3 = twoFrames(bytes, complete, mp3FrameBytes);
  const aac = twoFrames(bytes, complete, aacFrameBytes);
  if (mp3 === undefined || aac === undefined) return 'more';
  if (mp3) return MP3;
  return aac ? AAC : 'raw';
}

/** The error for a file that cannot be played. */
export function refusedContainer({ kind, name }: AudioContainer): InvalidWavError {
  if (kind === 'text') {
    return new InvalidWavError('What should be audio is text.', 'Look at the answer of the service that it came from.');
  }
  const decodable = kind !== 'other' && kind !== 'wav';
  const decoder = decodable ? ' @byova/media/decoders plays it with a decoder that you install.' : '';
  return new InvalidWavError(`The audio is ${name}, not WAV.${decoder}`);
}
