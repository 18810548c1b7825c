// Where things that happen outside the call's loop wait until the loop takes them.

/** A queue with one listener. */
export interface Mailbox<Item> {
  readonly empty: boolean;
  put(item: Item): void;
  /** Takes everything out, in order. */
  takeAll(): readonly Item[];
  /** Calls back once when something is put in; the returned function takes that back. */
  onArrival(callback: () => void): () => void;
}

/** Makes an empty mailbox. */
export function createMailbox<Item>(): Mailbox<Item> {
  let items: Item[] = [];
  let listener: (() => void) | undefined;
  return {
    get empty() {
      return items.length === 0;
    },
    put(item) {
      items.push(item);
      const told = listener;
      listener = undefined;
      told?.();
    },
    takeAll() {
      const taken = items;
      items = [];
      return taken;
    },
    onArrival(callback) {
      listener = callback;
      return () => {
        listener = undefined;
      };
    },
  };
}
