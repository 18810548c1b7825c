// What a session pushes the caller's frames into: cuts them into blocks of 20 ms, finds speech, and keeps the utterance in
// the encoding in which it came. On the path of every frame: no promise, no closure, nothing allocated but the utterance.
import { ByovaError } from '@byova/auth/errors';
import type { AudioEncoding } from '../audio/audio-format.ts';
import { type ByteCollector, type ByteRing, createByteCollector, createByteRing } from '../audio/byte-collector.ts';
import { decodeAudio } from '../audio/linear16.ts';
import { sampleBytes } from '../audio/wav.ts';
import { AudioFormatError } from '../audio/wav-errors.ts';
import type { SpeechDetector, SpeechDetectorFactory } from './speech-detector.ts';
import { createUtterance, type Utterance, type UtteranceEnd } from './utterance.ts';

/** Told where speech begins and ends. */
export interface CallerAudioSink {
  onSpeechStarted(): void;
  onSpeechEnded(reason: 'silence' | 'max_utterance' | 'agent'): void;
}

/** The caller's audio in a call. */
export interface CallerAudio {
  /** Takes a frame of any size; encoding undefined and rate 0 mean "as before in this turn", at first mu-law 8000. */
  push(bytes: Uint8Array, encoding: AudioEncoding | undefined, sampleRateHz: number): void;
  /** A new RPC begins: the format and speech in progress are forgotten, what was learnt of the noise is kept. */
  startTurn(): void;
  /** Whether speech has begun and not ended. */
  readonly speaking: boolean;
  /** The format in force in this turn. */
  readonly format: { readonly encoding: AudioEncoding; readonly sampleRateHz: number };
  /** For an agent that decides itself: speech begins. */
  startSpeech(): void;
  /** And ends. */
  endSpeech(): void;
  /** Whether speech is looked for. */
  setDetection(on: boolean): void;
  /** Takes the utterance out; `undefined` when there is none. */
  takeUtterance(): Utterance | undefined;
  /** How long before the boundary that was found last speech began or ended, in ms, where the detector tells. */
  readonly lagMs: number | undefined;
  /** Audio received in this turn, in ms. */
  readonly receivedMs: number;
}

/** What {@link createCallerAudio} needs. */
export interface CallerAudioOptions {
  readonly detector: SpeechDetectorFactory | 'manual';
  readonly sink: CallerAudioSink;
  readonly preRollMs?: number;
  readonly maxUtteranceMs?: number;
  /** How long speech that is found now must last before it counts, in ms. Default 0: as the detector says. */
  readonly minSpeechMs?: () => number;
}

const BLOCK_MS = 20;
/** Webex sends a few frames of about three bytes at the start of a call. */
const TINY_FRAME_BYTES = 15;
const MAX_BYTES_PER_MS = 32;

