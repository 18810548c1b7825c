// The schema of *.call.yaml: two parsers that share no code take and refuse the same files.
import { parseCallScenario as parseForSimulator, SimulatorError } from '@byova/simulator';
import { describe, expect, it } from 'vitest';
import { DialError, parseCallScenario } from '../../src/testing/index.ts';

const step = (text: string): string => `steps:\n  - ${text}\n`;

describe('a scenario is taken', () => {
  it.each([
    step('say: hello.wav'),
    step('say: { ms: 20 }'),
    step('{ press: "0123456789*#ABCD", everyMs: 60000 }'),
    step('wait: 3600000'),
    step('waitForPrompt: {}'),
    step('waitForPrompt: { withinMs: 0 }'),
    step('customEvent: { name: "" }'),
    step('customEvent: { name: go, parameters: { deep: [1, null, { yes: true }] } }'),
    step('hangUp: true'),
    step('reset: true'),
    step('expect: prompt'),
    step('{ expect: custom_event, withinMs: 1.5, name: x, metadata: { a: 1 } }'),
    step('expectNothing: { forMs: 500 }'),
    'agent: a\nvendorConfig: v\nparameters: { x: 1 }\nsteps: []',
    '{"steps":[{"press":"1"}]}',
  ])('%j', (text) => {
    const { agent, parameters, vendorConfig, steps } = parseCallScenario(text);
    const { agentId, script, ...rest } = parseForSimulator(text);
    expect({ agent, parameters, vendorConfig, steps }).toEqual({ agent: agentId, steps: script, ...rest });
  });
});

describe('a scenario is refused', () => {
  it.each<[string, RegExp]>([
    [step('say: ""'), /Step 1/],
    [step('say: { ms: 10 }'), /Step 1/],
    [step('say: { ms: 100, pitch: 2 }'), /pitch/],
    [step('press: 1234'), /quotes/],
    [step('press: ""'), /1 to 64 of the keys/],
    [step('press: 1x'), /1 to 64 of the keys/],
    [step('{ press: "1", everyMs: 5 }'), /everyMs/],
    [step('wait: 3600001'), /wait/],
    [step('wait: soon'), /wait/],
    [step('waitForPrompt:'), /waitForPrompt/],
    [step('customEvent: { parameters: {} }'), /name/],
    [step('hangUp: yes please'), /hangUp/],
    [step('expect: applause'), /transfer/],
    [step('{ expect: prompt, name: x }'), /prompt has neither a name nor metadata/i],
    [step('{ expect: end, metadata: [1] }'), /metadata/],
    [step('expectNothing: {}'), /forMs/],
    [step('{ wait: 1, press: "1" }'), /exactly one of/],
    [step('dance: true'), /exactly one of/],
    [`${step('hangUp: true')}  - wait: 1\n`, /Step 1: nothing can follow "hangUp"/i],
    ['steps: 1', /./],
    ['steps: []\nagents: x', /agents/],
    ['- wait: 1', /./],
    ['', /./],
    ['steps: [', /no YAML/],
    ['steps: []\nsteps: []', /no YAML/],
    [`steps: [${'{ wait: 0 },'.repeat(1001)}]`, /1000/],
  ])('%j', (text, message) => {
    const failures = [parseCallScenario, parseForSimulator].map((parse) => {
      try {
        parse(text);
      } catch (error) {
        if (error instanceof DialError || error instanceof SimulatorError) return error;
        throw error;
      }
      throw new Error('it was taken');
    });
    expect(failures.map(({ code }) => code)).toEqual(['SCENARIO_INVALID', 'INVALID_SCRIPT']);
    for (const failure of failures) expect(failure.message).toMatch(message);
  });
});
