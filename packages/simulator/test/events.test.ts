// Events in both directions, and every way in which a call ends.
import { describe, expect, it } from 'vitest';
import { assertCallPassed } from '../src/index.ts';
import type { AgentRpc } from './support/fake-agent.ts';
import { chunk, EventType, endOfChunks, event, final, wav } from './support/messages.ts';
import { codes, entries, entry, halfClosed, place, purposes, speech } from './support/place.ts';
import { kindsOf, politeAgent } from './support/polite-agent.ts';

describe('NO_INPUT', () => {
  it('goes in its own RPC after the time that the agent named, counted from the end of the prompts', async () => {
    const welcome = () => [final([wav(1000)], { noInputMs: 2000 })];
    const script = [{ waitForPrompt: {} }, { wait: 2500 }, { waitForPrompt: {} }] as const;
    const { report, rpcs } = await place(politeAgent({ welcome }), { script });
    assertCallPassed(report);
    const sent = entry(report, 'event_sent', ({ event: name }) => name === 'no_input');
    expect(sent.atMs - entry(report, 'prompt_finished').atMs).toBeCloseTo(2000, 0);
    expect(purposes(report)).toEqual(['session_start', 'audio', 'no_input', 'audio', 'session_end']);
    expect(kindsOf(rpcs[2]?.requests ?? [])).toEqual(['event 3']);
    expect(halfClosed(report).slice(0, 3), 'the silent audio RPC was half-closed first').toEqual([1, 2, 3]);
  });

  it('is not sent when the agent named no time', async () => {
    const { report } = await place(politeAgent(), { script: [{ waitForPrompt: {} }, { wait: 20_000 }] });
    expect(purposes(report)).not.toContain('no_input');
  });

  it('is not sent when the caller has spoken or keyed', async () => {
    const welcome = () => [final([wav(100)], { noInputMs: 1000, digits: 9, interDigitMs: 3000 })];
    const spoken = await place(politeAgent({ welcome, quietFrames: 100 }), {
      script: [{ waitForPrompt: {} }, { say: speech() }, { waitForPrompt: {} }],
    });
    const keyed = await place(politeAgent({ welcome }), {
      script: [{ waitForPrompt: {} }, { press: '1' }, { waitForPrompt: {} }],
    });
    expect(purposes(spoken.report)).not.toContain('no_input');
    expect(purposes(keyed.report)).not.toContain('no_input');
  });

  it('may be left unanswered: the caller waits again', async () => {
    const welcome = () => [final([wav(100)], { noInputMs: 1000 })];
    const { report } = await place(politeAgent({ welcome, onNoInput: () => [] }), {
      script: [{ waitForPrompt: {} }, { wait: 2500 }],
    });
    assertCallPassed(report);
    expect(purposes(report).filter((purpose) => purpose === 'no_input')).toHaveLength(2);
  });
});

describe('CUSTOM_EVENT', () => {
  it('goes in its own RPC, and one of the agent is reported', async () => {
    const metadata = { a: [1, { b: null }], ok: true };
    const onCustomEvent = () => [
      { ...final([wav(100)]), outputEvents: event(EventType.CUSTOM_EVENT, { name: 'ack', metadata }).outputEvents },
    ];
    const { report, rpcs } = await place(politeAgent({ onCustomEvent }), {
      script: [
        { waitForPrompt: {} },
        { customEvent: { name: 'go', parameters: { x: 1 } } },
        { expect: 'custom_event', name: 'ack', metadata: { a: [1, { b: null }] } },
        { waitForPrompt: {} },
      ],
    });
    assertCallPassed(report);
    expect(report.customEvents).toMatchObject([{ name: 'ack', metadata }]);
    const own = rpcs.find(({ requests }) => kindsOf(requests)[0] === 'event 5');
    expect(own?.requests[0]?.voiceVaInputType).toMatchObject({ eventInput: { name: 'go', parameters: { x: 1 } } });
    expect(report.outcome).toBe('hung_up');
  });

  it('may be left unanswered', async () => {
    const { report } = await place(politeAgent({ onCustomEvent: () => [] }), {
      script: [{ customEvent: { name: 'go' } }, { waitForPrompt: {} }],
    });
    assertCallPassed(report);
  });
});

