// Calls that fail: nobody there, an agent that hangs, expectations that are not met, limits, and an aborted signal.
import { connect, createServer, type Socket } from 'node:net';
import { status } from '@grpc/grpc-js';
import { describe, expect, it } from 'vitest';
import { assertCallPassed, type CallOptions, formatTimeline, placeCall, SimulatorError } from '../src/index.ts';
import { type AgentRpc, startFakeAgent } from './support/fake-agent.ts';
import { chunk, EventType, event, final, prompt, wav } from './support/messages.ts';
import { codes, place, speech } from './support/place.ts';
import { politeAgent } from './support/polite-agent.ts';

async function rejection(promise: Promise<unknown>): Promise<SimulatorError> {
  const error: unknown = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof SimulatorError) return error;
  throw new Error('no SimulatorError was thrown', { cause: error });
}

describe('an agent that cannot be called', () => {
  it('is unreachable where nobody listens, which breaks no contract', async () => {
    const agent = await startFakeAgent({});
    agent.close();
    const report = await placeCall({ target: agent.target, organization: 'o1', script: [{ waitForPrompt: {} }] });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'UNREACHABLE' }, prompts: [] });
    expect(report.failure?.message).toMatch(
      /^The agent at http:\/\/127\.0\.0\.1:\d+ cannot be reached: .*Does it listen/,
    );
    expect(report.violations).toEqual([]);
    expect(() => assertCallPassed(report)).toThrow(/cannot be reached/);
  });

  it.each<[string, number, RegExp]>([
    ['the token', status.UNAUTHENTICATED, /ended with UNAUTHENTICATED: no\. Does the call carry the token/],
    ['the agent id', status.NOT_FOUND, /RPC 1 \(session_start\) ended with NOT_FOUND: no\./],
    ['the load', status.RESOURCE_EXHAUSTED, /ended with RESOURCE_EXHAUSTED: no\./],
    ['its own end', status.UNAVAILABLE, /ended with UNAVAILABLE: no\./],
    ['the service', status.UNIMPLEMENTED, /ended with UNIMPLEMENTED: no\./],
  ])('refuses the call for %s, which breaks no contract', async (_name, code, message) => {
    const { report } = await place({ onRequest: (rpc) => rpc.fail(code, 'no') });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'CALL_REFUSED' }, violations: [] });
    expect(report.failure?.message).toMatch(/^The server refused the call: /);
    expect(report.failure?.message).toMatch(message);
    expect(formatTimeline(report.timeline)).toMatch(/RPC 1 ended with [A-Z_]+, no$/m);
  });

  it('refuses the call in the middle of it, for a token that has expired', async () => {
    const { report } = await place(
      politeAgent({
        onDigits: (_digits, rpc) => {
          rpc.fail(status.UNAUTHENTICATED, 'expired');
          return 'later';
        },
      }),
      { script: [{ waitForPrompt: {} }, { press: '1' }, { waitForPrompt: {} }] },
    );
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'CALL_REFUSED' }, violations: [] });
  });

  it('refuses the end of a call, which fails the call although it is over', async () => {
    const onSessionEnd = (rpc: AgentRpc): 'later' => {
      rpc.fail(status.UNAUTHENTICATED, 'expired');
      return 'later';
    };
    const { report } = await place(politeAgent({ onSessionEnd }), { script: [{ waitForPrompt: {} }] });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'CALL_REFUSED' }, violations: [] });
  });

  it('does not know a call that it has taken, which breaks the contract', async () => {
    const onDigits = (_digits: string, rpc: AgentRpc): 'later' => {
      rpc.fail(status.NOT_FOUND, 'no session');
      return 'later';
    };
    const { report } = await place(politeAgent({ onDigits }), {
      script: [{ waitForPrompt: {} }, { press: '1' }, { waitForPrompt: {} }],
    });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'RPC_FAILED' } });
    expect(codes(report)).toEqual(['STATUS_NOT_OK']);
  });

  it('goes away in the middle of a call', async () => {
    const sockets = new Set<Socket>();
    const agent = await startFakeAgent(politeAgent({ onDigits: () => 'later' }));
    const { port } = new URL(agent.target);
    const relay = createServer((socket) => {
      const out = connect(Number(port), '127.0.0.1');
      for (const one of [socket, out]) {
        sockets.add(one);
        one.on('error', () => undefined);
      }
      socket.pipe(out).pipe(socket);
    }).listen(0, '127.0.0.1');
    await new Promise((listening) => relay.once('listening', listening));
    const address = relay.address();
    const target = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
    const report = await placeCall({
      target,
      organization: 'o1',
      script: [{ waitForPrompt: {} }, { press: '1' }, { waitForPrompt: {} }],
      onTimeline(entry) {
        if (entry.kind !== 'digits_sent') return;
        relay.close();
        for (const socket of sockets) socket.destroy();
      },
    });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'UNREACHABLE' }, violations: [] });
    expect(report.failure?.message).toMatch(/^The connection to the agent at http:.* was lost in RPC \d+/);
    agent.close();
  });
});

