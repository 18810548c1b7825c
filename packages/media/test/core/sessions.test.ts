// Which RPC belongs to which call, how calls begin and end, and their bounds.
import { describe, expect, it } from 'vitest';
import { mintAdmission } from '../../src/wire/gate.ts';
import { createTestCore, LOUD, SILENCE } from '../support/core-harness.ts';
import { settle } from '../support/fake-clock.ts';

describe('ids', () => {
  it('keeps the calls of two organizations apart that have the same conversation id', async () => {
    const core = createTestCore();
    const seen: string[] = [];
    core.on('session_start', ({ session }) => void seen.push(session.organization));
    core.rpc({ organization: 'a' }).event('session_start');
    core.rpc({ organization: 'b' }).event('session_start');
    await settle();
    expect(seen).toEqual(['a', 'b']);
    expect(core.registry.size).toBe(2);
  });

  it.each([
    ['an unknown agent', { agentId: 'nobody' }, 'not_found'],
    ['no conversation id', { conversationId: '' }, 'invalid_argument'],
    ['no agent id', { agentId: '' }, 'ok'],
  ])('%s', async (_title, header, status) => {
    const core = createTestCore();
    const rpc = core.rpc(header).event('session_start');
    await settle();
    expect(rpc.status).toBe(status);
  });

  it("refuses another agent's id on a known conversation, and ids that change within an RPC", async () => {
    const core = createTestCore({
      agents: [
        { id: 'a', name: 'A' },
        { id: 'b', name: 'B' },
      ],
    });
    core.rpc({ agentId: 'a' }).event('session_start');
    await settle();
    const other = core.rpc({ agentId: 'b' }).event('no_input');
    expect(other.status).toBe('invalid_argument');
    const changing = core.rpc().frames(SILENCE, 20);
    expect(changing.input.continues('c1', 'o1', '')).toBe(true);
    expect(changing.input.continues('c2', 'o1', '')).toBe(false);
    expect(changing.status).toBe('invalid_argument');
    await settle();
    const fine = core.rpc().event('no_input');
    await settle();
    expect(fine.status).toBe('ok');
  });

  it('an RPC of nothing but ids is refused, and harms no call', async () => {
    const core = createTestCore();
    const rpc = core.rpc();
    rpc.input.empty();
    rpc.halfClose();
    expect(rpc.status).toBe('invalid_argument');
    expect(core.registry.size).toBe(0);
  });
});

describe('agents by organization', () => {
  it('asks once, keeps what arrives meanwhile, and serves it in order', async () => {
    const { promise, resolve } = Promise.withResolvers<void>();
    let asked = 0;
    const core = createTestCore({
      agents: async ({ organization }) => {
        asked += 1;
        await promise;
        return [{ id: `${organization}-agent`, name: 'One' }];
      },
    });
    const heard: number[] = [];
    core.on('audio_input', ({ event }) => void heard.push(event.audio.length));
    const rpc = core.rpc().frames(SILENCE, 60);
    const start = core.rpc({ conversationId: 'c2' }).event('session_start');
    expect([rpc.status, start.status]).toEqual(['open', 'open']);
    resolve();
    await settle();
    expect(heard).toEqual([160, 160, 160]);
    expect(start.status).toBe('ok');
    expect(asked).toBe(1);
    expect(await core.service.listAgents({ organization: 'o1', admission: mintAdmission(undefined) })).toEqual([
      { id: 'o1-agent', name: 'One', isDefault: true, attributes: {} },
    ]);
  });

  it('fails the RPCs that wait for a list that never comes, and asks again for the next', async () => {
    const signals: AbortSignal[] = [];
    const core = createTestCore({
      limits: { turnTimeoutMs: 2000 },
      agents({ signal }) {
        signals.push(signal);
        return signals.length === 1 ? new Promise(() => {}) : [{ id: 'a', name: 'A' }];
      },
    });
    const waiting = ['c1', 'c2'].map((conversationId) => core.rpc({ conversationId }).event('session_start'));
    await core.clock.advance(1999);
    expect(waiting.map(({ status }) => status)).toEqual(['open', 'open']);
    await core.clock.advance(1);
    expect(waiting.map(({ status }) => status)).toEqual(['internal', 'internal']);
    expect(signals.map(({ aborted }) => aborted)).toEqual([true]);
    expect(core.logs).toContainEqual(
      expect.objectContaining({
        fields: expect.objectContaining({ err: expect.objectContaining({ code: 'RESULT_INVALID' }) }),
      }),
    );
    const next = core.rpc({ conversationId: 'c3' }).event('session_start');
    await settle();
    expect(next.status).toBe('ok');
  });

  it('fails the RPC, not the server, when the list cannot be had, and asks again next time', async () => {
    let fail = true;
    const core = createTestCore({
      agents: async () => {
        if (fail) throw new Error('directory down: password=secret');
        return [{ id: 'a', name: 'A' }];
      },
    });
    const rpc = core.rpc().event('session_start');
    await settle();
    expect(rpc.status).toBe('internal');
    fail = false;
    const next = core.rpc().event('session_start');
    await settle();
    expect(next.status).toBe('ok');
  });

  it.each([
    ['none', []],
    [
      'two of one id',
      [
        { id: 'a', name: 'A' },
        { id: 'a', name: 'B' },
      ],
    ],
    [
      'two defaults',
      [
        { id: 'a', name: 'A', default: true },
        { id: 'b', name: 'B', default: true },
      ],
    ],
    ['an empty name', [{ id: 'a', name: '' }]],
  ])('refuses a list of %s at once', (_title, agents) => {
    expect(() => createTestCore({ agents })).toThrow(expect.objectContaining({ code: 'AGENT_CONFIG_INVALID' }));
  });
});

