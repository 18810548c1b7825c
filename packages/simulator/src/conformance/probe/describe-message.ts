// Messages in short, for the timeline of a case.
import { eventOf } from '../../contract/reading.ts';
import type { AgentResponse, CallerMessage } from '../../wire/messages.ts';

const EVENTS: Readonly<Record<string, string>> = { end: 'SESSION_END', transfer: 'TRANSFER_TO_AGENT' };

/** What a response is, in one word: its event, else its type. */
export function kindOf(response: AgentResponse): string {
  const event = eventOf(response)?.event;
  return event === undefined ? response.type.toUpperCase() : (EVENTS[event] ?? event.toUpperCase());
}

/** A message of the caller. */
export function describeSent(message: CallerMessage | undefined): string {
  if (message === undefined) return 'a message without content';
  if ('audio' in message) {
    const format = message.format === undefined ? '' : ` ${message.format.encoding} ${message.format.sampleRateHz} Hz`;
    return `${message.audio.length} bytes of audio${format}`;
  }
  if ('digits' in message) return `digits "${message.digits.join('')}"`;
  return message.event.toUpperCase() + (message.name === undefined ? '' : ` ${message.name}`);
}

/** A response of the agent. */
export function describeResponse(response: AgentResponse): string {
  const event = eventOf(response);
  const name = event === undefined || event.name === '' ? '' : ` ${JSON.stringify(event.name)}`;
  const type = event === undefined || response.type === 'final' ? '' : ` (${response.type.toUpperCase()})`;
  const prompts = response.prompts.map(({ audio }) => `${audio.length}`).join('+');
  const audio = response.prompts.length === 0 ? '' : `, prompts of ${prompts} bytes`;
  const mode = response.mode === undefined ? '' : `, mode ${response.mode}`;
  const config = response.config === undefined ? '' : ', config';
  return `${kindOf(response)}${name}${type}${audio}${mode}${config}`;
}
