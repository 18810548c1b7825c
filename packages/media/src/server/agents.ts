// The agents that flows can choose: a fixed list, or a list per customer organization.
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

/** Gives the agents of a customer organization. */
export type AgentsFunction = (context: {
  readonly organization: string;
  readonly signal: AbortSignal;
}) => readonly Agent[] | Promise<readonly Agent[]>;

/** Finds the agents of an organization. */
export interface AgentDirectory {
  /** At once where the list is known, else when it has been fetched. */
  of(organization: string, signal: AbortSignal): AgentList | Promise<AgentList>;
}

/** How long a list that a function gave is kept. */
const KEPT_MS = 60_000;
const MAX_KEPT = 1000;

/** Makes the directory of a server. */
export function createAgentDirectory(agents: readonly Agent[] | AgentsFunction, now: () => number): AgentDirectory {
  if (typeof agents !== 'function') {
    const list = checkAgents(agents);
    return { of: () => list };
  }
  const kept = new Map<string, { readonly list: AgentList; readonly untilMs: number }>();
  const fetching = new Map<string, Promise<AgentList>>();
  return {
    of(organization, signal) {
      const known = kept.get(organization);
      if (known !== undefined && known.untilMs > now()) return known.list;
      const underway = fetching.get(organization);
      if (underway !== undefined) return underway;
      const promise = (async () => checkAgents(await agents({ organization, signal })))()
        .then((list) => {
          kept.delete(organization);
          kept.set(organization, { list, untilMs: now() + KEPT_MS });
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
