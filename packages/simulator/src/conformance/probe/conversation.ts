// The RPCs of one conversation: each message names the call, the organization and the agent.
import type { AgentResponse, CallerMessage } from '../../wire/messages.ts';
import { TURN, type TurnRequest } from '../../wire/methods.ts';
import type { RunSettings } from '../run-settings.ts';
import { describeResponse, describeSent, kindOf } from './describe-message.ts';
import type { FinishedRpc, OpenRpc, ProbeRpc } from './probe-rpc.ts';

/** How long an RPC may take to be completed once its reply is there. */
const COMPLETION_MS = 2000;

/** An RPC of a conversation. A message may be missing: it then has no content. */
export interface TurnRpc extends ProbeRpc<CallerMessage | undefined, AgentResponse> {
  /** Sends a message of another conversation. */
  sendAs(conversationId: string, message: CallerMessage): void;
}

/** The RPCs of one conversation. */
export interface Conversation {
  readonly id: string;
  open(): TurnRpc;
  /** An RPC with one message, half-closed, to its end. */
  once(message: CallerMessage | undefined): Promise<FinishedRpc<AgentResponse>>;
}

/** In what a conversation differs from the others of the run. */
export interface ConversationOptions {
  /** The whole `authorization`; `null` sends none. Default: the run's token. */
  readonly authorization?: string | null;
  readonly agentId?: string;
  readonly organization?: string;
}

/** Makes a conversation; nothing is sent yet. */
export function createConversation(
  id: string,
  options: ConversationOptions,
  settings: RunSettings,
  open: OpenRpc,
): Conversation {
  const { authorization, agentId = settings.agentId, organization = settings.organization } = options;
  const request = (conversationId: string, message: CallerMessage | undefined): TurnRequest => ({
    identity: { conversationId, organization, agentId, vendorConfig: '', allowPartialResponses: false },
    ...(message === undefined ? {} : { message }),
  });

  const openTurn = (): TurnRpc => {
    const rpc = open(TURN, {
      authorization,
      sent: ({ message }) => describeSent(message),
      got: describeResponse,
      kind: kindOf,
    });
    return {
      number: rpc.number,
      received: rpc.received,
      get ended() {
        return rpc.ended;
      },
      elapsedMs: rpc.elapsedMs,
      send: (message) => rpc.send(request(id, message)),
      sendAs: (otherId, message) => rpc.send(request(otherId, message)),
      halfClose: rpc.halfClose,
      cancel: rpc.cancel,
      until: rpc.until,
      finished: rpc.finished,
    };
  };

  return {
    id,
    open: openTurn,
    async once(message) {
      const rpc = openTurn();
      rpc.send(message);
      rpc.halfClose();
      const ended = await rpc.finished(settings.replyMs + COMPLETION_MS);
      return { ...ended, rpc: rpc.number, received: rpc.received };
    },
  };
}
