// What the run learns before its first case: that the server is there, which agents it has, and how it sends audio.
import { SimulatorError } from '../errors.ts';
import { LIST_AGENTS, type ListedAgent } from '../wire/methods.ts';
import type { ServerConnection } from '../wire/server-connection.ts';
import type { ConformanceMode } from './conformance-options.ts';
import { CaseFailure } from './probe/case-failure.ts';
import { createProbe } from './probe/probe.ts';
import type { FinishedRpc } from './probe/probe-rpc.ts';
import type { ResolvedConformance } from './resolve-conformance-options.ts';
import type { RunSettings } from './run-settings.ts';

const CONNECT_MS = 5000;
const UNAVAILABLE = 14;

async function unlessLate<Value>(promise: Promise<Value>): Promise<Value | undefined> {
  try {
    return await promise;
  } catch (error) {
    if (error instanceof CaseFailure) return undefined;
    throw error;
  }
}

function unreachable(target: string, details: string): never {
  throw new SimulatorError('UNREACHABLE', `The server at ${target} cannot be reached: ${details}.`);
}

function styleOf(
  answer: FinishedRpc<{ readonly type: string; readonly prompts: readonly { audio: Uint8Array }[] }> | undefined,
) {
  const responses = answer?.received.map(({ response }) => response) ?? [];
  if (responses.some(({ type }) => type === 'chunk')) return 'chunk';
  return responses.some(({ prompts }) => prompts.some(({ audio }) => audio.length > 0)) ? 'wav' : undefined;
}

/** Meets the server. Throws `UNREACHABLE` when it cannot be reached. */
export async function meetServer(
  resolved: ResolvedConformance,
  connection: ServerConnection,
  signal: AbortSignal,
): Promise<RunSettings> {
  const { clock } = resolved;
  const plain: RunSettings = {
    ...resolved.settings,
    mode: resolved.mode ?? 'wav',
    agents: [],
    agentId: resolved.agentId ?? '',
  };
  const probe = createProbe({ caseId: 'before', settings: plain, connection, clock, signal });
  try {
    const { organization, target } = plain;
    // An RPC says why there is no connection, and says it at once; a connection says that somebody is there.
    const [connected, list] = await Promise.all([
      connection.connect(CONNECT_MS),
      unlessLate(probe.ask(LIST_AGENTS, { organization })).then((answer) => {
        if (answer?.code === UNAVAILABLE) unreachable(target, answer.details);
        return answer;
      }),
    ]);
    if (!connected) unreachable(target, `there was no connection within ${CONNECT_MS} ms`);
    const agents: readonly ListedAgent[] = list?.received[0]?.response ?? [];
    const agentId = resolved.agentId ?? agents.find(({ isDefault }) => isDefault)?.id ?? '';
    const known = { ...plain, agents, agentId };
    if (resolved.mode !== undefined) return known;
    const conversation = probe.conversation({ agentId });
    const welcome = await unlessLate(conversation.once({ event: 'session_start' }));
    const reply = await unlessLate(conversation.once({ digits: ['1'] }));
    await unlessLate(conversation.once({ event: 'session_end' }));
    const mode: ConformanceMode = styleOf(reply) ?? styleOf(welcome) ?? 'wav';
    return { ...known, mode };
  } finally {
    probe.close();
  }
}
