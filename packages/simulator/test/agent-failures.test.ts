// An agent that fails and whose server answers the caller all the same: the call fails unless the script means it.
import { describe, expect, it } from 'vitest';
import { assertCallPassed, type CallOptions, FAILURE_EVENTS } from '../src/index.ts';
import { EventType, event, final, wav } from './support/messages.ts';
import { place } from './support/place.ts';
import { politeAgent } from './support/polite-agent.ts';

async function callTo(type: EventType, name: string, options: Partial<CallOptions> = {}) {
  const input = type === EventType.CUSTOM_EVENT ? final([wav(100)]) : event(type);
  const answer = { ...input, outputEvents: event(type, { name }).outputEvents };
  const { report } = await place(politeAgent({ onDigits: () => [answer] }), {
    script: [{ waitForPrompt: {} }, { press: '1' }, { expect: 'transfer' }],
    ...options,
  });
  return report;
}

describe('an event that means that the agent failed', () => {
  it.each([...FAILURE_EVENTS])('fails the call that expects a transfer and gets one named %s', async (name) => {
    const report = await callTo(EventType.TRANSFER_TO_AGENT, name);
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'AGENT_FAILED' }, terminal: { name } });
    expect(report.failure?.message).toContain(`The agent sent transfer named "${name}"`);
    expect(report.failure?.message).toMatch(/The server's log has the cause\./);
    expect(() => assertCallPassed(report)).toThrow(/an agent that failed/);
  });

  it('fails a call that expects nothing', async () => {
    const report = await callTo(EventType.SESSION_END, 'agent_error', {
      script: [{ waitForPrompt: {} }, { press: '1' }],
    });
    expect(report.failure?.code).toBe('AGENT_FAILED');
  });

  it('is expected by a step that has its name', async () => {
    const script = [{ waitForPrompt: {} }, { press: '1' }, { expect: 'transfer', name: 'agent_error' }] as const;
    const report = await callTo(EventType.TRANSFER_TO_AGENT, 'agent_error', { script });
    assertCallPassed(report);
    expect(report.outcome).toBe('transferred');
  });

  it('is none of those where a call names none', async () => {
    const report = await callTo(EventType.TRANSFER_TO_AGENT, 'agent_error', { failureEvents: [] });
    assertCallPassed(report);
  });

  it('has the name that another server gives it', async () => {
    const options = { failureEvents: ['error_occurred'], script: [{ waitForPrompt: {} }, { press: '1' }] } as const;
    const failed = await callTo(EventType.CUSTOM_EVENT, 'error_occurred', options);
    expect(failed.failure?.message).toContain('The agent sent custom_event named "error_occurred"');
    assertCallPassed(await callTo(EventType.TRANSFER_TO_AGENT, 'agent_error', options));
  });

  it('is no transfer of another name', async () => {
    assertCallPassed(await callTo(EventType.TRANSFER_TO_AGENT, 'billing'));
  });
});
