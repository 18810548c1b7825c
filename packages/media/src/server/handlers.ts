// The handlers of a server: one per event, so that nothing is overwritten in silence.
import { kindOf } from '../checks/kind-of.ts';
import { MediaError } from '../errors/media-errors.ts';
import type { Observers } from '../observability/observers.ts';
import type { FrameHearers } from '../session/call-environment.ts';
import { type Handlers, isEventName, type MediaEventName, type MediaHandler } from '../session/events.ts';

/** The handlers of a server. */
export interface HandlerTable<State> extends Handlers<State> {
  /** Registers a handler; gives a function that removes it. @throws MediaError `OPTIONS_INVALID` or `HANDLER_EXISTS` */
  set<Name extends MediaEventName>(name: Name, handler: MediaHandler<Name, State>): () => void;
}

/** A misspelt event would never be handled, and nothing would say so. */
function checkHandler(name: unknown, handler: unknown): void {
  const problem = !isEventName(name)
    ? `there is no event ${typeof name === 'string' ? `'${name.slice(0, 100)}'` : `of that name: it is ${kindOf(name).name}`}`
    : typeof handler === 'function'
      ? undefined
      : `the handler of '${name}' is ${kindOf(handler).name}; give a function`;
  if (problem !== undefined) throw new MediaError({ code: 'OPTIONS_INVALID', message: `on: ${problem}.` });
}

/** Makes an empty table. */
export function createHandlerTable<State>(): HandlerTable<State> {
  const table = new Map<MediaEventName, unknown>();
  return {
    get<Name extends MediaEventName>(name: Name) {
      // `set` is the only writer, and it stores under each name a handler of that name.
      return table.get(name) as MediaHandler<Name, State> | undefined;
    },
    set(name, handler) {
      checkHandler(name, handler);
      if (table.has(name)) {
        throw new MediaError({
          code: 'HANDLER_EXISTS',
          message: `There is a handler for '${name}' already. Remove it first: on() returned a function for that.`,
        });
      }
      table.set(name, handler);
      return () => {
        if (table.get(name) === handler) table.delete(name);
      };
    },
  };
}

/** A class: it is asked for each frame. */
class HearersOf<State> implements FrameHearers {
  readonly #observers: Observers;
  readonly #handlers: Handlers<State>;

  constructor(observers: Observers, handlers: Handlers<State>) {
    this.#observers = observers;
    this.#handlers = handlers;
  }

  get any(): boolean {
    return this.#observers.hearCallers || this.#handlers.get('audio_input') !== undefined;
  }
}

/** Makes what knows whether anybody but the speech detector is given the frames of callers. */
export function createFrameHearers<State>(observers: Observers, handlers: Handlers<State>): FrameHearers {
  return new HearersOf(observers, handlers);
}
