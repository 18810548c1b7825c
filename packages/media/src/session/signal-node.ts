// The tree of signals of a call: server -> session -> turn -> play. Each node is aborted with a typed reason and takes
// its children along. Built with plain lists, since `AbortSignal.any` leaks on signals that live as long as a call. A
// signal is made when somebody asks for it, and only then a node joins the tree: most nodes of a call come and go without.
import { type AbortReason, CallAbortedError } from '../errors/media-errors.ts';
import { withoutStack } from '../errors/without-stack.ts';

/** A node of the tree. */
export interface SignalNode {
  readonly signal: AbortSignal;
  /** Aborts this node and everything below it; the first reason stays. */
  abort(reason: AbortReason): void;
  /** Makes a node below this one, aborted when this one is. */
  child(): SignalNode;
  /** Leaves the tree without an abort: what it was for has settled. */
  release(): void;
}

const NO_NODES: readonly Node[] = [];

function abort(controller: AbortController, reason: AbortReason): void {
  controller.abort(withoutStack(() => new CallAbortedError(reason)));
}

/**
 * A class whose nodes hold each other: the children of a node are a ring, so that to come and to go costs the same under a
 * server with thousands of calls as in a call, and a node without children holds nothing for them.
 */
class Node implements SignalNode {
  /** Undefined for a root, and for a node that has left. */
  #parent: Node | undefined;
  /** The youngest child, behind which comes the oldest. */
  #youngest: Node | undefined;
  /** Its neighbours among the children of its parent; undefined when it is not one of them. */
  #before: Node | undefined;
  #behind: Node | undefined;
  #controller: AbortController | undefined;
  #abortedFor: AbortReason | undefined;

  constructor(parent: Node | undefined) {
    this.#parent = parent;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#join();
      this.#controller = new AbortController();
      if (this.#abortedFor !== undefined) abort(this.#controller, this.#abortedFor);
    }
    return this.#controller.signal;
  }

  /** Why it was aborted. One that has not joined the tree learns here that a node above it was. */
  #why(): AbortReason | undefined {
    const parent = this.#parent;
    if (parent !== undefined && this.#before === undefined) this.#abortedFor ??= parent.#why();
    return this.#abortedFor;
  }

  /** From now on it is taken along. */
  #join(): void {
    const parent = this.#parent;
    if (parent === undefined || this.#before !== undefined || this.#why() !== undefined) return;
    parent.#join();
    parent.#add(this);
  }

  abort(reason: AbortReason): void {
    if (this.#why() !== undefined) return;
    this.#take(reason);
  }

  #take(reason: AbortReason): void {
    this.#abortedFor = reason;
    for (const child of this.#children()) if (child.#abortedFor === undefined) child.#take(reason);
    if (this.#controller !== undefined) abort(this.#controller, reason);
    this.#leave();
  }

  /** Oldest first; those of this moment, since an abort takes them out. */
  #children(): readonly Node[] {
    const youngest = this.#youngest;
    if (youngest === undefined) return NO_NODES;
    const children: Node[] = [];
    for (let node = youngest.#behind; node !== undefined && node !== youngest; node = node.#behind) children.push(node);
    children.push(youngest);
    return children;
  }

  child(): SignalNode {
    return new Node(this);
  }

  #add(child: Node): void {
    const before = this.#youngest ?? child;
    const behind = before.#behind ?? child;
    child.#before = before;
    child.#behind = behind;
    before.#behind = child;
    behind.#before = child;
    this.#youngest = child;
  }

  release(): void {
    // What was aborted stays so.
    this.#why();
    this.#leave();
  }

  #leave(): void {
    const parent = this.#parent;
    this.#parent = undefined;
    const before = this.#before;
    const behind = this.#behind;
    if (parent === undefined || before === undefined || behind === undefined) return;
    before.#behind = behind;
    behind.#before = before;
    if (parent.#youngest === this) parent.#youngest = before === this ? undefined : before;
    this.#before = undefined;
    this.#behind = undefined;
  }
}

/** Makes a node with no parent. */
export function createSignalNode(): SignalNode {
  return new Node(undefined);
}
