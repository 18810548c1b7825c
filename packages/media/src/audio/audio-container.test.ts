import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { identifyAudio, refusedContainer } from './audio-container.ts';
import { encodeMulaw } from './g711.ts';
import { readWav } from './read-wav.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const text = (value: string): Buffer => Buffer.from(value, 'latin1');
/** Frames of this head and length, as long as a file that is worth playing. */
const frames = (head: string, bytes: number): Buffer =>
  Buffer.concat(Array.from({ length: 4 }, () => Buffer.concat([hex(head), Buffer.alloc(bytes - hex(head).length)])));

/** The first bytes of files that FFmpeg and SoX have written, but for those that neither can write. */
const FILES: readonly [name: string, kind: string, bytes: Buffer][] = [
  ['a WAV file', 'wav', hex('52494646 c6250000 57415645 666d7420 10000000 01000100 803e0000 007d0000 02001000')],
  ['a RIFF file that is no WAV', 'other', hex('52494646 c6250000 41564920 4c495354')],
  ['a big-endian WAV file (RIFX)', 'other', hex('52494658 000025a4 57415645 666d7420 00000010')],
  ['a 64-bit WAV file (RF64)', 'other', hex('52463634 ffffffff 57415645 64733634 1c000000')],
  ['a 64-bit WAV file (BW64)', 'other', hex('42573634 ffffffff 57415645 64733634 1c000000')],
  ['a Wave64 file', 'other', hex('72696666 2e91cf11 a5d628db 04c10000 e8250000')],
  ['a file with an ID3 tag, such as an MP3', 'mp3', hex('49443304 00000000 00235453 53450000 000f0000')],
  ['a file with an ID3 tag, such as an MP3', 'mp3', hex('49443303 00000000 000a0000 00000000 00000000 52494646')],
  ['an MP3 file', 'mp3', frames('fff338c4', 108)],
  ['an MP3 file', 'mp3', frames('fffb9064', 417)],
  ['an MP3 file', 'mp3', frames('fffb9264', 418)],
  ['an MP3 file', 'mp3', frames('ffe320c4', 104)],
  ['an AAC file', 'other', frames('fff16040 413ffc', 521)],
  ['an Ogg Opus file', 'ogg-opus', hex('4f67675300020000000000000000 6d23812f000000005a3d09c0 0113 4f70757348656164')],
  [
    'an Ogg Vorbis file',
    'ogg-vorbis',
    hex('4f67675300020000000000000000 64f4cca9000000003cd04bf8 011e 01766f72626973'),
  ],
  ['an Ogg file', 'other', hex('4f67675300020000000000000000 d9988b7f00000000f8cbecdc 0133 7f464c4143')],
  ['a FLAC file', 'flac', hex('664c6143 00000022 04800480 00007f00 01b403e8')],
  ['an MP4 or M4A file', 'other', hex('0000001c 66747970 4d344120 00000200')],
  ['an AIFF file', 'other', hex('464f524d 000025ae 41494646 434f4d4d')],
  ['an AIFF file', 'other', hex('464f524d 000025ae 41494643 434f4d4d')],
  ['a Core Audio file (CAF)', 'other', hex('63616666 00010000 64657363 00000000')],
  ['a WebM or Matroska file', 'other', hex('1a45dfa3 9f428681 0142f781 0142f281')],
  ['an AU file', 'other', hex('2e736e64 00000020 00002580 00000003')],
  ['a WMA file', 'other', hex('3026b275 8e66cf11 a6d900aa 0062ce6c')],
  ['an AMR file', 'other', text('#!AMR\n<Q')],
  ['a SILK file', 'other', text('#!SILK_V3')],
  ['a SPHERE file', 'other', text('NIST_1A\n   1024\n')],
  ['text', 'text', text('{"error":{"code":401,"message":"Key not valid"}}')],
  ['text', 'text', text('\r\n { "detail": "quota exceeded" }')],
  ['text', 'text', text('<!doctype html><html><body>502</body></html>')],
  ['text', 'text', text('<HTML><body>502</body></HTML>')],
  ['text', 'text', text('<?xml version="1.0"?><Error/>')],
];

