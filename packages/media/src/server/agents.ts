// The agents that flows can choose: a fixed list, or a list per customer organization.
import { MediaError } from '../errors/media-errors.ts';
import { ABORTED, abortable } from '../session/abortable.ts';
import type { Clock } from '../session/clock.ts';
import { type AgentList, checkAgents } from './check-agents.ts';

/** An agent that a flow can choose. */
export interface Agent {
  /** Stable and unique; what the platform sends with each call. At most 1024 characters. */
  readonly id: string;
  /** What the administrator sees when choosing. At most 1024 characters. */
  readonly name: string;
  /** True for the agent that answers when the flow names none. Without one it is the first of the list. */
  readonly default?: boolean;
  /** Further text values that the platform is sent: at most 100, of 4096 characters each. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/**
 * Gives the agents of a customer organization. The RPCs that wait for the list fail with INTERNAL when it throws, when the
 * list cannot be used, and when it gives none within `limits.turnTimeoutMs`; `signal` is aborted then.
 */
export type AgentsFunction = (context: {
  readonly organization: string;
  readonly signal: AbortSignal;
}) => readonly Agent[] | Promise<readonly Agent[]>;

/** Finds the agents of an organization. */
export interface AgentDirectory {
  /** At once where the list is known, else when it has been fetched. */
  of(organization: string): AgentList | Promise<AgentList>;
}

/** What {@link createAgentDirectory} needs. */
export interface AgentDirectoryOptions {
  readonly agents: readonly Agent[] | AgentsFunction;
  readonly clock: Clock;
  /** How long a function is waited for, in ms. */
  readonly timeoutMs: number;
  /** Aborted when the server closes. */
  readonly signal: AbortSignal;
}

/** How long a list that a function gave is kept. */
const KEPT_MS = 60_000;
const MAX_KEPT = 1000;

/** Fetches one list, for all who ask for it meanwhile. Its signal is theirs together: that one of them leaves aborts nothing. */
async function fetchAgents(
  agents: AgentsFunction,
  organization: string,
  { clock, timeoutMs, signal }: AgentDirectoryOptions,
): Promise<AgentList> {
  const controller = new AbortController();
  const abort = (): void => controller.abort(signal.reason);
  if (signal.aborted) abort();
  signal.addEventListener('abort', abort, { once: true });
  const overdue = new MediaError({
    code: 'RESULT_INVALID',
    message: `The function 'agents' gave no list within ${timeoutMs} ms, which is limits.turnTimeoutMs.`,
    retryable: true,
  });
  const timer = clock.setTimer(() => controller.abort(overdue), timeoutMs);
  try {
    const fetched = (async () => agents({ organization, signal: controller.signal }))();
    const list = await abortable(fetched, controller.signal);
    if (list === ABORTED) throw controller.signal.reason;
    return checkAgents(list);
  } finally {
    timer.cancel();
    signal.removeEventListener('abort', abort);
  }
}

/** Makes the directory of a server. */
export function createAgentDirectory(options: AgentDirectoryOptions): AgentDirectory {
  const { agents, clock } = options;
  if (typeof agents !== 'function') {
    const list = checkAgents(agents);
    return { of: () => list };
  }
  const kept = new Map<string, { readonly list: AgentList; readonly untilMs: number }>();
  const fetching = new Map<string, Promise<AgentList>>();
  return {
    of(organization) {
      const known = kept.get(organization);
      if (known !== undefined && known.untilMs > clock.now()) return known.list;
      const underway = fetching.get(organization);
      if (underway !== undefined) return underway;
      const promise = fetchAgents(agents, organization, options)
        .then((list) => {
          kept.delete(organization);
          kept.set(organization, { list, untilMs: clock.now() + KEPT_MS });
          const [oldest] = kept.keys();
          if (kept.size > MAX_KEPT && oldest !== undefined) kept.delete(oldest);
          return list;
        })
        .finally(() => fetching.delete(organization));
      fetching.set(organization, promise);
      return promise;
    },
  };
}
