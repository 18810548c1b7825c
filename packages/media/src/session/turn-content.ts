// What arrives in an RPC besides audio, and what a reply to it is counted as.
import type { ReplyCause } from '../observability/observation.ts';
import type { CallerEvent, DtmfDigit } from '../wire/request.ts';

/** What arrived and wants an answer. */
export type TurnContent =
  | { readonly type: 'dtmf'; readonly digits: readonly DtmfDigit[] }
  | { readonly type: 'event'; readonly event: CallerEvent };

/** What a reply answers; without content, what the agent says unasked. */
export function causeOf(content: TurnContent | undefined): ReplyCause {
  if (content === undefined) return 'agent';
  if (content.type === 'dtmf') return 'dtmf';
  if (content.event.type === 'session_start') return 'start';
  return content.event.type === 'no_input' ? 'no_input' : 'event';
}
