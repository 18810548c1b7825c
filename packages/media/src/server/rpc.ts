// One RPC as the core takes it: checks its ids, keeps what arrives before its call is known, and gives it to the turn.
import type { AudioEncoding } from '../audio/audio-format.ts';
import type { CallTurn } from '../session/call-turn.ts';
import type { Logger } from '../session/logger.ts';
import type { TurnKind } from '../session/session.ts';
import type { Lookup, SessionRegistry } from '../session/session-registry.ts';
import type { CallIdentity } from '../wire/gate.ts';
import type { RpcInput, RpcOutput } from '../wire/port.ts';
import type { CallerEvent, DtmfDigit, RequestHeader } from '../wire/request.ts';
import { isIdUsable } from '../wire/usable-id.ts';
import type { AgentDirectory } from './agents.ts';
import type { AgentList } from './check-agents.ts';

/** Messages of an RPC that are kept while its agents, or what is stored of its call, are being fetched. */
const MAX_EARLY_MESSAGES = 500;

/** Entries of a request's `additional_info`, and characters of its `vendor_specific_config`. */
const MAX_INFO_ENTRIES = 256;
const MAX_VENDOR_CONFIG_LENGTH = 65_536;

/** Whether what a call keeps of its first message is within bounds. */
function isHeaderUsable({
  conversationId,
  organization,
  agentId,
  vendorConfig,
  additionalInfo,
}: RequestHeader): boolean {
  return (
    [conversationId, organization, agentId].every(isIdUsable) &&
    vendorConfig.length <= MAX_VENDOR_CONFIG_LENGTH &&
    Object.keys(additionalInfo).length <= MAX_INFO_ENTRIES
  );
}

/** What is known of an RPC when its first content is admitted. */
export interface Circumstances {
  readonly agents: AgentList;
  readonly identity: CallIdentity | undefined;
  /** What the session store has of the call; undefined without one. */
  readonly found: Lookup | undefined;
}

/** What becomes of a first content: `swallowed` is answered with nothing, `refused` has been answered. */
export type Admission = 'refused' | 'swallowed' | CallTurn;

/** What the RPCs of a server share. */
export interface RpcHost {
  readonly registry: SessionRegistry;
  readonly directory: AgentDirectory;
  readonly logger: Logger;
  /** Finds or makes the call that a first content belongs to. */
  admit(
    header: RequestHeader,
    output: RpcOutput,
    kind: TurnKind,
    circumstances: Circumstances,
    event?: CallerEvent,
  ): Admission;
}

/** Whether a caller may act for an organization: its own, which it need not name. Anybody may where nobody was verified. */
export function mayActFor(identity: CallIdentity | undefined, organization: string): boolean {
  return identity === undefined || organization === '' || organization.toLowerCase() === identity.organization;
}

/** A class: one for each RPC, of one shape, and no closures of its own. */
class Rpc implements RpcInput {
  readonly #host: RpcHost;
  readonly #output: RpcOutput;
  readonly #identity: CallIdentity | undefined;
  #header: RequestHeader | undefined;
  /** As the first message had it. */
  #organization: string | undefined;
  #agents: AgentList | undefined;
  #turn: CallTurn | undefined;
  #over = false;
  #looked = false;
  /** Set while the agents, or what is stored, are being fetched: what arrived meanwhile. */
  #early: (() => void)[] | undefined;
  #found: Lookup | undefined;

  constructor(host: RpcHost, output: RpcOutput, identity: CallIdentity | undefined) {
    this.#host = host;
    this.#output = output;
    this.#identity = identity;
  }

  #refuse(message: string): void {
    this.#over = true;
    // What a client still sends after its answer is no reason to fail the RPC: it was completed.
    if (this.#turn?.phase === 'closed') return;
    this.#turn?.cancel();
    this.#output.fail('invalid_argument', message);
  }

