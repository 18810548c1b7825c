// The parts of @byova/media that audio goes through, loaded from a folder of its source, so that those of two checkouts can
// be measured by the same steps.
import type { createAudioConverter } from '../../../packages/media/src/audio/audio-converter.ts';
import type { createByteCollector, createByteRing } from '../../../packages/media/src/audio/byte-collector.ts';
import type {
  decodeAlaw,
  decodeMulaw,
  encodeAlaw,
  encodeMulaw,
  MULAW_DECODED,
} from '../../../packages/media/src/audio/g711.ts';
import type { decodeLinear16, encodeLinear16 } from '../../../packages/media/src/audio/linear16.ts';
import type { readWav } from '../../../packages/media/src/audio/read-wav.ts';
import type { createResampler } from '../../../packages/media/src/audio/resampler.ts';
import type { writeWav } from '../../../packages/media/src/audio/wav.ts';
import type { WavReader } from '../../../packages/media/src/audio/wav-reader.ts';
import type { encodeResponse } from '../../../packages/media/src/grpc/encode-response.ts';
import type { createRequestDecoder } from '../../../packages/media/src/grpc/lane/decode-request.ts';
import type { createResponseEncoder } from '../../../packages/media/src/grpc/lane/encode-response.ts';
import type { createWireReader } from '../../../packages/media/src/grpc/lane/wire-reader.ts';
import type { openSource } from '../../../packages/media/src/prompt/prompt.ts';
import type { createMemoryBudget } from '../../../packages/media/src/recorder/memory-budget.ts';
import type { createRecording } from '../../../packages/media/src/recorder/recording.ts';
import type { createEnergyDetector } from '../../../packages/media/src/speech/energy-detector.ts';
import type { createChunker } from '../../../packages/media/src/turn/chunker.ts';
import type { createReplyWriter } from '../../../packages/media/src/turn/reply-writer.ts';

/** What is measured. */
export interface Parts {
  readonly createAudioConverter: typeof createAudioConverter;
  readonly createByteCollector: typeof createByteCollector;
  readonly createByteRing: typeof createByteRing;
  readonly decodeAlaw: typeof decodeAlaw;
  readonly decodeMulaw: typeof decodeMulaw;
  readonly encodeAlaw: typeof encodeAlaw;
  readonly encodeMulaw: typeof encodeMulaw;
  readonly MULAW_DECODED: typeof MULAW_DECODED;
  readonly decodeLinear16: typeof decodeLinear16;
  readonly encodeLinear16: typeof encodeLinear16;
  readonly createResampler: typeof createResampler;
  readonly readWav: typeof readWav;
  readonly writeWav: typeof writeWav;
  readonly WavReader: typeof WavReader;
  readonly encodeResponse: typeof encodeResponse;
  readonly createRequestDecoder: typeof createRequestDecoder;
  readonly createResponseEncoder: typeof createResponseEncoder;
  readonly createWireReader: typeof createWireReader;
  readonly openSource: typeof openSource;
  readonly createMemoryBudget: typeof createMemoryBudget;
  readonly createRecording: typeof createRecording;
  readonly createEnergyDetector: typeof createEnergyDetector;
  readonly createChunker: typeof createChunker;
  readonly createReplyWriter: typeof createReplyWriter;
}

const FILES = [
  'audio/audio-converter.ts',
  'audio/byte-collector.ts',
  'audio/g711.ts',
  'audio/linear16.ts',
  'audio/read-wav.ts',
  'audio/resampler.ts',
  'audio/wav.ts',
  'audio/wav-reader.ts',
  'grpc/encode-response.ts',
  'grpc/lane/decode-request.ts',
  'grpc/lane/wire-reader.ts',
  'prompt/prompt.ts',
  'recorder/memory-budget.ts',
  'recorder/recording.ts',
  'speech/energy-detector.ts',
  'turn/chunker.ts',
  'turn/reply-writer.ts',
  'grpc/lane/encode-response.ts',
];

/** This checkout's source of @byova/media. */
export const OWN_SOURCE: URL = new URL('../../../packages/media/src/', import.meta.url);

/** Loads the parts from a folder like `packages/media/src/`. */
export async function loadParts(source: URL): Promise<Parts> {
  const modules = await Promise.all(FILES.map((file) => import(new URL(file, source).href)));
  return Object.assign({}, ...modules);
}
