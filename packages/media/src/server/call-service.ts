// The gate of the core: takes an RPC from any transport, checks its ids, and gives its content to the call that it
// belongs to. Keeps the rules about unknown, default and changing ids, and about calls that begin elsewhere.
import type { AudioEncoding } from '../audio/audio-format.ts';
import type { Observers } from '../observability/observers.ts';
import type { Call } from '../session/call.ts';
import type { CallTurn } from '../session/call-turn.ts';
import type { Logger } from '../session/logger.ts';
import type { TurnKind } from '../session/session.ts';
import type { LiveRecord } from '../session/session-record.ts';
import { type Lookup, type SessionRegistry, TooManySessionsError } from '../session/session-registry.ts';
import type { CallIdentity } from '../wire/gate.ts';
import type { CallService, RpcFailure, RpcInput, RpcOutput } from '../wire/port.ts';
import type { CallerEvent, DtmfDigit, RequestHeader } from '../wire/request.ts';
import type { AgentDirectory, AgentList } from './agents.ts';

/** Messages of an RPC that are kept while its agents, or what is stored of its call, are being fetched. */
const MAX_EARLY_MESSAGES = 500;

/** What {@link createCallService} needs. */
export interface CallServiceOptions {
  readonly registry: SessionRegistry;
  readonly directory: AgentDirectory;
  readonly logger: Logger;
  readonly observers: Observers;
  /** Ms, for observations. */
  readonly now: () => number;
  readonly signal: AbortSignal;
  /** Whether new calls are taken. */
  readonly accepting: () => boolean;
}

interface Circumstances {
  readonly agents: AgentList;
  readonly identity: CallIdentity | undefined;
  /** What the session store has of the call; undefined without one. */
  readonly found: Lookup | undefined;
}

type Admission = 'refused' | 'swallowed' | CallTurn;

/** Whether a caller may act for an organization: its own, which it need not name. Anybody may where nobody was verified. */
function mayActFor(identity: CallIdentity | undefined, organization: string): boolean {
  return identity === undefined || organization === '' || organization.toLowerCase() === identity.organization;
}