describe('a terminal event', () => {
  it.each([
    ['transfer', 'transferred', EventType.TRANSFER_TO_AGENT],
    ['end', 'ended', EventType.SESSION_END],
  ] as const)('%s: the call is over once its prompt was heard', async (name, outcome, type) => {
    const metadata = { queue: 'billing' };
    const onDigits = () => [event(type, { name: 'why', metadata, prompts: [wav(700)] })];
    const { report, rpcs } = await place(politeAgent({ onDigits }), {
      script: [{ waitForPrompt: {} }, { press: '5' }, { expect: name, name: 'why', metadata }],
    });
    assertCallPassed(report);
    expect(report.outcome).toBe(outcome);
    expect(report.terminal).toMatchObject({ event: name, name: 'why', metadata });
    expect(report.prompts.at(-1)).toMatchObject({ heardMs: 700 });
    expect(report.durationMs - (report.terminal?.atMs ?? 0)).toBeCloseTo(700, 0);
    expect(rpcs.every(({ completed }) => completed)).toBe(true);
    expect(purposes(report)).not.toContain('session_end');
  });

  it('is not interrupted by the caller, whatever its prompt says', async () => {
    const onDigits = () => [event(EventType.TRANSFER_TO_AGENT, { prompts: [wav(1000, { bargeIn: true })] })];
    const { report } = await place(politeAgent({ onDigits }), {
      script: [{ press: '5' }, { expect: 'transfer' }, { wait: 100 }, { press: '1' }, { say: speech(300) }],
    });
    assertCallPassed(report);
    expect(report.prompts.at(-1)).toMatchObject({ heardMs: 1000 });
    expect(entries(report, 'digits_sent')).toHaveLength(1);
  });

  it('waits for what was streamed before it in the same reply', async () => {
    const onDigits = () => [chunk(500), { ...event(EventType.SESSION_END), prompts: endOfChunks().prompts }];
    const { report } = await place(politeAgent({ onDigits }), { script: [{ press: '5' }, { expect: 'end' }] });
    assertCallPassed(report);
    expect(report.prompts.at(-1)).toMatchObject({ style: 'chunk', heardMs: 500 });
  });

  it('without audio of its own ends the call at once, and cuts what plays', async () => {
    let welcoming: AgentRpc | undefined;
    const welcome = (rpc: AgentRpc): 'later' => {
      welcoming = rpc;
      rpc.send(final([wav(5000)]));
      return 'later';
    };
    const onCustomEvent = () => {
      welcoming?.complete();
      return [event(EventType.SESSION_END)];
    };
    const { report } = await place(politeAgent({ welcome, onCustomEvent }), {
      script: [{ expect: 'prompt' }, { wait: 200 }, { customEvent: { name: 'stop' } }, { expect: 'end' }],
    });
    expect(codes(report)).toEqual([]);
    expect(report.prompts).toMatchObject([{ cutBy: 'call_over' }]);
    expect(report.durationMs).toBeLessThan(2000);
  });

  it('reports transcript and summary', async () => {
    const content = (text: string) => ({ inputContent: { $case: 'text' as const, text }, languageCode: '' });
    const onDigits = () => [
      { ...event(EventType.SESSION_END), sessionTranscript: content('all'), sessionSummary: content('short') },
    ];
    const { report } = await place(politeAgent({ onDigits }), { script: [{ press: '5' }] });
    expect(report).toMatchObject({ outcome: 'ended', transcript: 'all', summary: 'short' });
  });
});

describe('a caller who leaves', () => {
  it('hangs up in the middle of a prompt with SESSION_END in its own RPC', async () => {
    const welcome = () => [final([wav(5000)])];
    const script = [{ expect: 'prompt' }, { wait: 1000 }, { hangUp: true }] as const;
    const { report, rpcs } = await place(politeAgent({ welcome }), { script });
    assertCallPassed(report);
    expect(report.outcome).toBe('hung_up');
    expect(report.prompts).toMatchObject([{ cutBy: 'call_over' }]);
    expect(report.prompts[0]?.heardMs).toBeCloseTo(1000, -1);
    expect(purposes(report)).toEqual(['session_start', 'audio', 'session_end']);
    expect(rpcs.every(({ completed }) => completed)).toBe(true);
    expect(halfClosed(report)).toEqual([1, 2, 3]);
  });

  it('may hang up before the agent has said a word', async () => {
    const { report } = await place(
      politeAgent({
        welcome: (rpc) => {
          setTimeout(() => rpc.complete(), 300);
          return 'later';
        },
      }),
      { script: [{ wait: 50 }, { hangUp: true }] },
    );
    assertCallPassed(report);
    expect(purposes(report)).toEqual(['session_start', 'session_end']);
  });

  it('may break the line: open RPCs are reset and nothing more is sent', async () => {
    const script = [{ waitForPrompt: {} }, { wait: 200 }, { reset: true }] as const;
    const { report, rpcs } = await place(politeAgent(), { script });
    assertCallPassed(report);
    expect(report.outcome).toBe('hung_up');
    expect(purposes(report)).toEqual(['session_start', 'audio']);
    expect(entry(report, 'rpc_closed', ({ rpc }) => rpc === 2)).toMatchObject({ cancelled: true, status: 'CANCELLED' });
    await expect.poll(() => rpcs[1]?.cancelled).toBe(true);
  });
});
