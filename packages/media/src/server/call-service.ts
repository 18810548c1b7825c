// The gate of the core: takes an RPC from any transport, and finds or makes the call that its content belongs to. Keeps the
// rules about unknown and default ids, and about calls that begin elsewhere.
import type { Observers } from '../observability/observers.ts';
import type { Call } from '../session/call.ts';
import type { Logger } from '../session/logger.ts';
import type { TurnKind } from '../session/session.ts';
import type { LiveRecord } from '../session/session-record.ts';
import { type Lookup, type SessionRegistry, TooManySessionsError } from '../session/session-registry.ts';
import type { CallIdentity } from '../wire/gate.ts';
import type { CallService, RpcFailure, RpcOutput } from '../wire/port.ts';
import type { CallerEvent, RequestHeader } from '../wire/request.ts';
import { isIdUsable } from '../wire/usable-id.ts';
import type { AgentDirectory } from './agents.ts';
import type { AgentList } from './check-agents.ts';
import { type Admission, type Circumstances, createRpc, mayActFor, type RpcHost } from './rpc.ts';

/** What {@link createCallService} needs. */
export interface CallServiceOptions {
  readonly registry: SessionRegistry;
  readonly directory: AgentDirectory;
  readonly logger: Logger;
  readonly observers: Observers;
  /** Ms, for observations. */
  readonly now: () => number;
  /** Whether new calls are taken. */
  readonly accepting: () => boolean;
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

  /** The agents of an organization, for a list of them. */
  const find = async (organization: string): Promise<AgentList> => {
    try {
      return await directory.of(organization);
    } catch (error) {
      logger.error({ err: error, organization }, 'the agents could not be listed');
      throw error;
    }
  };

  const host: RpcHost = { registry, directory, logger, admit };

  return {
    openRpc: (output, { identity }) => createRpc(host, output, identity),
    async listAgents({ organization, admission: { identity } }) {
      if (!isIdUsable(organization) || !mayActFor(identity, organization)) {
        logger.warn(
          { organization: organization.slice(0, 64), verified: identity?.organization },
          'a list for another organization was refused',
        );
        return undefined;
      }
      const { agents, defaultAgent } = await find(identity?.organization ?? organization);
      return agents.map((agent) => ({
        id: agent.id,
        name: agent.name,
        isDefault: agent === defaultAgent,
        attributes: agent.attributes ?? {},
      }));
    },
  };
}
