// What a caller said, before anybody asks for it. Its audio lies in pieces that are used again; it is put together, in an
// array of its own, for who asks. Most of a server's memory for each turn is that array: an agent that sends the frames
// elsewhere as they come never asks for it.
import type { AudioEncoding } from '../audio/audio-format.ts';
import type { ByteCollector } from '../audio/byte-collector.ts';
import { sampleBytes } from '../audio/wav.ts';
import { MediaError } from '../errors/media-errors.ts';
import { createUtterance, type Utterance, type UtteranceEnd } from './utterance.ts';

/** What a caller said. */
export interface HeardSpeech {
  /** Length, in ms. */
  readonly durationMs: number;
  /** Where in it speech was found, in ms. */
  readonly speechStartMs: number;
  /** What ended it. */
  readonly endedBy: UtteranceEnd;
  /**
   * All of it, the same each time.
   *
   * @throws MediaError `UTTERANCE_RELEASED` when it was let go before anybody had asked
   */
  readonly utterance: Utterance;
  /** Lets it go, unless somebody has asked for it: nobody will. */
  release(): void;
}

/** What speech is made from. */
export interface HeardSpeechInit {
  readonly encoding: AudioEncoding;
  readonly sampleRateHz: 8000 | 16000;
  /** What was heard; emptied when it is asked for, or let go. */
  readonly collected: ByteCollector;
  readonly preRollBytes: number;
  readonly endedBy: UtteranceEnd;
}

/** A class: one for each turn. */
class Heard implements HeardSpeech {
  readonly durationMs: number;
  readonly speechStartMs: number;
  readonly endedBy: UtteranceEnd;
  #init: HeardSpeechInit | undefined;
  #utterance: Utterance | undefined;

  constructor(init: HeardSpeechInit) {
    const { encoding, sampleRateHz, collected, preRollBytes, endedBy } = init;
    const bytesPerMs = (sampleBytes(encoding) * sampleRateHz) / 1000;
    this.durationMs = collected.length / bytesPerMs;
    this.speechStartMs = preRollBytes / bytesPerMs;
    this.endedBy = endedBy;
    this.#init = init;
  }

  get utterance(): Utterance {
    if (this.#utterance !== undefined) return this.#utterance;
    if (this.#init === undefined) {
      throw new MediaError({
        code: 'UTTERANCE_RELEASED',
        message:
          'The utterance was let go when its handler had settled, since nobody had asked for it. Read event.utterance ' +
          'while the handler runs; it can be kept from then on.',
      });
    }
    const { encoding, sampleRateHz, collected } = this.#init;
    const { durationMs, speechStartMs, endedBy } = this;
    const audio = collected.take();
    this.#init = undefined;
    this.#utterance = createUtterance({ encoding, sampleRateHz, audio, durationMs, speechStartMs, endedBy });
    return this.#utterance;
  }

  release(): void {
    this.#init?.collected.clear();
    this.#init = undefined;
  }
}

/** Makes what is known of what a caller said. */
export function createHeardSpeech(init: HeardSpeechInit): HeardSpeech {
  return new Heard(init);
}