/** Makes the service that transports serve. */
export function createCallService(options: CallServiceOptions): CallService {
  const { registry, directory, logger, observers } = options;

  /** Makes a call of what is stored of it. */
  const resume = (
    header: RequestHeader,
    identity: CallIdentity | undefined,
    found: Lookup | undefined,
    { agent, parameters }: LiveRecord,
  ): Call => registry.create(header, agent, { identity, implicit: true, parameters, found });

  /** Finds or makes the call that a first content belongs to. */
  const admit = (
    header: RequestHeader,
    output: RpcOutput,
    kind: TurnKind,
    { agents, identity, found }: Circumstances,
    event?: CallerEvent,
  ): Admission => {
    if (found?.standing === 'ended') {
      registry.find(header)?.finish('moved');
      if (kind !== 'start') return 'swallowed';
    }
    const known = registry.find(header);
    const record = known === undefined && found?.standing === 'live' ? found.record : undefined;
    if (record !== undefined && kind === 'start' && record.begun && record.answered && !record.leftByEvent) {
      return 'swallowed';
    }
    const fresh = known === undefined || (kind === 'start' && known.restartable);
    /** Begun elsewhere, it goes on here; a call that begins anew only ends what there was. */
    const goesOn = record !== undefined && !(kind === 'start' && record.begun);
    const settled = goesOn ? record.agent : fresh ? undefined : known?.agent;
    const agent = header.agentId === '' && settled !== undefined ? settled : agents.find(header.agentId);
    if (agent === undefined) {
      output.fail('not_found', 'There is no virtual agent with this id.');
      return 'refused';
    }
    if (settled !== undefined && header.agentId !== '' && header.agentId !== settled.id) {
      output.fail('invalid_argument', 'The conversation belongs to another virtual agent.');
      return 'refused';
    }
    if (!fresh) {
      if (kind !== 'start') return known.openTurn(kind, header, output);
      if (!known.awaitsStart) return 'swallowed';
      known.adoptStart(event?.parameters ?? {});
      return known.openTurn(kind, header, output);
    }
    if (known === undefined && event?.type === 'session_end') {
      // The end is told where it is seen, with the state that the call had.
      try {
        if (record !== undefined) resume(header, identity, found, record).finish('caller_hangup');
      } catch (error) {
        logger.warn({ err: error, conversationId: header.conversationId }, 'the end of a call could not be told');
      }
      return 'swallowed';
    }
    if (kind !== 'start' && registry.swallows(header)) return 'swallowed';
    const reject = (reason: string, failure: RpcFailure, message: string): Admission => {
      observers.tell({ type: 'call_rejected', atMs: options.now(), reason, agentId: agent.id });
      output.fail(failure, message);
      return 'refused';
    };
    if (!options.accepting()) return reject('closing', 'unavailable', 'The server is closing.');
    const { conversationId: id, organization } = header;
    const rejection = observers.admit({ id, organization, agentId: agent.id });
    if (rejection !== undefined) {
      logger.warn({ conversationId: id, organization, reason: rejection.reason }, 'a plugin refused a call');
      return reject(rejection.reason, rejection.status ?? 'resource_exhausted', 'The call is not taken now.');
    }
    // Before it ends: its record is what the new call writes over.
    const version = known?.storedVersion ?? found?.version ?? null;
    known?.finish('replaced');
    try {
      if (goesOn) {
        const call = resume(header, identity, found, record);
        if (kind === 'start') call.adoptStart(event?.parameters ?? {});
        return call.openTurn(kind, header, output);
      }
      if (record !== undefined) resume(header, identity, found, record).finish('replaced');
      const call: Call = registry.create(
        header,
        { id: agent.id, name: agent.name },
        {
          identity,
          implicit: kind !== 'start',
          parameters: event?.parameters ?? {},
          found: found === undefined ? undefined : { version, ...(found.error && { error: found.error }) },
        },
      );
      return call.openTurn(kind, header, output);
    } catch (error) {
      if (error instanceof TooManySessionsError) {
        logger.warn({ err: error }, 'a call was refused');
        return reject('too_many_sessions', 'resource_exhausted', 'The server holds as many calls as it may.');
      }
      logger.error({ err: error }, 'a call could not be begun');
      return reject('failed', 'internal', 'The call could not be begun.');
    }
  };

  const openRpc = (output: RpcOutput, identity: CallIdentity | undefined): RpcInput => {
    let header: RequestHeader | undefined;
    /** As the first message had it. */
    let organization: string | undefined;
    let agents: AgentList | undefined;
    let turn: CallTurn | undefined;
    let over = false;
    /** Set while the agents, or what is stored, are being fetched: what arrived meanwhile. */
    let early: (() => void)[] | undefined;
    let looked = false;
    let found: Lookup | undefined;

    const refuse = (message: string): void => {
      over = true;
      // What a client still sends after its answer is no reason to fail the RPC: it was completed.
      if (turn?.phase === 'closed') return;
      turn?.cancel();
      output.fail('invalid_argument', message);
    };

    /** The turn for a content, made at the first one. */
    const turnFor = (kind: TurnKind, event?: CallerEvent): CallTurn | undefined => {
      if (turn !== undefined) return turn;
      if (header === undefined || agents === undefined) return undefined;
      const admitted = admit(header, output, kind, { agents, identity, found }, event);
      if (admitted === 'refused' || admitted === 'swallowed') {
        over = true;
        if (admitted === 'swallowed') output.complete();
        return undefined;
      }
      turn = admitted;
      return turn;
    };

    const later = (action: () => void): boolean => {
      if (early === undefined) return false;
      if (early.length >= MAX_EARLY_MESSAGES) {
        early = undefined;
        over = true;
        output.fail('resource_exhausted', 'Too much arrived before the call was known.');
      } else early.push(action);
      return true;
    };

    /** The same for the first content of an RPC, which waits for what is stored of its call. */
    const laterFirst = (action: () => void): boolean => {
      if (later(action)) return true;
      if (looked || turn !== undefined || header === undefined) return false;
      looked = true;
      const lookup = registry.lookUp(header);
      if (lookup === undefined) return false;
      early = [action];
      lookup.then(
        (outcome) => {
          found = outcome;
          serveEarly();
        },
        (error: unknown) => {
          logger.error({ err: error, conversationId: header?.conversationId }, 'a call could not be looked up');
          serveEarly();
        },
      );
      return true;
    };

    const fetched = (list: AgentList): void => {
      agents = list;
      serveEarly();
    };

    const serveEarly = (): void => {
      const waiting = early ?? [];
      early = undefined;
      for (const action of waiting) action();
    };

    const input: RpcInput = {
      begin(first) {
        if (first.conversationId === '') {
          refuse('The conversation id is missing.');
          return false;
        }
        ({ organization } = first);
        if (!mayActFor(identity, organization)) {
          logger.warn(
            { conversationId: first.conversationId, organization, verified: identity?.organization },
            'a call for another organization than that of its token was refused',
          );
          over = true;
          output.fail('permission_denied', 'The call belongs to another organization.');
          return false;
        }
        const named = identity === undefined ? first : { ...first, organization: identity.organization };
        header = named;
        const found = (() => {
          try {
            return directory.of(named.organization, options.signal);
          } catch (error) {
            return Promise.reject(error);
          }
        })();
        if (!(found instanceof Promise)) {
          agents = found;
          return true;
        }
        early = [];
        found.then(fetched, (error: unknown) => {
          logger.error({ err: error, organization: named.organization }, 'the agents could not be found');
          if (!over) output.fail('internal', 'The virtual agents could not be found.');
          over = true;
          early = undefined;
        });
        return true;
      },
      continues(conversationId, now, agentId) {
        if (over || header === undefined) return !over;
        const same =
          conversationId === header.conversationId &&
          now === organization &&
          (agentId === header.agentId || agentId === '');
        if (!same) refuse('The ids changed within the RPC.');
        return same;
      },
      audio(bytes: Uint8Array, encoding: AudioEncoding | undefined, sampleRateHz: number) {
        if (over) return;
        if (turn !== undefined) push(turn, bytes, encoding, sampleRateHz);
        else firstAudio(bytes, encoding, sampleRateHz);
      },
      digits(digits: readonly DtmfDigit[]) {
        if (over || laterFirst(() => input.digits(digits))) return;
        turnFor('dtmf')?.content({ type: 'dtmf', digits });
      },
      event(event: CallerEvent) {
        if (over || later(() => input.event(event))) return;
        if (event.type === 'unknown') {
          input.empty();
          return;
        }
        if (laterFirst(() => input.event(event))) return;
        const opened = turnFor(event.type === 'session_start' ? 'start' : 'event', event);
        if (event.type === 'session_end') opened?.hangUp();
        else if (event.type === 'start_of_dtmf') opened?.keysStarted();
        else opened?.content({ type: 'event', event });
      },
      empty() {
        if (over || later(() => input.empty())) return;
        if (turn !== undefined) turn.ignored();
        else
          logger.warn({ conversationId: header?.conversationId }, 'a message held neither audio, digits nor an event');
      },
      halfClose() {
        if (over || later(() => input.halfClose())) return;
        over = true;
        if (turn !== undefined) turn.halfClose();
        else output.fail('invalid_argument', 'The RPC held no audio, no digits and no event.');
      },
      cancel() {
        over = true;
        early = undefined;
        turn?.cancel();
      },
    };

    /** Apart from the audio after it, so that nothing is allocated for each frame to be kept in. */
    const firstAudio = (bytes: Uint8Array, encoding: AudioEncoding | undefined, sampleRateHz: number): void => {
      // The bytes belong to the transport's message, which nobody reuses.
      if (laterFirst(() => input.audio(bytes, encoding, sampleRateHz))) return;
      const opened = turnFor('audio');
      if (opened !== undefined) push(opened, bytes, encoding, sampleRateHz);
    };

    const push = (to: CallTurn, bytes: Uint8Array, encoding: AudioEncoding | undefined, sampleRateHz: number): void => {
      try {
        to.audio(bytes, encoding, sampleRateHz);
      } catch (error) {
        // Audio in a format that cannot be heard: this RPC is refused, the call and its other RPCs go on.
        logger.warn({ err: error, conversationId: header?.conversationId }, 'audio was refused');
        refuse('The audio format is not supported.');
      }
    };
    return input;
  };

  return {
    openRpc,
    async listAgents({ organization, identity, signal }) {
      if (!mayActFor(identity, organization)) {
        logger.warn({ organization, verified: identity?.organization }, 'a list for another organization was refused');
        return undefined;
      }
      const { agents, defaultAgent } = await directory.of(identity?.organization ?? organization, signal);
      return agents.map((agent) => ({
        id: agent.id,
        name: agent.name,
        isDefault: agent === defaultAgent,
        attributes: agent.attributes ?? {},
      }));
    },
  };
}
