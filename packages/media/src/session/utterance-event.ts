// What the handler of an utterance is told: the utterance is put together when it is asked for.
import type { Utterance } from '../speech/utterance.ts';
import type { UtteranceEvent } from './events.ts';

/** A class: one for each turn. */
class Told implements UtteranceEvent {
  /** A property of each event, so that a handler may hand it on in a copy, which asks for it. */
  static readonly #UTTERANCE: PropertyDescriptor & ThisType<Told> = {
    enumerable: true,
    get() {
      return this.#speech.utterance;
    },
  };

  declare readonly utterance: Utterance;
  readonly #speech: { readonly utterance: Utterance };

  constructor(speech: { readonly utterance: Utterance }) {
    this.#speech = speech;
    Object.defineProperty(this, 'utterance', Told.#UTTERANCE);
  }
}

/** Makes the event of an utterance. */
export function createUtteranceEvent(speech: { readonly utterance: Utterance }): UtteranceEvent {
  return new Told(speech);
}
