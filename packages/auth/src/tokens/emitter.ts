// Events of the token managers: any number of listeners, one object per event, and a listener that throws harms nobody.
import type { Logger } from '../logger.ts';

/** Listeners by event name. */
export interface Emitter<Events extends object> {
  on<Name extends keyof Events>(name: Name, listener: (event: Events[Name]) => void): () => void;
  emit<Name extends keyof Events>(name: Name, event: Events[Name]): void;
}

export function createEmitter<Events extends object>(logger: Logger): Emitter<Events> {
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
      logger.info({ ...event, event: name }, 'token event');
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
