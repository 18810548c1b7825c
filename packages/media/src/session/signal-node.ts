// The tree of signals of a call: server -> session -> turn -> play. Each node is aborted with a typed reason and takes
// its children along. Built with plain lists, since `AbortSignal.any` leaks on signals that live as long as a call.
import { type AbortReason, CallAbortedError } from '../errors/media-errors.ts';

/** A node of the tree. */
export interface SignalNode {
  readonly signal: AbortSignal;
  /** Aborts this node and everything below it; the first reason stays. */
  abort(reason: AbortReason): void;
  /** Makes a node below this one. Aborted at once when this one is. */
  child(): SignalNode;
  /** Leaves the tree without an abort: what it was for has settled. */
  release(): void;
}

/** Makes a node with no parent. */
export function createSignalNode(onRelease?: () => void): SignalNode {
  const controller = new AbortController();
  const children = new Set<SignalNode>();
  let abortedFor: AbortReason | undefined;

  return {
    signal: controller.signal,
    abort(reason) {
      if (abortedFor !== undefined) return;
      abortedFor = reason;
      for (const child of children) child.abort(reason);
      children.clear();
      controller.abort(new CallAbortedError(reason));
      onRelease?.();
    },
    child() {
      const child: SignalNode = createSignalNode(() => children.delete(child));
      if (abortedFor === undefined) children.add(child);
      else child.abort(abortedFor);
      return child;
    },
    release() {
      onRelease?.();
    },
  };
}