describe('how calls begin', () => {
  it.each(['audio', 'dtmf'] as const)('with %s, when another replica saw the start', async (kind) => {
    const core = createTestCore();
    const seen: unknown[] = [];
    core.on('session_resumed', ({ event, session }) => void seen.push([event.kind, session.implicit]));
    core.on('utterance', () => void seen.push('utterance'));
    core.on('dtmf_input', () => void seen.push('dtmf'));
    if (kind === 'audio') {
      const rpc = core.rpc();
      await core.speak(rpc);
      expect(rpc.kinds).toEqual(['start_of_input', 'end_of_input', 'final']);
    } else {
      core.press('1');
      await settle();
    }
    expect(seen).toEqual([[kind, true], kind === 'audio' ? 'utterance' : 'dtmf']);
    expect(core.registry.size).toBe(1);
  });

  it('a late SESSION_START finds the call that began without one', async () => {
    const core = createTestCore();
    const seen: unknown[] = [];
    core.on('session_start', ({ session, event }) => void seen.push([session.parameters, event.name]));
    core.press('1');
    await settle();
    core.say('session_start', 'flow', { a: 1 });
    await settle();
    expect(seen).toEqual([[{ a: 1 }, 'flow']]);
    expect(core.registry.size).toBe(1);
  });

  it('a second SESSION_START of a call that goes on is answered by completion alone', async () => {
    const core = createTestCore();
    let starts = 0;
    core.on('session_start', () => {
      starts += 1;
    });
    core.say('session_start');
    await settle();
    const again = core.say('session_start');
    await settle();
    expect(again).toMatchObject({ responses: [], status: 'ok' });
    expect(starts).toBe(1);
  });

  it('begins anew after the flow was sent an event, after an end, and when the first start was never answered', async () => {
    const core = createTestCore();
    const ends: string[] = [];
    let starts = 0;
    let slow = true;
    core.on('session_end', ({ event }) => void ends.push(event.reason));
    core.on('session_start', async ({ session }) => {
      starts += 1;
      if (starts === 1) session.emit('elsewhere');
      if (starts === 2) await session.end();
      if (starts === 3) while (slow) await settle();
    });
    for (let start = 0; start < 3; start += 1) {
      const rpc = core.rpc().event('session_start');
      await settle();
      if (start === 2) rpc.input.cancel();
    }
    core.say('session_start');
    slow = false;
    await settle();
    expect(starts).toBe(4);
    expect(ends).toEqual(['replaced', 'ended', 'replaced']);
  });

  it('swallows media that is still under way after the agent ended the call, for a while', async () => {
    const core = createTestCore();
    core.on('session_start', ({ session }) => session.transfer());
    core.say('session_start');
    await settle();
    const late = core.rpc().frames(LOUD, 400);
    expect(late).toMatchObject({ responses: [], status: 'ok' });
    expect(core.registry.size).toBe(0);
    await core.clock.advance(31_000);
    core.press('1');
    expect(core.registry.size).toBe(1);
  });

  it('a hang-up of an unknown call is completed without a word', () => {
    const core = createTestCore();
    expect(core.say('session_end')).toMatchObject({ responses: [], status: 'ok' });
    expect(core.registry.size).toBe(0);
  });
});

describe('bounds', () => {
  it.each([
    ['maxSessions', { maxSessions: 2, maxSessionsPerOrganization: 2 }, ['ok', 'ok', 'resource_exhausted']],
    [
      'maxSessionsPerOrganization',
      { maxSessionsPerOrganization: 1 },
      ['ok', 'resource_exhausted', 'resource_exhausted'],
    ],
  ])('%s', async (_title, limits, statuses) => {
    const core = createTestCore({ limits });
    const rpcs = ['c1', 'c2', 'c3'].map((conversationId) => core.rpc({ conversationId }).event('session_start'));
    await settle();
    expect(rpcs.map(({ status }) => status)).toEqual(statuses);
    core.rpc({ conversationId: 'c1' }).event('session_end');
    const next = core.rpc({ conversationId: 'c4' }).event('session_start');
    await settle();
    expect(next.status).toBe('ok');
  });

  it('a call with no RPC open is ended after the idle time, one with an RPC open is not', async () => {
    const core = createTestCore({ limits: { idleTimeoutMs: 1000 } });
    const ends: string[] = [];
    core.on('session_end', ({ event }) => void ends.push(event.reason));
    core.say('session_start');
    const rpc = core.silence();
    await core.clock.advance(5000);
    expect(ends).toEqual([]);
    rpc.halfClose();
    await core.clock.advance(999);
    expect(ends).toEqual([]);
    await core.clock.advance(1);
    expect(ends).toEqual(['idle_timeout']);
  });

  it('no call is longer than the longest', async () => {
    const core = createTestCore({ limits: { maxSessionMs: 60_000 } });
    const ends: unknown[] = [];
    core.on('session_end', ({ event }) => void ends.push(event));
    core.say('session_start');
    const rpc = core.silence();
    await core.clock.advance(60_000);
    expect(ends).toEqual([{ reason: 'max_duration', durationMs: 60_000 }]);
    expect(rpc.status).toBe('ok');
    expect(core.clock.pending).toBe(0);
  });

  it('misspelt and impossible options are told by name', () => {
    const options = { limits: { maxSesions: 1 }, audioMode: 'mp3' } as object;
    expect(() => createTestCore(options)).toThrow(/maxSesions[\s\S]*audioMode|audioMode[\s\S]*maxSesions/);
  });
});