/** Makes the caller's audio of one call. */
export function createCallerAudio(options: CallerAudioOptions): CallerAudio {
  const { detector: factory, sink, preRollMs = 300, maxUtteranceMs = 60_000, minSpeechMs } = options;
  let encoding: AudioEncoding = 'mulaw';
  let rate: 8000 | 16000 = 8000;
  let bytesPerMs = 8;
  let declaredEncoding = false;
  let detection = true;
  let speaking = false;
  let finished = false;
  let endedBy: UtteranceEnd = 'half_close';
  /** Speech was found that does not count before it has lasted so much longer, in ms; 0 when there is none. */
  let owedMs = 0;
  let preRollBytes = 0;
  let receivedBytes = 0;
  let detector: SpeechDetector | undefined;
  let block = new Uint8Array(BLOCK_MS * bytesPerMs);
  let blockLength = 0;
  let samples = new Int16Array(BLOCK_MS * 8);
  let ring: ByteRing = createByteRing({ maxBytes: preRollMs * bytesPerMs });
  let utterance: ByteCollector = createByteCollector({ maxBytes: maxUtteranceMs * MAX_BYTES_PER_MS });
  let maxUtteranceBytes = maxUtteranceMs * bytesPerMs;

  const useFormat = (nextEncoding: AudioEncoding, nextRate: number): void => {
    if (nextRate !== 8000 && nextRate !== 16_000)
      throw new AudioFormatError(`Audio at ${nextRate} Hz is not supported.`);
    if (nextEncoding === encoding && nextRate === rate) return;
    if (nextRate !== rate) detector = undefined;
    encoding = nextEncoding;
    rate = nextRate;
    bytesPerMs = (sampleBytes(encoding) * rate) / 1000;
    block = new Uint8Array(BLOCK_MS * bytesPerMs);
    samples = new Int16Array((BLOCK_MS * rate) / 1000);
    ring = createByteRing({ maxBytes: preRollMs * bytesPerMs });
    maxUtteranceBytes = maxUtteranceMs * bytesPerMs;
    blockLength = 0;
    // Audio of two formats cannot be one utterance.
    utterance = createByteCollector({ maxBytes: maxUtteranceMs * MAX_BYTES_PER_MS });
    speaking = false;
  };

  const detectorInUse = (): SpeechDetector | undefined => {
    if (factory === 'manual') return undefined;
    if (detector === undefined) {
      detector = factory({ sampleRateHz: rate });
      if (detector.sampleRateHz !== rate) {
        throw new ByovaError({
          code: 'DETECTOR_RATE_MISMATCH',
          message: `The speech detector works at ${detector.sampleRateHz} Hz, and the call has ${rate} Hz.`,
        });
      }
    }
    return detector;
  };

  /** What was heard until now is the beginning of an utterance. */
  const open = (): void => {
    preRollBytes = ring.length;
    utterance.push(ring.copy());
    ring.clear();
  };

  /** It counts as speech. */
  const count = (): void => {
    owedMs = 0;
    speaking = true;
    sink.onSpeechStarted();
  };

  const begin = (): void => {
    if (speaking || finished) return;
    if (owedMs === 0) open();
    count();
  };

  /** Speech was found: it counts at once, or when it has lasted long enough. */
  const find = (): void => {
    const shortMs = (minSpeechMs?.() ?? 0) - (detector?.lagMs ?? 0);
    if (shortMs <= 0) {
      begin();
      return;
    }
    open();
    owedMs = shortMs;
  };

  /** It ended before it counted. */
  const forget = (): void => {
    owedMs = 0;
    utterance.take();
  };

  const end = (reason: 'silence' | 'max_utterance' | 'agent'): void => {
    if (!speaking) return;
    speaking = false;
    finished = true;
    endedBy = reason;
    sink.onSpeechEnded(reason);
  };

  /** One whole block of 20 ms. */
  const takeBlock = (bytes: Uint8Array): void => {
    if (finished) return;
    if (speaking || owedMs > 0) utterance.push(bytes);
    else ring.push(bytes);
    const boundary = detection ? detectorInUse()?.push(decodeAudio(bytes, encoding, samples)) : undefined;
    if (boundary === 'started') find();
    else if (boundary === 'ended' && owedMs > 0) forget();
    else if (boundary === 'ended') end('silence');
    else if (owedMs > 0 && (detector?.quietMs ?? 0) === 0) {
      owedMs = Math.max(0, owedMs - BLOCK_MS);
      if (owedMs === 0) count();
    }
    if (speaking && utterance.length >= maxUtteranceBytes) end('max_utterance');
  };

  return {
    push(bytes, nextEncoding, nextRate) {
      if (nextEncoding !== undefined || nextRate !== 0) {
        useFormat(nextEncoding ?? (declaredEncoding ? encoding : 'mulaw'), nextRate === 0 ? rate : nextRate);
        declaredEncoding = true;
      }
      receivedBytes += bytes.length;
      if (bytes.length <= TINY_FRAME_BYTES || finished) return;
      let offset = 0;
      if (blockLength > 0) {
        offset = Math.min(bytes.length, block.length - blockLength);
        block.set(offset === bytes.length ? bytes : bytes.subarray(0, offset), blockLength);
        blockLength += offset;
        if (blockLength < block.length) return;
        blockLength = 0;
        takeBlock(block);
      }
      if (offset === 0 && bytes.length === block.length) {
        takeBlock(bytes);
        return;
      }
      for (; bytes.length - offset >= block.length; offset += block.length) {
        takeBlock(bytes.subarray(offset, offset + block.length));
      }
      block.set(bytes.subarray(offset));
      blockLength = bytes.length - offset;
    },
    startTurn() {
      speaking = false;
      finished = false;
      owedMs = 0;
      blockLength = 0;
      receivedBytes = 0;
      endedBy = 'half_close';
      declaredEncoding = false;
      useFormat('mulaw', 8000);
      ring.clear();
      utterance.take();
      detector?.reset();
    },
    get speaking() {
      return speaking;
    },
    get format() {
      return { encoding, sampleRateHz: rate };
    },
    startSpeech: begin,
    endSpeech: () => end('agent'),
    setDetection(on) {
      detection = on;
    },
    takeUtterance() {
      if (utterance.length === 0) return undefined;
      const audio = utterance.take();
      speaking = false;
      finished = true;
      return createUtterance({ encoding, sampleRateHz: rate, audio, preRollBytes, endedBy });
    },
    get lagMs() {
      return detector?.lagMs;
    },
    get receivedMs() {
      return receivedBytes / bytesPerMs;
    },
  };
}
