// The calls that a server listens to: finds out which RPC goes on with which call, runs the handler of each, and ends them all
// when the server closes. One RPC is one conversation; wire/details.md 6.1 has when one takes the place of another.

import { type AbortReason, CallAbortedError } from '../errors/media-errors.ts';
import type { Clock } from '../session/clock.ts';
import { type Logger, withFields } from '../session/logger.ts';
import type { SignalNode } from '../session/signal-node.ts';
import { sessionKey } from '../store/session-key.ts';
import type { ForkFrame, ForkHeader, ForkService, LegRole } from '../wire/fork-port.ts';
import type { CallIdentity } from '../wire/gate.ts';
import type { ConversationAudioContext, ConversationEndReason } from './conversation.ts';
import { createForkRpc, type ForkHost, type ForkRpc } from './fork-rpc.ts';
import { createListenedConversation, type ListenedConversation } from './listened-conversation.ts';

/** How long after an RPC broke off another one is known to go on with its call. */
const RESUME_MS = 600_000;

/** What {@link createForks} needs. */
export interface ForksOptions {
  /** The handler of `conversation_audio`, where there is one. */
  readonly handler: () => ((context: ConversationAudioContext) => unknown) | undefined;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Ms since 1970. */
  readonly now: () => number;
  /** Aborted when the server closes. */
  readonly node: SignalNode;
  readonly accepting: () => boolean;
  readonly limits: {
    readonly maxConversations: number;
    readonly maxConversationQueueMs: number;
    readonly idleTimeoutMs: number;
  };
}

/** The calls that are listened to. */
export interface Forks extends ForkService {
  /** How many. */
  readonly size: number;
  /** Ends them all, with reason `drain`, and waits at most so long for their handlers. */
  close(graceMs: number): Promise<void>;
}

interface Running {
  readonly key: string;
  readonly node: SignalNode;
}

/** Why the signal of a handler is aborted. */
function abortReason(reason: ConversationEndReason): AbortReason | undefined {
  switch (reason) {
    case 'completed':
      return undefined;
    case 'invalid_audio':
      return 'error';
    default:
      return reason;
  }
}

/** Whether a handler was stopped by its signal, which is a normal end of one. What it throws may be anything. */
function isAbort(error: unknown): boolean {
  try {
    return error instanceof CallAbortedError || (error instanceof Error && error.name === 'AbortError');
  } catch {
    return false;
  }
}

class OpenForks implements Forks, ForkHost {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly now: () => number;
  readonly accepting: () => boolean;
  readonly idleTimeoutMs: number;
  readonly #options: ForksOptions;
  readonly #rpcs = new Set<ForkRpc>();
  readonly #running = new Map<ListenedConversation, Running>();
  readonly #handlers = new Set<Promise<void>>();
  /** Calls whose RPC broke off, and until when another is waited for. */
  readonly #brokenOff = new Map<string, number>();

  constructor(options: ForksOptions) {
    this.clock = options.clock;
    this.logger = options.logger;
    this.now = options.now;
    this.accepting = options.accepting;
    this.idleTimeoutMs = options.limits.idleTimeoutMs;
    this.#options = options;
  }

  get size(): number {
    return this.#running.size;
  }

  openFork(...[output, { identity }]: Parameters<ForkService['openFork']>): ForkRpc | undefined {
    return this.#options.handler() === undefined ? undefined : createForkRpc(this, output, identity);
  }

  opened(rpc: ForkRpc): void {
    this.#rpcs.add(rpc);
  }

  begin(header: ForkHeader, identity: CallIdentity | undefined, frame: ForkFrame): ListenedConversation | undefined {
    const { maxConversations, maxConversationQueueMs } = this.#options.limits;
    const { conversationId, organization } = header;
    const key = sessionKey(organization, conversationId);
    const replaces = this.#replace(key, frame.role, frame.roleId);
    if (this.#running.size >= maxConversations) {
      this.logger.warn({ conversationId, organization }, 'a call is not listened to: there are too many');
      return undefined;
    }
    const conversation = createListenedConversation({
      header,
      identity,
      resumed: replaces || this.#wasBrokenOff(key),
      maxQueueMs: maxConversationQueueMs,
      log: withFields(this.logger, { conversationId, organization }),
      onLeg: (role, roleId) => void this.#replace(key, role, roleId, conversation),
    });
    this.#running.set(conversation, { key, node: this.#options.node.child() });
    this.#handle(conversation);
    return conversation;
  }

  /** Ends the RPC that had a leg before; whether there was one. */
  #replace(key: string, role: LegRole, roleId: string, by?: ListenedConversation): boolean {
    let found = false;
    for (const rpc of this.#rpcs) {
      const { conversation } = rpc;
      if (conversation === undefined || conversation === by) continue;
      if (this.#running.get(conversation)?.key !== key || !conversation.hasLeg(role, roleId)) continue;
      rpc.end('replaced');
      found = true;
    }
    return found;
  }

  #wasBrokenOff(key: string): boolean {
    const untilMs = this.#brokenOff.get(key);
    this.#brokenOff.delete(key);
    return untilMs !== undefined && this.clock.now() < untilMs;
  }

  /** The oldest are forgotten where there are too many. */
  #remember(key: string): void {
    this.#brokenOff.delete(key);
    this.#brokenOff.set(key, this.clock.now() + RESUME_MS);
    for (const [oldest, untilMs] of this.#brokenOff) {
      if (this.#brokenOff.size <= this.#options.limits.maxConversations && this.clock.now() < untilMs) break;
      this.#brokenOff.delete(oldest);
    }
  }

  #handle(conversation: ListenedConversation): void {
    const running = this.#running.get(conversation);
    const handler = this.#options.handler();
    if (running === undefined || handler === undefined) return;
    const { node } = running;
    const { id: conversationId, organization } = conversation;
    const log = withFields(this.logger, { conversationId, organization });
    const handled = (async () => handler({ conversation, signal: node.signal, log }))().then(
      () => {},
      (error: unknown) => {
        if (node.signal.aborted && isAbort(error)) return;
        conversation.troubled = true;
        log.error({ err: error }, "the handler of 'conversation_audio' threw");
      },
    );
    const settled = handled.finally(() => {
      this.#handlers.delete(settled);
      node.release();
    });
    this.#handlers.add(settled);
  }

  over(rpc: ForkRpc, reason: ConversationEndReason): void {
    this.#rpcs.delete(rpc);
    const { conversation } = rpc;
    const running = conversation && this.#running.get(conversation);
    if (conversation === undefined || running === undefined) return;
    this.#running.delete(conversation);
    if (reason === 'cancelled' || reason === 'idle_timeout') this.#remember(running.key);
    else if (reason === 'completed') this.#brokenOff.delete(running.key);
    conversation.end(reason);
    const aborted = abortReason(reason);
    if (aborted !== undefined) running.node.abort(aborted);
  }

  async close(graceMs: number): Promise<void> {
    for (const rpc of [...this.#rpcs]) rpc.end('drain');
    if (this.#handlers.size === 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.clock.setTimer(resolve, graceMs);
    await Promise.race([Promise.all(this.#handlers), promise]);
    timer.cancel();
  }
}

/** Makes what listens to the calls of a server. */
export function createForks(options: ForksOptions): Forks {
  return new OpenForks(options);
}
