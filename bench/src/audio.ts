// The audio of the run: what callers send in every frame, and what agents answer. G.711 mu-law, 8000 Hz, mono.

/** Samples per second; also bytes per second, as mu-law has one byte a sample. */
export const SAMPLE_RATE_HZ = 8000;

/** What the platform sends every {@link FRAME_MS}. */
export const FRAME_BYTES = 160;

/** The length of a frame, in ms. */
export const FRAME_MS = 20;

const PROMPT_HZ = 440;
const PROMPT_LEVEL = 8000;
const SPEECH_LEVEL = 9000;
const NOISE_LEVEL = 12;
const MULAW_BIAS = 0x84;
const MULAW_CLIP = 32635;

/** G.711 mu-law of one 16-bit sample. */
function encodeMulaw(sample: number): number {
  const sign = sample < 0 ? 0x80 : 0;
  const magnitude = Math.min(Math.abs(Math.round(sample)), MULAW_CLIP) + MULAW_BIAS;
  const exponent = 24 - Math.clz32(magnitude);
  const mantissa = (magnitude >> (exponent + 3)) & 0x0f;
  return ~(sign | (exponent << 4) | mantissa) & 0xff;
}

/** The absolute value of each mu-law code, as a 16-bit sample: what a level meter adds up. */
export const MULAW_MAGNITUDE: Uint16Array = Uint16Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 0xff;
  return ((((bits & 0x0f) << 3) + MULAW_BIAS) << ((bits >> 4) & 0x07)) - MULAW_BIAS;
});

/** A generator of pseudo-random numbers in [-1, 1): the same frames in every run. */
function createNoise(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

/** One frame of a quiet telephone line: comfort noise, far under any threshold. */
export function silenceFrame(): Uint8Array {
  const noise = createNoise(7);
  return Uint8Array.from({ length: FRAME_BYTES }, () => encodeMulaw(noise() * NOISE_LEVEL));
}

/** Frames of a loud, voice-like signal: a low fundamental with harmonics, a syllable's swell and some noise. */
export function speechFrames(count: number): readonly Uint8Array[] {
  const noise = createNoise(11);
  return Array.from({ length: count }, (_, frame) =>
    Uint8Array.from({ length: FRAME_BYTES }, (_, index) => {
      const seconds = (frame * FRAME_BYTES + index) / SAMPLE_RATE_HZ;
      const voice = [1, 2, 3, 5].reduce((sum, n) => sum + Math.sin(2 * Math.PI * 130 * n * seconds) / n, 0);
      const swell = 0.7 + 0.3 * Math.sin(2 * Math.PI * 4 * seconds);
      return encodeMulaw(SPEECH_LEVEL * (swell * voice + 0.1 * noise()));
    }),
  );
}

/** What every agent plays, as raw mu-law of `ms` ms. */
export function promptAudio(ms: number): Uint8Array {
  return Uint8Array.from({ length: (ms * SAMPLE_RATE_HZ) / 1000 }, (_, index) =>
    encodeMulaw(PROMPT_LEVEL * Math.sin((2 * Math.PI * PROMPT_HZ * index) / SAMPLE_RATE_HZ)),
  );
}

/** The same as a complete WAV file, as a reply in WAV mode carries it. */
export function promptWav(ms: number): Uint8Array {
  const data = promptAudio(ms);
  const wav = Buffer.alloc(58 + data.length);
  wav.write('RIFF', 0, 'latin1');
  wav.writeUInt32LE(wav.length - 8, 4);
  wav.write('WAVEfmt ', 8, 'latin1');
  wav.writeUInt32LE(18, 16);
  wav.writeUInt16LE(7, 20); // WAVE_FORMAT_MULAW
  wav.writeUInt16LE(1, 22);
  wav.writeUInt32LE(SAMPLE_RATE_HZ, 24);
  wav.writeUInt32LE(SAMPLE_RATE_HZ, 28);
  wav.writeUInt16LE(1, 32);
  wav.writeUInt16LE(8, 34);
  wav.write('fact', 38, 'latin1');
  wav.writeUInt32LE(4, 42);
  wav.writeUInt32LE(data.length, 46);
  wav.write('data', 50, 'latin1');
  wav.writeUInt32LE(data.length, 54);
  wav.set(data, 58);
  return wav;
}
