// Events: any number of listeners, one object per event, and a listener that throws harms nobody.
import type { Logger } from '../logger.ts';

/** Listeners by event name. */
export interface Emitter<Events extends object> {
  /** Adds a listener; the function that it gives removes it. */
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void;
  /** Logs the event and tells every listener. */
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void;
}

/**
 * Makes an emitter.
 *
 * @param logger - gets a line at `info` for each event, its members beside its name: no event holds a secret
 * @param message - the text of that line
 */
export function createEmitter<Events extends object>(logger: Logger, message: string): Emitter<Events> {
  const listeners = new Map<keyof Events, Set<(event: never) => void>>();
  return {
    on(name, listener) {
      const set = listeners.get(name) ?? new Set();
      listeners.set(name, set);
      // Each registration is its own, so that removing one does not remove an equal one.
      const own = (event: never): void => listener(event);
      set.add(own);
      return () => void set.delete(own);
    },
    emit(name, event) {
      logger.info({ ...event, event: name }, message);
      for (const listener of [...(listeners.get(name) ?? [])]) {
        try {
          listener(event as never);
        } catch (error) {
          logger.error({ event: name, error: error instanceof Error ? error.name : 'unknown' }, 'a listener threw');
        }
      }
    },
  };
}
