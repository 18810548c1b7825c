// One RPC of forked audio as the core takes it: checks its ids, begins with the first frame, watches that something comes,
// and gives the one answer.
import { mayActFor } from '../server/rpc.ts';
import type { Clock, ClockTimer } from '../session/clock.ts';
import type { Logger } from '../session/logger.ts';
import type { ForkAnswer, ForkFrame, ForkHeader, ForkInput, ForkOutput } from '../wire/fork-port.ts';
import type { CallIdentity } from '../wire/gate.ts';
import type { RpcFailure } from '../wire/port.ts';
import { isIdUsable } from '../wire/usable-id.ts';
import type { ConversationEndReason } from './conversation.ts';
import type { ListenedConversation } from './listened-conversation.ts';

/** An RPC that is open. */
export interface ForkRpc extends ForkInput {
  readonly conversation: ListenedConversation | undefined;
  /** Ends it from outside. */
  end(reason: 'replaced' | 'drain'): void;
}

/** What the RPCs of a server share. */
export interface ForkHost {
  readonly clock: Clock;
  readonly logger: Logger;
  readonly idleTimeoutMs: number;
  /** Ms since 1970. */
  now(): number;
  /** Whether new calls are taken. */
  accepting(): boolean;
  opened(rpc: ForkRpc): void;
  /** Makes the conversation that a first frame is of, and runs its handler. Undefined when there are too many. */
  begin(header: ForkHeader, identity: CallIdentity | undefined, frame: ForkFrame): ListenedConversation | undefined;
  /** The RPC is over, and so is its conversation. */
  over(rpc: ForkRpc, reason: ConversationEndReason): void;
}

/**
 * A client on Node that cancels half-closes first: an end is believed when no reset has come behind it for so long. Otherwise
 * a call that broke off would pass for one that is over.
 */
const RESET_WAIT_MS = 50;

/** The text for an id that is too long to be kept. */
const ID_TOO_LONG = 'An id of the request is too long.';

/** What the platform is told where its audio ends before its time. */
const ANSWERS: Readonly<Partial<Record<ConversationEndReason, ForkAnswer>>> = {
  invalid_audio: 'invalid_audio',
  idle_timeout: 'stream_failure',
  replaced: 'stream_failure',
  error: 'stream_failure',
};

class Rpc implements ForkRpc {
  readonly #host: ForkHost;
  readonly #output: ForkOutput;
  readonly #identity: CallIdentity | undefined;
  #header: ForkHeader | undefined;
  /** As the first message had it. */
  #organization = '';
  conversation: ListenedConversation | undefined = undefined;
  #over = false;
  #halfClosed = false;
  #lastMs: number;
  /** Looks whether anything comes; after the half-close, whether a reset does. */
  #timer: ClockTimer;

  constructor(host: ForkHost, output: ForkOutput, identity: CallIdentity | undefined) {
    this.#host = host;
    this.#output = output;
    this.#identity = identity;
    this.#lastMs = host.clock.now();
    this.#timer = host.clock.setTimer(this.#checkIdle, host.idleTimeoutMs);
    host.opened(this);
  }

  begin(header: ForkHeader): boolean {
    const { conversationId, organization } = header;
    if (conversationId === '') return this.#refuse('invalid_argument', 'The conversation id is missing.');
    if (!isIdUsable(conversationId) || !isIdUsable(organization)) return this.#refuse('invalid_argument', ID_TOO_LONG);
    const identity = this.#identity;
    if (!mayActFor(identity, organization)) {
      this.#host.logger.warn(
        { conversationId, organization, verified: identity?.organization },
        'forked audio for another organization than that of its token was refused',
      );
      return this.#refuse('permission_denied', 'The call belongs to another organization.');
    }
    if (!this.#host.accepting()) return this.#refuse('unavailable', 'The server is closing.');
    this.#organization = organization;
    this.#header = identity === undefined ? header : { ...header, organization: identity.organization };
    return true;
  }

  #refuse(failure: RpcFailure, message: string): false {
    this.#finish('error');
    this.#output.fail(failure, message);
    return false;
  }

  continues(conversationId: string, organization: string): boolean {
    // What a client still sends after its answer is let go.
    if (this.#over) return true;
    if (conversationId === this.#header?.conversationId && organization === this.#organization) return true;
    return this.#refuse('invalid_argument', 'The ids changed within the RPC.');
  }

  frame(frame: ForkFrame): void {
    const header = this.#header;
    if (this.#over || header === undefined) return;
    if (!isIdUsable(frame.roleId)) {
      this.#refuse('invalid_argument', ID_TOO_LONG);
      return;
    }
    const { clock } = this.#host;
    this.#lastMs = clock.now();
    if (this.conversation === undefined) {
      this.conversation = this.#host.begin(header, this.#identity, frame);
      if (this.conversation === undefined) {
        this.#refuse('resource_exhausted', 'The server listens to as many calls as it may.');
        return;
      }
    }
    const taken = this.conversation.take(frame, this.#host.now());
    if (taken === 'ok') return;
    const { role, roleId, encoding, sampleRateHz } = frame;
    const log = { conversationId: header.conversationId, role, roleId, encoding, sampleRateHz };
    this.#host.logger.warn(log, taken === 'invalid_audio' ? 'forked audio was refused' : 'a call has too many legs');
    this.#close(taken === 'invalid_audio' ? 'invalid_audio' : 'error');
  }

  readonly #checkIdle = (): void => {
    const { clock, idleTimeoutMs } = this.#host;
    const leftMs = this.#lastMs + idleTimeoutMs - clock.now();
    if (leftMs > 0) this.#timer = clock.setTimer(this.#checkIdle, leftMs);
    else this.#close('idle_timeout');
  };

  halfClose(): void {
    if (this.#over) return;
    this.#halfClosed = true;
    this.#timer.cancel();
    this.#timer = this.#host.clock.setTimer(this.#complete, RESET_WAIT_MS);
  }

  readonly #complete = (): void => {
    const troubled = this.conversation?.troubled === true;
    this.#finish('completed');
    this.#output.answer(troubled ? 'stream_failure' : 'success');
  };

  cancel(): void {
    this.#finish('cancelled');
  }

  end(reason: 'replaced' | 'drain'): void {
    if (this.#over) return;
    // All of it has come.
    if (this.#halfClosed) this.#complete();
    else this.#close(reason);
  }

  #close(reason: ConversationEndReason): void {
    if (this.#over) return;
    this.#finish(reason);
    const answer = ANSWERS[reason];
    // Another replica can take it over.
    if (answer === undefined) this.#output.fail('unavailable', 'The server is closing.');
    else this.#output.answer(answer);
  }

  #finish(reason: ConversationEndReason): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer.cancel();
    this.#host.over(this, reason);
  }
}

/** Makes the core's side of an RPC that has just opened. */
export function createForkRpc(host: ForkHost, output: ForkOutput, identity: CallIdentity | undefined): ForkRpc {
  return new Rpc(host, output, identity);
}
