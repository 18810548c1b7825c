// The checks of the demo: the first that fails ends it with status 1 and says what was expected.
import { isDeepStrictEqual } from 'node:util';

/** Ends the demo when something was not as it must be. */
export function check(what: string, holds: boolean, found = ''): void {
  if (holds) return;
  console.error(`\nNot as it must be: ${what}. ${found}`);
  process.exit(1);
}

/** Ends the demo when something is not what it must be. */
export function checkEqual(what: string, found: unknown, expected: unknown): void {
  check(what, isDeepStrictEqual(found, expected), `${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
}

/** A loud sample: speech has thousands of them, what a line hums has none. */
const LOUD = 500;

/** A stereo WAV file of 16-bit PCM in which both sides can be heard. */
export function checkRecording(bytes: Uint8Array): void {
  const wav = Buffer.from(bytes);
  check('the recording is a WAV file', wav.toString('latin1', 0, 4) === 'RIFF');
  const format = wav.indexOf('fmt ') + 8;
  check('the recording is 16-bit PCM', wav.readUInt16LE(format) === 1 && wav.readUInt16LE(format + 14) === 16);
  check('the recording has two channels', wav.readUInt16LE(format + 2) === 2);
  const start = wav.indexOf('data') + 8;
  for (const [channel, side] of ['caller', 'agent'].entries()) {
    let loud = 0;
    for (let at = start + 2 * channel; at + 2 <= wav.length; at += 4) {
      if (Math.abs(wav.readInt16LE(at)) > LOUD) loud += 1;
    }
    check(`the ${side} can be heard in the recording`, loud > 1000, `${loud} loud samples`);
  }
}
