// How a response reads: the contract gives one message type to boundary events and to replies.
import type { AgentEvent, AgentResponse } from '../wire/messages.ts';

/** The one event that is read of a response. */
export function eventOf(response: AgentResponse): AgentEvent | undefined {
  return response.events[0];
}

/** Whether the response marks where speech begins or ends. Its type reads FINAL on the wire, but it ends no turn. */
export function isBoundary(response: AgentResponse): boolean {
  const event = eventOf(response)?.event;
  return event === 'start_of_input' || event === 'end_of_input';
}

/** Whether the response carries something for the caller, or is the end of a reply. */
export function isReply(response: AgentResponse): boolean {
  return !isBoundary(response) || response.prompts.length > 0;
}

/** Whether the response finishes the call. */
export function isTerminal(response: AgentResponse): boolean {
  const event = eventOf(response)?.event;
  return event === 'transfer' || event === 'end';
}
