// What a session pushes the caller's frames into: cuts them into blocks of 20 ms, finds speech, and keeps the utterance in
// the encoding in which it came. On the path of every frame: no promise, no closure, nothing allocated but the utterance.
import { ByovaError } from '@byova/auth/errors';
import type { AudioEncoding } from '../audio/audio-format.ts';
import { type ByteCollector, type ByteRing, createByteCollector, createByteRing } from '../audio/byte-collector.ts';
import { ALAW_DECODED, MULAW_DECODED } from '../audio/g711.ts';
import { decodeAudio } from '../audio/linear16.ts';
import { sampleBytes } from '../audio/wav.ts';
import { AudioFormatError } from '../audio/wav-errors.ts';
import { createHeardSpeech, type HeardSpeech } from './heard-speech.ts';
import type { SpeechBoundary, SpeechDetector, SpeechDetectorFactory } from './speech-detector.ts';
import type { UtteranceEnd } from './utterance.ts';

/** Told where speech begins and ends. */
export interface CallerAudioSink {
  onSpeechStarted(): void;
  onSpeechEnded(reason: 'silence' | 'max_utterance' | 'agent'): void;
  /** The next block may end it. */
  onSpeechEnding?(): void;
  /** How long speech that is found now must last before it counts, in ms. Without it: as the detector says. */
  minSpeechMs?(): number;
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
  takeUtterance(): HeardSpeech | undefined;
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
}

const BLOCK_MS = 20;
/** Webex sends a few frames of about three bytes at the start of a call. */
const TINY_FRAME_BYTES = 15;
const MAX_BYTES_PER_MS = 32;

/** A figure of a detector, which may be a program's own: of one that tells no time, or throws, nothing is known. */
function readMs(detector: SpeechDetector | undefined, figure: 'lagMs' | 'quietMs'): number | undefined {
  try {
    const ms: unknown = detector?.[figure];
    return typeof ms === 'number' && ms >= 0 ? ms : undefined;
  } catch {
    return undefined;
  }
}

/** A class, as all that a frame goes through: objects of one shape, whose methods the engine can put into one another. */
class Caller implements CallerAudio {
  // First what every frame asks for, so that it lies together.
  #encoding: AudioEncoding = 'mulaw';
  #rate: 8000 | 16000 = 8000;
  #declaredEncoding = false;
  #detection = true;
  speaking = false;
  #finished = false;
  #receivedBytes = 0;
  #blockBytes: number;
  #blockLength = 0;
  /** Speech was found that does not count before it has lasted so much longer, in ms; 0 when there is none. */
  #owedMs = 0;
  #detector: SpeechDetector | undefined;
  #ring: ByteRing;
  /** Made when there is speech to collect. */
  #utterance: ByteCollector | undefined;
  #maxUtteranceBytes: number;
  readonly #factory: SpeechDetectorFactory | 'manual';
  readonly #sink: CallerAudioSink;
  readonly #preRollMs: number;
  readonly #maxUtteranceMs: number;
  #bytesPerMs = 8;
  #endedBy: UtteranceEnd = 'half_close';
  #preRollBytes = 0;
  /** What is left of a frame that is no block; made when there is one. */
  #block: Uint8Array | undefined;
  /** Made when a detector wants samples. */
  #samples: Int16Array | undefined;

  constructor({ detector, sink, preRollMs = 300, maxUtteranceMs = 60_000 }: CallerAudioOptions) {
    this.#factory = detector;
    this.#sink = sink;
    this.#preRollMs = preRollMs;
    this.#maxUtteranceMs = maxUtteranceMs;
    this.#blockBytes = BLOCK_MS * this.#bytesPerMs;
    this.#ring = createByteRing({ maxBytes: preRollMs * this.#bytesPerMs });
    this.#maxUtteranceBytes = maxUtteranceMs * this.#bytesPerMs;
  }

