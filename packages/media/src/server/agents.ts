// The agents that flows can choose: a fixed list, or a list per customer organization.
import { MediaError } from '../errors/media-errors.ts';

/** An agent that a flow can choose. */
export interface Agent {
  /** Stable and unique; what the platform sends with each call. */
  readonly id: string;
  /** What the administrator sees when choosing. */
  readonly name: string;
  /** True for the agent that answers when the flow names none. Without one it is the first of the list. */
  readonly default?: boolean;
  /** Further text values that the platform is told. */
  readonly attributes?: Readonly<Record<string, string>>;
}

/** Gives the agents of a customer organization. */
export type AgentsFunction = (context: {
  readonly organization: string;
  readonly signal: AbortSignal;
}) => readonly Agent[] | Promise<readonly Agent[]>;

/** Agents of one organization, checked. */
export interface AgentList {
  readonly agents: readonly Agent[];
  readonly defaultAgent: Agent;
  /** The agent with this id, the default for an empty one, `undefined` when there is none. */
  find(id: string): Agent | undefined;
}

/** Finds the agents of an organization. */
export interface AgentDirectory {
  /** At once where the list is known, else when it has been fetched. */
  of(organization: string, signal: AbortSignal): AgentList | Promise<AgentList>;
}

/** How long a list that a function gave is kept. */
const KEPT_MS = 60_000;
const MAX_KEPT = 1000;

function invalid(message: string): MediaError {
  return new MediaError({ code: 'AGENT_CONFIG_INVALID', message });
}

/** Checks a list of agents. */
export function checkAgents(agents: readonly Agent[]): AgentList {
  const byId = new Map<string, Agent>();
  const defaults = agents.filter((agent) => agent.default === true);
  for (const agent of agents) {
    if (agent.id === '' || agent.name === '') throw invalid('Every agent needs an id and a name that are not empty.');
    if (byId.has(agent.id)) throw invalid(`Two agents have the id '${agent.id}'. Give each an id of its own.`);
    byId.set(agent.id, agent);
  }
  if (defaults.length > 1) throw invalid(`${defaults.length} agents are marked as default. Mark one at most.`);
  const defaultAgent = defaults[0] ?? agents[0];
  if (defaultAgent === undefined) throw invalid('The list of agents is empty. Give at least one.');
  return { agents, defaultAgent, find: (id) => (id === '' ? defaultAgent : byId.get(id)) };
}

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