  /** The turn for a content, made at the first one. */
  #turnFor(kind: TurnKind, event?: CallerEvent): CallTurn | undefined {
    if (this.#turn !== undefined) return this.#turn;
    const header = this.#header;
    const agents = this.#agents;
    if (header === undefined || agents === undefined) return undefined;
    const circumstances = { agents, identity: this.#identity, found: this.#found };
    const admitted = this.#host.admit(header, this.#output, kind, circumstances, event);
    if (admitted === 'refused' || admitted === 'swallowed') {
      this.#over = true;
      if (admitted === 'swallowed') this.#output.complete();
      return undefined;
    }
    this.#turn = admitted;
    return admitted;
  }

  #later(action: () => void): boolean {
    if (this.#early === undefined) return false;
    if (this.#early.length >= MAX_EARLY_MESSAGES) {
      this.#early = undefined;
      this.#over = true;
      this.#output.fail('resource_exhausted', 'Too much arrived before the call was known.');
    } else this.#early.push(action);
    return true;
  }

  /** The same for the first content of an RPC, which waits for what is stored of its call. */
  #laterFirst(action: () => void): boolean {
    if (this.#later(action)) return true;
    const header = this.#header;
    if (this.#looked || this.#turn !== undefined || header === undefined) return false;
    this.#looked = true;
    const lookup = this.#host.registry.lookUp(header);
    if (lookup === undefined) return false;
    this.#early = [action];
    lookup.then(
      (outcome) => {
        this.#found = outcome;
        this.#serveEarly();
      },
      (error: unknown) => {
        const { conversationId } = header;
        this.#host.logger.error({ err: error, conversationId }, 'a call could not be looked up');
        this.#serveEarly();
      },
    );
    return true;
  }

  #serveEarly(): void {
    const waiting = this.#early ?? [];
    this.#early = undefined;
    for (const action of waiting) action();
  }

  begin(first: RequestHeader): boolean {
    if (first.conversationId === '') {
      this.#refuse('The conversation id is missing.');
      return false;
    }
    if (!isHeaderUsable(first)) {
      this.#refuse('An id or a setting of the request is too long.');
      return false;
    }
    const { logger } = this.#host;
    const identity = this.#identity;
    const { organization } = first;
    this.#organization = organization;
    if (!mayActFor(identity, organization)) {
      logger.warn(
        { conversationId: first.conversationId, organization, verified: identity?.organization },
        'a call for another organization than that of its token was refused',
      );
      this.#over = true;
      this.#output.fail('permission_denied', 'The call belongs to another organization.');
      return false;
    }
    const named = identity === undefined ? first : { ...first, organization: identity.organization };
    this.#header = named;
    const found = this.#agentsOf(named.organization);
    if (!(found instanceof Promise)) {
      this.#agents = found;
      return true;
    }
    this.#early = [];
    found.then(
      (list) => {
        this.#agents = list;
        this.#serveEarly();
      },
      (error: unknown) => {
        logger.error({ err: error, organization: named.organization }, 'the agents could not be found');
        if (!this.#over) this.#output.fail('internal', 'The virtual agents could not be found.');
        this.#over = true;
        this.#early = undefined;
      },
    );
    return true;
  }

  #agentsOf(organization: string): AgentList | Promise<AgentList> {
    try {
      return this.#host.directory.of(organization);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  continues(conversationId: string, organization: string, agentId: string): boolean {
    const header = this.#header;
    if (this.#over || header === undefined) return !this.#over;
    const same =
      conversationId === header.conversationId &&
      organization === this.#organization &&
      (agentId === header.agentId || agentId === '');
    if (!same) this.#refuse('The ids changed within the RPC.');
    return same;
  }

  audio(bytes: Uint8Array, encoding: AudioEncoding | undefined, sampleRateHz: number): void {
    if (this.#over) return;
    if (this.#turn !== undefined) this.#push(this.#turn, bytes, encoding, sampleRateHz);
    else this.#firstAudio(bytes, encoding, sampleRateHz);
  }

  digits(digits: readonly DtmfDigit[]): void {
    if (this.#over || this.#laterFirst(() => this.digits(digits))) return;
    this.#turnFor('dtmf')?.content({ type: 'dtmf', digits });
  }

  event(event: CallerEvent): void {
    if (this.#over || this.#later(() => this.event(event))) return;
    if (event.type === 'unknown') {
      this.empty();
      return;
    }
    if (this.#laterFirst(() => this.event(event))) return;
    const opened = this.#turnFor(event.type === 'session_start' ? 'start' : 'event', event);
    if (event.type === 'session_end') opened?.hangUp();
    else if (event.type === 'start_of_dtmf') opened?.keysStarted();
    else opened?.content({ type: 'event', event });
  }

  empty(): void {
    if (this.#over || this.#later(() => this.empty())) return;
    if (this.#turn !== undefined) {
      this.#turn.ignored();
      return;
    }
    const conversationId = this.#header?.conversationId;
    this.#host.logger.warn({ conversationId }, 'a message held neither audio, digits nor an event');
  }

  halfClose(): void {
    if (this.#over || this.#later(() => this.halfClose())) return;
    this.#over = true;
    if (this.#turn !== undefined) this.#turn.halfClose();
    else this.#output.fail('invalid_argument', 'The RPC held no audio, no digits and no event.');
  }

  cancel(): void {
    this.#over = true;
    this.#early = undefined;
    this.#turn?.cancel();
  }

  /** Apart from the audio after it, so that nothing is allocated for each frame to be kept in. */
  #firstAudio(bytes: Uint8Array, encoding: AudioEncoding | undefined, sampleRateHz: number): void {
    let kept = bytes;
    if (this.#laterFirst(() => this.audio(kept, encoding, sampleRateHz))) {
      // What the transport has read into is read into again.
      kept = new Uint8Array(bytes);
      return;
    }
    const opened = this.#turnFor('audio');
    if (opened !== undefined) this.#push(opened, bytes, encoding, sampleRateHz);
  }

  #push(to: CallTurn, bytes: Uint8Array, encoding: AudioEncoding | undefined, sampleRateHz: number): void {
    try {
      to.audio(bytes, encoding, sampleRateHz);
    } catch (error) {
      // Audio in a format that cannot be heard: this RPC is refused, the call and its other RPCs go on.
      const conversationId = this.#header?.conversationId;
      this.#host.logger.warn({ err: error, conversationId }, 'audio was refused');
      this.#refuse('The audio format is not supported.');
    }
  }
}

/** Makes the core's side of an RPC that has just opened. */
export function createRpc(host: RpcHost, output: RpcOutput, identity: CallIdentity | undefined): RpcInput {
  return new Rpc(host, output, identity);
}
