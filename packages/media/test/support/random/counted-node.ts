// The root of a tree of signals that knows how many nodes hang on it, so that a test sees what is left behind.
import { createSignalNode, type SignalNode } from '../../../src/session/signal-node.ts';

/** A tree that is counted. */
export interface CountedTree {
  readonly root: SignalNode;
  /** Nodes that were neither aborted nor released, the root left out. */
  readonly live: number;
}

/** Makes a tree of one node. */
export function createCountedTree(): CountedTree {
  const nodes = new Set<SignalNode>();
  const counted = (node: SignalNode): SignalNode => ({
    signal: node.signal,
    abort: (reason) => node.abort(reason),
    child() {
      const child = node.child();
      nodes.add(child);
      const gone = (): void => void nodes.delete(child);
      child.signal.addEventListener('abort', gone, { once: true });
      if (child.signal.aborted) gone();
      return {
        ...counted(child),
        release() {
          gone();
          child.release();
        },
      };
    },
    release: () => node.release(),
  });
  return {
    root: counted(createSignalNode()),
    get live() {
      return nodes.size;
    },
  };
}
