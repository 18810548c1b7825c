// A step in a few words, for the timeline and for messages.
import type { CallStep } from './call-step.ts';

/** Describes a step. Keys are not shown: they may be a secret. */
export function describeStep(step: CallStep): string {
  if ('say' in step) {
    if (typeof step.say === 'string') return `say ${step.say}`;
    return step.say instanceof Uint8Array ? 'say (given as bytes)' : `say something for ${step.say.ms} ms`;
  }
  if ('press' in step) return `press ${step.press.length} key${step.press.length === 1 ? '' : 's'}`;
  if ('wait' in step) return `wait ${step.wait} ms`;
  if ('waitForPrompt' in step) return 'listen to the end';
  if ('customEvent' in step) return `custom event ${step.customEvent.name}`;
  if ('hangUp' in step) return 'hang up';
  if ('reset' in step) return 'break the line';
  if ('expectNothing' in step) return `expect nothing for ${step.expectNothing.forMs} ms`;
  const name = step.name === undefined ? '' : ` named ${step.name}`;
  const metadata = step.metadata === undefined ? '' : ` with ${JSON.stringify(step.metadata)}`;
  return `expect ${step.expect}${name}${metadata}`;
}
