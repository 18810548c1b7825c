// The checks of the demo: the first that fails ends it with status 1 and says what was expected.

/** Ends the demo when something was not as it must be. */
export function check(what: string, holds: boolean, found = ''): void {
  if (holds) return;
  console.error(`\nNot as it must be: ${what}. ${found}`);
  process.exit(1);
}

/** A stereo WAV file in which both sides can be heard. */
export function checkRecording(bytes: Uint8Array): void {
  const wav = Buffer.from(bytes);
  check('the recording is a WAV file', wav.toString('latin1', 0, 4) === 'RIFF');
  const fmt = wav.indexOf('fmt ') + 8;
  check('the recording has two channels', wav.readUInt16LE(fmt + 2) === 2);
  const linear = wav.readUInt16LE(fmt) === 1;
  const frame = wav.readUInt16LE(fmt + 12);
  const start = wav.indexOf('data') + 8;
  for (const [channel, side] of ['caller', 'agent'].entries()) {
    let loud = 0;
    for (let offset = start; offset + frame <= wav.length; offset += frame) {
      const at = offset + (channel * frame) / 2;
      // Silence is 0 in PCM, and 0xFF or 0x7F in mu-law.
      const level = linear ? Math.abs(wav.readInt16LE(at)) : ((wav[at] ?? 0xff) & 0x7f) < 0x60 ? 1000 : 0;
      if (level > 500) loud += 1;
    }
    check(`the ${side} can be heard in the recording`, loud > 1000, `${loud} loud samples`);
  }
}
