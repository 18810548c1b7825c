// The tree of signals of a call: server -> session -> turn -> play. Each node is aborted with a typed reason and takes
// its children along. Built with plain lists, since `AbortSignal.any` leaks on signals that live as long as a call. A
// signal is made when somebody asks for it: most nodes of a call come and go without.
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

class Node implements SignalNode {
  readonly #parent: Node | undefined;
  #children: Set<Node> | undefined;
  #controller: AbortController | undefined;
  #abortedFor: AbortReason | undefined;

  constructor(parent: Node | undefined) {
    this.#parent = parent;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortedFor !== undefined) this.#controller.abort(new CallAbortedError(this.#abortedFor));
    }
    return this.#controller.signal;
  }

  abort(reason: AbortReason): void {
    if (this.#abortedFor !== undefined) return;
    this.#abortedFor = reason;
    const children = this.#children;
    this.#children = undefined;
    if (children !== undefined) for (const child of children) child.abort(reason);
    this.#controller?.abort(new CallAbortedError(reason));
    this.release();
  }

  child(): SignalNode {
    const child = new Node(this);
    if (this.#abortedFor === undefined) {
      this.#children ??= new Set();
      this.#children.add(child);
    } else child.abort(this.#abortedFor);
    return child;
  }

  release(): void {
    const parent = this.#parent;
    if (parent !== undefined) parent.#children?.delete(this);
  }
}

/** Makes a node with no parent. */
export function createSignalNode(): SignalNode {
  return new Node(undefined);
}