describe('an agent that hangs', () => {
  it('fails the call once its reply is overdue', async () => {
    const { report, rpcs } = await place({}, { limits: { replyMs: 300 } });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'REPLY_TIMEOUT' } });
    expect(report.failure?.message).toMatch(/RPC 1 \(session_start\) got no reply for \d+ ms/);
    await expect.poll(() => rpcs[0]?.cancelled).toBe(true);
  });

  it('fails the call in the middle of a turn too', async () => {
    const agent = politeAgent({ onUtterance: () => 'later' });
    const { report } = await place(agent, {
      script: [{ say: speech() }, { waitForPrompt: {} }],
      limits: { replyMs: 300 },
    });
    expect(report.failure?.code).toBe('REPLY_TIMEOUT');
    expect(report.failure?.message).toMatch(/RPC 2 \(audio\)/);
  });

  it('may take its time for a stream that keeps coming', async () => {
    const agent = politeAgent({
      onDigits: (_digits, rpc) => {
        for (const delayMs of [200, 400, 600]) setTimeout(() => rpc.send(chunk(100)), delayMs);
        setTimeout(() => {
          rpc.send(event(EventType.SESSION_END, { prompts: [] }), chunk(100));
          rpc.complete();
        }, 800);
        return 'later';
      },
    });
    const { report } = await place(agent, { script: [{ press: '1' }], limits: { replyMs: 500 } });
    expect(report.outcome).toBe('ended');
  });

  it('may hold the end of the call until what it has said has been heard', async () => {
    const agent = politeAgent({
      onDigits: (_digits, rpc) => {
        rpc.send(chunk(700));
        setTimeout(() => {
          rpc.send(event(EventType.TRANSFER_TO_AGENT, { prompts: [prompt(new Uint8Array(0))] }));
          rpc.complete();
        }, 700);
        return 'later';
      },
    });
    const { report } = await place(agent, {
      pace: 'real_time',
      script: [{ press: '1' }, { expect: 'transfer' }],
      limits: { replyMs: 400 },
    });
    assertCallPassed(report);
    expect(report.prompts.at(-1)).toMatchObject({ durationMs: 700, heardMs: 700 });
  });

  it('owes its reply from the end of what it has said', async () => {
    const agent = politeAgent({
      onDigits: (_digits, rpc) => {
        rpc.send(chunk(3000));
        return 'later';
      },
    });
    const { report } = await place(agent, { script: [{ press: '1' }, { wait: 60_000 }], limits: { replyMs: 300 } });
    expect(report.failure?.code).toBe('REPLY_TIMEOUT');
    const [said] = report.prompts.slice(-1);
    expect(said?.heardMs).toBe(3000);
    const waited = Number(/got no reply for (\d+) ms/.exec(report.failure?.message ?? '')?.[1]);
    expect(waited).toBeGreaterThanOrEqual(300);
    expect(waited).toBeLessThan(3000);
  });

  it('that answers every RPC with completion alone fails the call soon', async () => {
    const { report } = await place({ onRequest: (rpc) => rpc.complete() }, { script: [{ wait: 60_000 }] });
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'RPC_FAILED' } });
    expect(codes(report)).toEqual(['REPLY_MISSING', 'REPLY_MISSING', 'REPLY_MISSING']);
  });
});

describe('an expectation that is not met', () => {
  it.each<[string, Partial<CallOptions>, RegExp]>([
    [
      'when time runs out',
      { script: [{ expect: 'transfer', withinMs: 700 }] },
      /Step 1 \(expect transfer within 700 ms\) failed/,
    ],
    [
      'when the call ends in another way',
      { script: [{ press: '1' }, { expect: 'end' }] },
      /Step 2 \(expect end; the agent sent transfer named n with \{"a":1\}\) failed/,
    ],
    [
      'when the metadata differs',
      { script: [{ press: '1' }, { expect: 'transfer', metadata: { a: 2 } }] },
      /expect transfer with \{"a":2\}; the agent sent transfer named n with \{"a":1\}/,
    ],
    [
      'when the call is over',
      { script: [{ press: '1' }, { expect: 'transfer' }, { wait: 5000 }, { expect: 'prompt' }] },
      /Step 4 \(expect prompt, but the call was over\) failed/,
    ],
    [
      'when listening takes too long',
      { script: [{ waitForPrompt: { withinMs: 100 } }] },
      /listen to the end within 100 ms/,
    ],
  ])('fails the call %s', async (_name, options, message) => {
    const onDigits = () => [event(EventType.TRANSFER_TO_AGENT, { name: 'n', metadata: { a: 1 } })];
    const { report } = await place(politeAgent({ onDigits }), options);
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'EXPECTATION_FAILED' } });
    expect(report.failure?.message).toMatch(message);
    expect(report.failure?.message).toContain('The call:\n');
  });

  it('does not fail a call whose expectation was met before the caller was ready to look', async () => {
    const onDigits = () => [event(EventType.TRANSFER_TO_AGENT)];
    const script = [{ press: '1' }, { wait: 3000 }, { expect: 'transfer' }] as const;
    const { report } = await place(politeAgent({ onDigits }), { script });
    assertCallPassed(report);
  });

  it('leaves out what the caller can no longer do', async () => {
    const onDigits = () => [event(EventType.SESSION_END)];
    const script = [{ press: '1' }, { expect: 'end' }, { wait: 10 }, { press: '2' }, { hangUp: true }] as const;
    const { report } = await place(politeAgent({ onDigits }), { script });
    assertCallPassed(report);
    const skipped = report.timeline.filter(({ kind }) => kind === 'step_skipped');
    expect(skipped.map((one) => 'text' in one && one.text)).toEqual(['wait 10 ms', 'press 1 key', 'hang up']);
  });
});

