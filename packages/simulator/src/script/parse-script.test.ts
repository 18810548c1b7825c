import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SimulatorError } from '../errors.ts';
import { describeStep } from './describe-step.ts';
import { findHappening } from './find-happening.ts';
import { parseScript } from './parse-script.ts';

function problem(value: unknown): string {
  try {
    parseScript(value);
  } catch (error) {
    if (error instanceof SimulatorError && error.code === 'INVALID_SCRIPT') return error.message;
    throw error;
  }
  return 'none';
}

describe('parseScript', () => {
  it('returns every kind of step as it was given', () => {
    const script = [
      { say: 'hello.wav' },
      { say: Uint8Array.of(1) },
      { press: '0*#D', everyMs: 100 },
      { wait: 0 },
      { waitForPrompt: {} },
      { waitForPrompt: { withinMs: 10 } },
      { customEvent: { name: 'x', parameters: { a: [1, null] } } },
      { expect: 'prompt' },
      { expect: 'transfer', withinMs: 1000, name: 'x', metadata: { a: 1 } },
      { hangUp: true },
    ];
    expect(parseScript(script)).toEqual(script);
    expect(parseScript([{ reset: true }])).toEqual([{ reset: true }]);
  });

  it.each([
    ['no list', {}, /list of steps/],
    ['too many steps', Array(1001).fill({ wait: 1 }), /at most 1000/],
    ['an unknown step', [{ sing: 'la' }], /Step 1: .*exactly one of say/],
    ['two steps in one', [{ wait: 1, press: '1' }], /exactly one/],
    ['no object', [{ wait: 1 }, 'press'], /Step 2/],
    ['a member too many', [{ press: '1', every: 5 }], /does not know "every"/],
    ['no key', [{ press: '' }], /keys/],
    ['what is no key', [{ press: '12x' }], /keys/],
    ['too many keys', [{ press: '1'.repeat(65) }], /1 to 64/],
    ['a pause too short', [{ press: '1', everyMs: 1 }], /everyMs.*20 to/],
    ['a time below zero', [{ wait: -1 }], /wait.*0 to/],
    ['a time that is none', [{ wait: Number.NaN }], /wait/],
    ['nothing to say', [{ say: '' }], /WAV/],
    ['an event without a name', [{ customEvent: {} }], /"name" must be a string/],
    ['parameters that are no JSON', [{ customEvent: { name: 'x', parameters: { f: () => 1 } } }], /JSON object/],
    ['a false hang-up', [{ hangUp: false }], /true/],
    ['a step after the end', [{ reset: true }, { wait: 1 }], /Nothing can follow "reset"/],
    ['an unknown expectation', [{ expect: 'silence' }], /transfer, end, prompt, custom_event/],
    ['a prompt with a name', [{ expect: 'prompt', name: 'x' }], /neither a name/],
    ['a bare waitForPrompt', [{ waitForPrompt: true }], /\{\} will do/],
  ])('refuses %s', (_name, script, message) => {
    expect(problem(script)).toMatch(message);
  });

  it('refuses anything else with the same kind of error', () => {
    fc.assert(
      fc.property(fc.anything(), (value) => {
        problem(value);
        problem([value]);
      }),
    );
  });
});

describe('describeStep', () => {
  it('does not show the keys', () => {
    expect(describeStep({ press: '4711' })).toBe('press 4 keys');
    expect(describeStep({ expect: 'transfer', name: 'n', metadata: { a: 1 } })).toBe(
      'expect transfer named n with {"a":1}',
    );
  });
});

describe('findHappening', () => {
  const happenings = [
    { kind: 'prompt', name: '', metadata: {} },
    { kind: 'custom_event', name: 'a', metadata: { x: { y: [1, 2], z: null }, more: true } },
    { kind: 'transfer', name: 'b', metadata: {} },
  ] as const;

  it('matches by kind, name and a part of the metadata, from a place on', () => {
    expect(findHappening(happenings, 0, { expect: 'transfer' })).toEqual({ matchedAt: 2 });
    const metadata = { x: { y: [1, 2], z: null } };
    expect(findHappening(happenings, 0, { expect: 'custom_event', name: 'a', metadata })).toEqual({ matchedAt: 1 });
    expect(findHappening(happenings, 1, { expect: 'prompt' })).toHaveProperty('instead');
  });

  it('tells what came instead', () => {
    const found = findHappening(happenings, 0, { expect: 'custom_event', metadata: { x: { y: [1] } } });
    expect(found).toEqual({ instead: 'the agent sent transfer named b' });
  });
});
