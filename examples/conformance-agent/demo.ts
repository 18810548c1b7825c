// What the demo agent of the conformance cases does at each event.
import {
  type CustomEvent,
  type DtmfInputEvent,
  MULAW_8K,
  type NoInputEvent,
  prompt,
  type SessionStartEvent,
  type TurnContext,
  type UtteranceEvent,
} from '@byova/media';
import { again, hello, spokenKeys, youPressed } from './prompts.ts';

/** Handlers of one agent. */
export interface AgentHandlers {
  start(context: TurnContext<SessionStartEvent, undefined>): unknown;
  utterance(context: TurnContext<UtteranceEvent, undefined>): unknown;
  digits(context: TurnContext<DtmfInputEvent, undefined>): unknown;
}

export const demo: AgentHandlers & {
  noInput(context: TurnContext<NoInputEvent, undefined>): unknown;
  custom(context: TurnContext<CustomEvent, undefined>): unknown;
} = {
  start: ({ session }) => session.play(hello),

  /** Says back what the caller said. */
  utterance: ({ event, session }) => session.play(prompt.bytes(event.utterance.toMulaw(), MULAW_8K)),

  digits({ event, session }) {
    if (event.digits === '5') return session.transfer({ name: 'transfer_requested', metadata: { digits: 1 } });
    if (event.digits === '6') return session.end();
    const plays = [youPressed, ...spokenKeys(event.digits)].map((spoken) => session.play(spoken));
    return Promise.all(plays);
  },

  noInput: ({ session }) => session.play(again),

  custom: ({ event, session }) => session.emit(`ack:${event.name}`, event.parameters),
};