  get format(): CallerAudio['format'] {
    return { encoding: this.#encoding, sampleRateHz: this.#rate };
  }

  get lagMs(): number | undefined {
    return readMs(this.#detector, 'lagMs');
  }

  get receivedMs(): number {
    return this.#receivedBytes / this.#bytesPerMs;
  }

  push(bytes: Uint8Array, encoding: AudioEncoding | undefined, sampleRateHz: number): void {
    if (encoding !== undefined || sampleRateHz !== 0) {
      this.#useFormat(
        encoding ?? (this.#declaredEncoding ? this.#encoding : 'mulaw'),
        sampleRateHz === 0 ? this.#rate : sampleRateHz,
      );
      this.#declaredEncoding = true;
    }
    this.#receivedBytes += bytes.length;
    if (bytes.length <= TINY_FRAME_BYTES || this.#finished) return;
    // A frame that is a block, as the platform sends them, is looked at where it lies.
    if (this.#blockLength === 0 && bytes.length === this.#blockBytes) this.#takeBlock(bytes);
    else this.#cut(bytes);
  }

  /** Cuts what came into blocks, and keeps the rest. */
  #cut(bytes: Uint8Array): void {
    this.#block ??= new Uint8Array(this.#blockBytes);
    const block = this.#block;
    let offset = 0;
    if (this.#blockLength > 0) {
      offset = Math.min(bytes.length, block.length - this.#blockLength);
      block.set(offset === bytes.length ? bytes : bytes.subarray(0, offset), this.#blockLength);
      this.#blockLength += offset;
      if (this.#blockLength < block.length) return;
      this.#blockLength = 0;
      this.#takeBlock(block);
    }
    for (; bytes.length - offset >= block.length; offset += block.length) {
      this.#takeBlock(bytes.subarray(offset, offset + block.length));
    }
    block.set(bytes.subarray(offset));
    this.#blockLength = bytes.length - offset;
  }

  #useFormat(encoding: AudioEncoding, rate: number): void {
    if (encoding === this.#encoding && rate === this.#rate) return;
    if (rate !== 8000 && rate !== 16_000) throw new AudioFormatError(`Audio at ${rate} Hz is not supported.`);
    if (rate !== this.#rate) this.#detector = undefined;
    this.#encoding = encoding;
    this.#rate = rate;
    this.#bytesPerMs = (sampleBytes(encoding) * rate) / 1000;
    this.#blockBytes = BLOCK_MS * this.#bytesPerMs;
    this.#block = undefined;
    this.#samples = undefined;
    this.#ring = createByteRing({ maxBytes: this.#preRollMs * this.#bytesPerMs });
    this.#maxUtteranceBytes = this.#maxUtteranceMs * this.#bytesPerMs;
    this.#blockLength = 0;
    // Audio of two formats cannot be one utterance.
    this.#dropUtterance();
    this.speaking = false;
  }

  #detectorInUse(): SpeechDetector | undefined {
    if (this.#detector !== undefined || this.#factory === 'manual') return this.#detector;
    const detector = this.#factory({ sampleRateHz: this.#rate });
    if (detector.sampleRateHz !== this.#rate) {
      throw new ByovaError({
        code: 'DETECTOR_RATE_MISMATCH',
        message: `The speech detector works at ${detector.sampleRateHz} Hz, and the call has ${this.#rate} Hz.`,
      });
    }
    this.#detector = detector;
    return detector;
  }

  /** Gives a block to the detector: as it came where the detector can read it, else as samples. */
  #detect(bytes: Uint8Array): SpeechBoundary {
    const detector = this.#detectorInUse();
    if (detector === undefined) return 'none';
    const encoding = this.#encoding;
    if (encoding === 'linear16' || detector.pushCoded === undefined) {
      this.#samples ??= new Int16Array((BLOCK_MS * this.#rate) / 1000);
      return detector.push(decodeAudio(bytes, encoding, this.#samples));
    }
    return detector.pushCoded(bytes, encoding === 'mulaw' ? MULAW_DECODED : ALAW_DECODED);
  }

  /** One whole block of 20 ms. */
  #takeBlock(bytes: Uint8Array): void {
    if (this.#finished) return;
    if (this.speaking || this.#owedMs > 0) this.#collect(bytes);
    else this.#ring.push(bytes);
    const boundary = this.#detection ? this.#detect(bytes) : 'none';
    if (boundary === 'started') this.#find();
    else if (boundary === 'ended' && this.#owedMs > 0) this.#forget();
    else if (boundary === 'ended') this.#end('silence');
    else if (this.#owedMs > 0 && (readMs(this.#detector, 'quietMs') ?? 0) === 0) {
      this.#owedMs = Math.max(0, this.#owedMs - BLOCK_MS);
      if (this.#owedMs === 0) this.#count();
    } else if (boundary === 'ending') this.#sink.onSpeechEnding?.();
    if (this.speaking && (this.#utterance?.length ?? 0) >= this.#maxUtteranceBytes) this.#end('max_utterance');
  }

  startTurn(): void {
    this.speaking = false;
    this.#finished = false;
    this.#owedMs = 0;
    this.#blockLength = 0;
    this.#receivedBytes = 0;
    this.#endedBy = 'half_close';
    this.#declaredEncoding = false;
    this.#useFormat('mulaw', 8000);
    this.#ring.clear();
    this.#dropUtterance();
    this.#detector?.reset();
  }

  startSpeech(): void {
    if (this.speaking || this.#finished) return;
    if (this.#owedMs === 0) this.#open();
    this.#count();
  }

  /** Speech was found: it counts at once, or when it has lasted long enough. */
  #find(): void {
    const shortMs = (this.#sink.minSpeechMs?.() ?? 0) - (this.lagMs ?? 0);
    if (shortMs <= 0) {
      this.startSpeech();
      return;
    }
    this.#open();
    this.#owedMs = shortMs;
  }

  /** What was heard until now is the beginning of an utterance. */
  #open(): void {
    this.#preRollBytes = this.#ring.length;
    this.#collect(this.#ring.copy());
    this.#ring.clear();
  }

  /** It counts as speech. */
  #count(): void {
    this.#owedMs = 0;
    this.speaking = true;
    this.#sink.onSpeechStarted();
  }

  /** It ended before it counted. */
  #forget(): void {
    this.#owedMs = 0;
    this.#dropUtterance();
  }

  #collect(bytes: Uint8Array): void {
    this.#utterance ??= createByteCollector({ maxBytes: this.#maxUtteranceMs * MAX_BYTES_PER_MS });
    this.#utterance.push(bytes);
  }

  #dropUtterance(): void {
    this.#utterance?.clear();
    this.#utterance = undefined;
  }

  endSpeech(): void {
    this.#end('agent');
  }

  #end(reason: 'silence' | 'max_utterance' | 'agent'): void {
    if (!this.speaking) return;
    this.speaking = false;
    this.#finished = true;
    this.#endedBy = reason;
    this.#sink.onSpeechEnded(reason);
  }

  setDetection(on: boolean): void {
    this.#detection = on;
  }

  takeUtterance(): HeardSpeech | undefined {
    const collected = this.#utterance;
    this.#utterance = undefined;
    if (collected === undefined || collected.length === 0) return undefined;
    this.speaking = false;
    this.#finished = true;
    return createHeardSpeech({
      encoding: this.#encoding,
      sampleRateHz: this.#rate,
      collected,
      preRollBytes: this.#preRollBytes,
      endedBy: this.#endedBy,
    });
  }
}

/** Makes the caller's audio of one call. */
export function createCallerAudio(options: CallerAudioOptions): CallerAudio {
  return new Caller(options);
}