describe('identifyAudio', () => {
  it.each(FILES)('knows %s (%s)', (name, kind, bytes) => {
    const file = Buffer.concat([bytes, Buffer.alloc(40)]);
    expect(identifyAudio(file, true)).toMatchObject({ name, kind });
    // Bytes that are no file on their own change nothing behind it.
    expect(identifyAudio(Buffer.concat([file, Buffer.alloc(5000, 0x52)]), false)).toMatchObject({ name, kind });
  });

  it.each(FILES)('gives the same for %s (%s), however little of it has come', (_name, _kind, bytes) => {
    const file = Buffer.concat([bytes, Buffer.alloc(40)]);
    const whole = identifyAudio(file, true);
    for (let length = 0; length < file.length; length += 1) {
      const found = identifyAudio(file.subarray(0, length), false);
      if (found !== 'more') expect(found).toEqual(whole);
    }
  });

  it('needs 36 bytes, and 8 KiB at most where they look like frames', () => {
    expect(identifyAudio(new Uint8Array(35), false)).toBe('more');
    expect(identifyAudio(new Uint8Array(36), false)).toBe('raw');
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 8300, maxLength: 8300 }), (bytes) => {
        bytes[0] = 0xff;
        expect(identifyAudio(bytes, false)).not.toBe('more');
      }),
    );
  });

  it('takes mu-law for raw, wherever speech, silence, tones and noise begin', () => {
    const folder = new URL('../../test/fixtures/speech/', import.meta.url);
    const speech = readdirSync(folder)
      .filter((name) => name.endsWith('.wav'))
      .map((name) => readWav(readFileSync(new URL(name, folder))))
      .filter(({ format }) => format.encoding === 'mulaw')
      .map(({ data }) => data);
    expect(speech.length).toBeGreaterThan(5);
    const hum = encodeMulaw(
      Int16Array.from(
        { length: 8000 },
        (_, n) => -40 + 30 * Math.sin(n / 25) + 9000 * Math.sin(n / 3) * (n > 4000 ? 1 : 0),
      ),
    );
    for (const audio of [...speech, hum, new Uint8Array(9000).fill(0xff), new Uint8Array(9000).fill(0x7f)]) {
      for (let offset = 0; offset + 36 < audio.length; offset += 7) {
        expect(identifyAudio(audio.subarray(offset), false)).toBe('raw');
      }
    }
  });

  it.each(['49443304 10000000 00000000', '49443310 00000000 00000000', '49443304 00000000 80000000', '49443404 0000'])(
    'takes %s for raw: no ID3 tag has such a version or length',
    (head) => expect(identifyAudio(Buffer.concat([hex(head), Buffer.alloc(60)]), true)).toBe('raw'),
  );

  it('takes one frame, and frames that do not belong together, for raw', () => {
    const head = hex('fffb9064');
    const one = Buffer.concat([head, Buffer.alloc(2000, 0xff)]);
    expect(identifyAudio(one, true)).toBe('raw');
    const other = Buffer.concat([head, Buffer.alloc(413), hex('fff39064'), Buffer.alloc(2000)]);
    expect(identifyAudio(other, true)).toBe('raw');
    expect(identifyAudio(head, true)).toBe('raw');
    expect(identifyAudio(Buffer.concat([head, Buffer.alloc(300)]), false)).toBe('more');
  });
});

describe('the error for a file that cannot be played', () => {
  it('names the file and says how to convert it', () => {
    expect(refusedContainer({ kind: 'mp3', name: 'an MP3 file' })).toMatchObject({
      code: 'WAV_INVALID',
      message:
        'The audio is an MP3 file, not WAV. @byova/media/decoders plays it with a decoder that you install. ' +
        'Convert it, for example: ffmpeg -i input -ar 8000 -ac 1 -c:a pcm_mulaw output.wav',
    });
  });

  it('names no decoder where there is none', () => {
    expect(refusedContainer({ kind: 'other', name: 'an AIFF file' }).message).toMatch(
      /^The audio is an AIFF file, not WAV\. Convert/,
    );
  });

  it('does not say how to convert a text, nor repeat it', () => {
    expect(refusedContainer({ kind: 'text', name: 'text' }).message).toBe(
      'What should be audio is text. Look at the answer of the service that it came from.',
    );
  });
});
