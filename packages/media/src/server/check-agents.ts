// Checks a list of agents, whether it was written down or a function gave it, and keeps a copy: what the platform is sent is
// what was checked.
import { kindOf } from '../checks/kind-of.ts';
import { MediaError } from '../errors/media-errors.ts';
import type { Agent } from './agents.ts';

/** Agents of one organization, checked. */
export interface AgentList {
  readonly agents: readonly Agent[];
  readonly defaultAgent: Agent;
  /** The agent with this id, the default for an empty one, `undefined` when there is none. */
  find(id: string): Agent | undefined;
}

const MAX_AGENTS = 10_000;
const MAX_TEXT_LENGTH = 1024;
const MAX_ATTRIBUTES = 100;
const MAX_ATTRIBUTE_LENGTH = 4096;

function invalid(message: string, cause?: unknown): MediaError {
  return new MediaError({ code: 'AGENT_CONFIG_INVALID', message, cause });
}

function textOf(value: unknown, path: string): string {
  if (typeof value !== 'string') throw invalid(`${path} is ${kindOf(value).name}; give a string.`);
  if (value === '') throw invalid(`${path} is empty. Every agent needs an id and a name that are not empty.`);
  if (value.length > MAX_TEXT_LENGTH) throw invalid(`${path} is longer than ${MAX_TEXT_LENGTH} characters.`);
  return value.toWellFormed();
}

function attributesOf(value: unknown, path: string): Readonly<Record<string, string>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw invalid(`${path} is ${kindOf(value).name}; give an object of strings.`);
  }
  const entries = Object.entries(value);
  if (entries.length > MAX_ATTRIBUTES) throw invalid(`${path} has more than ${MAX_ATTRIBUTES} members.`);
  const copy = entries.map(([name, text]: [string, unknown]): [string, string] => {
    const member = `${path}.${name.slice(0, 100)}`;
    if (typeof text !== 'string') throw invalid(`${member} is ${kindOf(text).name}; give a string.`);
    if (Math.max(text.length, name.length) > MAX_ATTRIBUTE_LENGTH) {
      throw invalid(`${member} is longer than ${MAX_ATTRIBUTE_LENGTH} characters.`);
    }
    return [name.toWellFormed(), text.toWellFormed()];
  });
  return Object.freeze(Object.fromEntries(copy));
}

function agentOf(value: unknown, path: string): Agent {
  if (typeof value !== 'object' || value === null) throw invalid(`${path} is ${kindOf(value).name}; give an object.`);
  const { id, name, default: isDefault, attributes } = value as Partial<Record<keyof Agent, unknown>>;
  if (isDefault !== undefined && typeof isDefault !== 'boolean') {
    throw invalid(`${path}.default is ${kindOf(isDefault).name}; give true or false.`);
  }
  const agent = { id: textOf(id, `${path}.id`), name: textOf(name, `${path}.name`), default: isDefault === true };
  return Object.freeze(
    attributes === undefined ? agent : { ...agent, attributes: attributesOf(attributes, `${path}.attributes`) },
  );
}

function copyAgents(agents: unknown): readonly Agent[] {
  if (!Array.isArray(agents)) throw invalid(`agents is ${kindOf(agents).name}; give an array.`);
  const { length } = agents;
  if (!(length <= MAX_AGENTS)) throw invalid(`agents has more than ${MAX_AGENTS} members.`);
  // Not map: it would skip the holes of a sparse array.
  return Array.from({ length }, (_, index) => agentOf(agents[index], `agents[${index}]`));
}

/**
 * Checks a list of agents.
 *
 * @throws MediaError `AGENT_CONFIG_INVALID` with the path of the member
 */
export function checkAgents(given: unknown): AgentList {
  const agents = readAgents(given);
  const byId = new Map<string, Agent>();
  for (const agent of agents) {
    if (byId.has(agent.id)) throw invalid(`Two agents have the id '${agent.id}'. Give each an id of its own.`);
    byId.set(agent.id, agent);
  }
  const defaults = agents.filter((agent) => agent.default === true);
  if (defaults.length > 1) throw invalid(`${defaults.length} agents are marked as default. Mark one at most.`);
  const defaultAgent = defaults[0] ?? agents[0];
  if (defaultAgent === undefined) throw invalid('The list of agents is empty. Give at least one.');
  return { agents, defaultAgent, find: (id) => (id === '' ? defaultAgent : byId.get(id)) };
}

function readAgents(given: unknown): readonly Agent[] {
  try {
    return copyAgents(given);
  } catch (error) {
    if (error instanceof MediaError && error.code === 'AGENT_CONFIG_INVALID') throw error;
    throw invalid('The list of agents threw when it was read; see cause.', error);
  }
}