describe('a limit', () => {
  const flood = politeAgent({
    welcome: (rpc) => {
      for (let sent = 0; sent < 50; sent += 1) rpc.send(chunk(1000));
      return 'later';
    },
  });

  it.each<[string, Partial<CallOptions>]>([
    ['callMs', { script: [{ wait: 60_000 }], limits: { callMs: 2000 } }],
    ['receivedBytes', { limits: { receivedBytes: 100_000 } }],
    ['responses', { limits: { responses: 10 } }],
  ])('%s fails the call', async (name, options) => {
    const { report } = await place(name === 'callMs' ? politeAgent() : flood, options);
    expect(report).toMatchObject({ outcome: 'failed', failure: { code: 'LIMIT_EXCEEDED' } });
    expect(report.failure?.message).toContain(`limits.${name}`);
  });

  it('on RPCs fails the call', async () => {
    const welcome = () => [final([wav(20)], { noInputMs: 1 })];
    const agent = politeAgent({ welcome, onNoInput: welcome });
    const { report } = await place(agent, { script: [{ wait: 60_000 }], limits: { rpcs: 20 } });
    expect(report.failure?.message).toContain('limits.rpcs');
  });
});

describe('an aborted signal', () => {
  it('before the call rejects without opening an RPC', async () => {
    const agent = await startFakeAgent(politeAgent());
    const options = { target: agent.target, organization: 'o1', signal: AbortSignal.abort('enough') };
    const error = await rejection(placeCall(options));
    expect(error).toMatchObject({ code: 'CALL_ABORTED', cause: 'enough' });
    expect(agent.rpcs).toHaveLength(0);
    agent.close();
  });

  it('in a call rejects, resets every RPC and leaves no listener behind', async () => {
    const agent = await startFakeAgent(politeAgent());
    const abort = new AbortController();
    const counted: number[] = [];
    const { addEventListener, removeEventListener } = abort.signal;
    abort.signal.addEventListener = (...args: Parameters<typeof addEventListener>) => {
      counted.push(1);
      addEventListener.apply(abort.signal, args);
    };
    abort.signal.removeEventListener = (...args: Parameters<typeof removeEventListener>) => {
      counted.push(-1);
      removeEventListener.apply(abort.signal, args);
    };
    const options = { target: agent.target, organization: 'o1', signal: abort.signal, script: [{ wait: 60_000 }] };
    const call = rejection(placeCall(options));
    setTimeout(() => abort.abort(), 200);
    expect((await call).code).toBe('CALL_ABORTED');
    await expect.poll(() => agent.rpcs.every(({ cancelled, completed }) => cancelled || completed)).toBe(true);
    expect(counted.reduce((sum, one) => sum + one, 0)).toBe(0);
    agent.close();
  });
});

describe('options that cannot be used', () => {
  it.each<[string, Partial<CallOptions>, string]>([
    ['a target that is none', { target: 'localhost:1' }, 'INVALID_OPTION'],
    ['no organization', { organization: '' }, 'INVALID_OPTION'],
    ['TLS without https', { tls: {} }, 'INVALID_OPTION'],
    [
      'a broken certificate',
      { target: 'https://127.0.0.1:1', tls: { ca: 'x', cert: 'x', key: 'x' } },
      'INVALID_OPTION',
    ],
    ['failure events that are no list', { failureEvents: 'agent_error' as unknown as string[] }, 'INVALID_OPTION'],
    ['a failure event without a name', { failureEvents: [''] }, 'INVALID_OPTION'],
    ['a limit of nothing', { limits: { callMs: 0 } }, 'INVALID_OPTION'],
    ['a call too long', { limits: { callMs: 1e9 } }, 'INVALID_OPTION'],
    ['an unknown step', { script: [{ press: 'x' }] }, 'INVALID_SCRIPT'],
    ['speech that is not there', { script: [{ say: 'no/such.wav' }] }, 'INVALID_AUDIO'],
    ['speech that is no WAV', { script: [{ say: Uint8Array.of(1, 2, 3) }] }, 'INVALID_AUDIO'],
  ])('reject with %s', async (_name, options, code) => {
    const call = placeCall({ target: 'http://127.0.0.1:1', organization: 'o1', ...options });
    expect((await rejection(call)).code).toBe(code);
  });

  it('reject with the error of a timeline listener', async () => {
    const agent = await startFakeAgent(politeAgent());
    const onTimeline = (): void => {
      throw new Error('the listener broke');
    };
    await expect(placeCall({ target: agent.target, organization: 'o1', onTimeline })).rejects.toThrow(
      'the listener broke',
    );
    agent.close();
  });
});
