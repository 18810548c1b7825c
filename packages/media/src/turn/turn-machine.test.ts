import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { step, TURN_OPENED, type TurnEffect, type TurnInput, type TurnState } from './turn-machine.ts';

function run(...inputs: TurnInput[]): { state: TurnState; effects: TurnEffect[] } {
  let state = TURN_OPENED;
  const effects: TurnEffect[] = [];
  for (const input of inputs) {
    const next = step(state, input);
    state = next.state;
    effects.push(...next.effects);
  }
  return { state, effects };
}

describe('the life of an RPC', () => {
  it.each<{ title: string; inputs: TurnInput[]; effects: TurnEffect[] }>([
    {
      title: 'an event is answered and completed',
      inputs: ['input', 'half_close', 'replied'],
      effects: ['dispatch_input', 'complete'],
    },
    {
      title: 'a reply does not wait for half-close',
      inputs: ['input', 'replied', 'half_close'],
      effects: ['dispatch_input', 'complete'],
    },
    {
      title: 'speech is bracketed, then answered',
      inputs: ['audio', 'speech_started', 'speech_ended', 'half_close', 'replied'],
      effects: ['send_start_of_input', 'send_end_of_input', 'dispatch_utterance', 'complete'],
    },
    {
      title: 'half-close ends the utterance without END_OF_INPUT',
      inputs: ['audio', 'speech_started', 'half_close', 'replied'],
      effects: ['send_start_of_input', 'dispatch_utterance', 'complete'],
    },
    {
      title: 'START_OF_DTMF is answered by completion alone',
      inputs: ['start_of_dtmf', 'half_close'],
      effects: ['await_keys', 'complete'],
    },
    {
      title: 'and also without half-close',
      inputs: ['audio', 'start_of_dtmf', 'keys_overdue'],
      effects: ['await_keys', 'complete'],
    },
    {
      title: 'digits may follow on the same RPC',
      inputs: ['start_of_dtmf', 'input', 'replied'],
      effects: ['await_keys', 'dispatch_input', 'complete'],
    },
    {
      title: 'a key cuts speech off',
      inputs: ['audio', 'speech_started', 'start_of_dtmf'],
      effects: ['send_start_of_input', 'discard_speech', 'await_keys'],
    },
    { title: 'silence is completed without a word', inputs: ['audio', 'half_close'], effects: ['complete'] },
    { title: 'an RPC of nothing is refused', inputs: ['half_close'], effects: ['reject_empty'] },
    {
      title: 'messages without content are ignored',
      inputs: ['empty', 'empty', 'audio', 'half_close'],
      effects: ['warn_ignored', 'warn_ignored', 'complete'],
    },
    { title: 'but are not a content', inputs: ['empty', 'half_close'], effects: ['warn_ignored', 'reject_empty'] },
    { title: 'a hang-up is not answered', inputs: ['session_end', 'half_close'], effects: ['end_session', 'complete'] },
    {
      title: 'a hang-up ends a reply',
      inputs: ['input', 'session_end'],
      effects: ['dispatch_input', 'end_session', 'complete'],
    },
    {
      title: 'a second input of one RPC is ignored',
      inputs: ['input', 'input', 'replied'],
      effects: ['dispatch_input', 'warn_ignored', 'complete'],
    },
    { title: 'the agent may speak unasked', inputs: ['audio', 'speak', 'audio', 'replied'], effects: ['complete'] },
    {
      title: 'but not over the caller',
      inputs: ['audio', 'speech_started', 'speak', 'speech_ended'],
      effects: ['send_start_of_input', 'send_end_of_input', 'dispatch_utterance'],
    },
    {
      title: 'a reset abandons',
      inputs: ['audio', 'speech_started', 'cancel', 'replied', 'half_close'],
      effects: ['send_start_of_input', 'abandon'],
    },
  ])('$title', ({ inputs, effects }) => {
    expect(run(...inputs).effects).toEqual(effects);
  });

  const anyInput = fc.constantFrom<TurnInput>(
    'empty',
    'audio',
    'speech_started',
    'speech_ended',
    'start_of_dtmf',
    'keys_overdue',
    'input',
    'session_end',
    'half_close',
    'speak',
    'replied',
    'cancel',
  );

  it('ends once, dispatches once and says each boundary once, whatever the order', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 40 }), (inputs) => {
        const { state, effects } = run(...inputs);
        const count = (...wanted: TurnEffect[]) => effects.filter((effect) => wanted.includes(effect)).length;
        expect(count('complete', 'abandon', 'reject_empty')).toBe(state.phase === 'closed' ? 1 : 0);
        expect(count('dispatch_input', 'dispatch_utterance')).toBeLessThanOrEqual(1);
        expect(count('send_start_of_input')).toBeLessThanOrEqual(1);
        expect(count('send_end_of_input')).toBeLessThanOrEqual(count('send_start_of_input'));
        const end = effects.findIndex((effect) => effect === 'complete' || effect === 'abandon');
        if (end >= 0) expect(effects.slice(end + 1)).toEqual([]);
      }),
    );
  });

  it('always ends when the platform has half-closed and the reply is sent', () => {
    fc.assert(
      fc.property(fc.array(anyInput, { maxLength: 20 }), (inputs) => {
        expect(run(...inputs, 'half_close', 'replied').state.phase).toBe('closed');
      }),
    );
  });
});
