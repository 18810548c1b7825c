// The two tones of a telephone key, for the recording only: on the wire a key is a digit, never sound.
import { LINE_RATE_HZ } from './line-rate.ts';

const ROWS_HZ = [697, 770, 852, 941];
const COLUMNS_HZ = [1209, 1336, 1477, 1633];
const KEYS = '123A456B789C*0#D';
const TONE_MS = 80;
const AMPLITUDE = 5000;

/** 80 ms of a key's tones at 8000 Hz; nothing for what is no key. */
export function keyTone(key: string): Int16Array {
  const place = KEYS.indexOf(key);
  const low = ROWS_HZ[Math.floor(place / 4)];
  const high = COLUMNS_HZ[place % 4];
  if (low === undefined || high === undefined) return new Int16Array(0);
  const turn = (2 * Math.PI) / LINE_RATE_HZ;
  return Int16Array.from({ length: (TONE_MS * LINE_RATE_HZ) / 1000 }, (_, index) =>
    Math.round(AMPLITUDE * (Math.sin(turn * low * index) + Math.sin(turn * high * index))),
  );
}
