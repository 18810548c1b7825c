// Decodes a prompt's audio and says what is wrong with it: WAV files in FINAL and PARTIAL, raw mu-law in CHUNK.
import { decodeMulaw } from '../audio/g711.ts';
import { LINE_RATE_HZ } from '../audio/line-rate.ts';
import { resample } from '../audio/resample.ts';
import { readWav, startsWithRiff, WAV_MULAW, WAV_PCM } from '../audio/wav-reader.ts';
import { wavSamples } from '../audio/wav-samples.ts';
import type { ResponseFinding } from './violation.ts';

/** The smallest and the largest CHUNK. */
const CHUNK_MIN_BYTES = 100;
const CHUNK_MAX_BYTES = 65_536;

/** Rates at which Webex takes the audio of a WAV file. */
const SUPPORTED_RATES_HZ: readonly number[] = [8000, 16_000];

/** A prompt's audio, and what is wrong with it. */
export interface PromptAudio {
  /** 16-bit samples at 8000 Hz; empty when nothing could be decoded. */
  readonly samples: Int16Array;
  readonly findings: readonly ResponseFinding[];
}

const NO_SAMPLES = new Int16Array(0);

function decodeWav(bytes: Uint8Array): PromptAudio {
  const result = readWav(bytes);
  if ('problem' in result) {
    const message = `A prompt is no WAV file: ${result.problem}. Give each prompt a complete file with its own header.`;
    return { samples: NO_SAMPLES, findings: [{ code: 'WAV_UNREADABLE', message }] };
  }
  const { formatTag, channels, sampleRateHz, bitsPerSample } = result.wav;
  const findings: ResponseFinding[] = [];
  const found = `format tag ${formatTag}, ${channels} channel(s), ${sampleRateHz} Hz, ${bitsPerSample} bit`;
  const mulaw = formatTag === WAV_MULAW && bitsPerSample === 8;
  const linear = formatTag === WAV_PCM && bitsPerSample === 16;
  if (!(mulaw || linear) || channels !== 1 || !SUPPORTED_RATES_HZ.includes(sampleRateHz)) {
    const message = `A prompt is a WAV file with ${found}; Webex takes mu-law or 16-bit PCM, one channel, 8000 or 16000 Hz.`;
    findings.push({ code: 'WAV_UNSUPPORTED', message });
  } else if (!mulaw || sampleRateHz !== LINE_RATE_HZ) {
    const message = `A prompt is a WAV file with ${found}; mu-law (tag 7) at 8000 Hz is what every deployment plays at once.`;
    findings.push({ code: 'WAV_NOT_MULAW_8K_MONO', message });
  }
  const samples = wavSamples(result.wav);
  return { samples: samples === undefined ? NO_SAMPLES : resample(samples, sampleRateHz, LINE_RATE_HZ), findings };
}

function decodeChunk(bytes: Uint8Array): PromptAudio {
  const findings: ResponseFinding[] = [];
  if (bytes.length < CHUNK_MIN_BYTES) {
    const message = `A CHUNK has ${bytes.length} bytes; merge what is shorter than ${CHUNK_MIN_BYTES} into its neighbour.`;
    findings.push({ code: 'CHUNK_TOO_SHORT', message });
  }
  if (bytes.length > CHUNK_MAX_BYTES) {
    const message = `A CHUNK has ${bytes.length} bytes; split what is longer than ${CHUNK_MAX_BYTES}.`;
    findings.push({ code: 'CHUNK_TOO_LONG', message });
  }
  if (!startsWithRiff(bytes)) return { samples: decodeMulaw(bytes), findings };
  findings.push({ code: 'RIFF_IN_CHUNK', message: 'A CHUNK starts with a WAV header; send raw audio only.' });
  const result = readWav(bytes);
  return { samples: 'wav' in result ? decodeMulaw(result.wav.data) : NO_SAMPLES, findings };
}

/** Decodes the audio of one prompt. Nothing is wrong with a prompt of no audio here. */
export function decodePromptAudio(style: 'wav' | 'chunk', bytes: Uint8Array): PromptAudio {
  if (bytes.length === 0 && style === 'wav') return { samples: NO_SAMPLES, findings: [] };
  return style === 'wav' ? decodeWav(bytes) : decodeChunk(bytes);
}
