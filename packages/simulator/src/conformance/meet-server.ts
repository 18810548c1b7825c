// What the run learns before its first case: that the server is there, which agents it has, and how it sends audio.
import { SimulatorError } from '../errors.ts';
import { LIST_AGENTS, type ListedAgent } from '../wire/methods.ts';
import type { ServerConnection } from '../wire/server-connection.ts';
import type { ConformanceCase } from './conformance-case.ts';
import type { ConformanceMode } from './conformance-options.ts';
import { CaseFailure } from './probe/case-failure.ts';
import type { Conversation, TurnRpc } from './probe/conversation.ts';
import { createProbe, type Probe } from './probe/probe.ts';
import { speak, voiceOf } from './probe/voice.ts';
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

function styleOf(answer: Pick<TurnRpc, 'received'> | undefined): ConformanceMode | undefined {
  const responses = answer?.received.map(({ response }) => response) ?? [];
  if (responses.some(({ type }) => type === 'chunk')) return 'chunk';
  return responses.some(({ prompts }) => prompts.some(({ audio }) => audio.length > 0)) ? 'wav' : undefined;
}

/** Whether a case needs to know how the server sends the audio of spoken turns. */
function speaks(one: ConformanceCase): boolean {
  return !('notObservable' in one) && (one.speaks === true || one.modes !== undefined);
}

/** Says something, and gives what comes of it. */
async function utterance(probe: Probe, conversation: Conversation): Promise<Pick<TurnRpc, 'received'>> {
  const rpc = conversation.open();
  await speak(probe, rpc, voiceOf(probe));
  await rpc.finished(probe.settings.replyMs);
  return rpc;
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
    // Cisco's own servers answer digits with WAV whatever they answer speech with, so the caller has to speak to know.
    const spoken = resolved.cases.some(speaks) ? await unlessLate(utterance(probe, conversation)) : undefined;
    const reply = styleOf(spoken) === undefined ? await unlessLate(conversation.once({ digits: ['1'] })) : undefined;
    await unlessLate(conversation.once({ event: 'session_end' }));
    const mode: ConformanceMode = styleOf(spoken) ?? styleOf(reply) ?? styleOf(welcome) ?? 'wav';
    return { ...known, mode };
  } finally {
    probe.close();
  }
}
