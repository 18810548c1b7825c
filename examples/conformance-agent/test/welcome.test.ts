// How a call begins, the list of agents, and health.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { BOTH, cases } from './cases.ts';
import { startAgent } from './harness/agent-process.ts';
import { MULAW } from './harness/audio.ts';
import { connect, event } from './harness/client.ts';
import { expectInputConfig, replyAudio } from './harness/expectations.ts';

const HEALTH = 'grpc.health.v1.Health';
const CISCO_HEALTH = 'com.cisco.wcc.ccai.v1.Health';
const VOICE = 'com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent';
const UNAVAILABLE = 14;

cases((caseIt) => {
  caseIt('C1', BOTH, async ({ client, id, mode }) => {
    const { received, code, atMs } = await client.conversation(id).once(event('SESSION_START'));
    expect(code).toBe(0);
    expect(atMs).toBeLessThan(2000);
    const responses = received.map(({ response }) => response);
    expect(replyAudio(responses, mode).length).toBeGreaterThan(1000);
    expect(responses[0]?.prompts[0]?.is_barge_in_enabled).toBe(true);
    expectInputConfig(responses.at(-1));
  });

  caseIt('C2', BOTH, async ({ client, id, mode }) => {
    const rpc = client.conversation(id).open();
    rpc.send(event('SESSION_START'));
    expectInputConfig((await rpc.until('FINAL', 2000)).response);
    expect((await rpc.status).code).toBe(0);
    const halfClosed = await client.conversation(`${id}-half-closed`).once(event('SESSION_START'));
    expect(rpc.received.map(({ response }) => response)).toEqual(halfClosed.received.map(({ response }) => response));
    expect(
      replyAudio(
        rpc.received.map(({ response }) => response),
        mode,
      ).length,
    ).toBeGreaterThan(1000);
  });

  caseIt('C22', BOTH, async ({ client }) => {
    interface Agents {
      virtual_agents: { virtual_agent_id: string; virtual_agent_name: string; is_default: boolean }[];
    }
    for (const request of [{ customer_org_id: 'org-1' }, {}]) {
      const { code, response } = await client.unary<Agents>(VOICE, 'ListVirtualAgents', request);
      expect(code).toBe(0);
      const agents = response?.virtual_agents ?? [];
      expect(agents.length).toBeGreaterThan(1);
      expect(new Set(agents.map(({ virtual_agent_id }) => virtual_agent_id)).size).toBe(agents.length);
      expect(agents.every(({ virtual_agent_name }) => virtual_agent_name !== '')).toBe(true);
      expect(agents.filter(({ is_default }) => is_default).map(({ virtual_agent_id }) => virtual_agent_id)).toEqual([
        'demo',
      ]);
    }
  });

  caseIt('C23', BOTH, async ({ mode }) => {
    // An agent of its own, since the case ends it.
    const agent = await startAgent(mode);
    const client = connect(agent.port);
    const check = (service: string) => client.unary<{ status: string }>(HEALTH, 'Check', { service });
    expect(await check('')).toMatchObject({ code: 0, response: { status: 'SERVING' } });
    expect(await check(VOICE)).toMatchObject({ code: 0, response: { status: 'SERVING' } });
    expect(await check('nope')).toMatchObject({ code: 5 });
    expect(await client.unary(CISCO_HEALTH, 'Check', {})).toMatchObject({ code: 0, response: { status: 'SERVING' } });
    const list = await client.unary<{ statuses: Record<string, { status: string }> }>(HEALTH, 'List', {});
    expect(list.response?.statuses[VOICE]?.status).toBe('SERVING');
    const unknown = client.watch<{ status: string }>(HEALTH, { service: 'nope' });
    const whole = client.watch<{ status: string }>(HEALTH, { service: '' });
    const cisco = client.watch<{ status: string }>(CISCO_HEALTH, {});
    await sleep(300);
    expect(unknown.messages.map(({ status }) => status)).toEqual(['SERVICE_UNKNOWN']);
    expect(unknown.isOver()).toBe(false);
    expect(whole.messages.map(({ status }) => status)).toEqual(['SERVING']);
    // A turn that is open when the server is told to stop: it finishes, and meanwhile the server says what it is doing.
    const open = client.conversation('open').open();
    open.audio(MULAW.silence, MULAW);
    await sleep(100);
    const stopped = agent.stop();
    await expect.poll(() => whole.messages.at(-1)?.status, { timeout: 1000 }).toBe('NOT_SERVING');
    expect(await check('')).toMatchObject({ code: 0, response: { status: 'NOT_SERVING' } });
    expect(await client.conversation('new').once(event('SESSION_START'))).toMatchObject({ code: UNAVAILABLE });
    expect(agent.facts.filter((fact) => 'closed' in fact)).toEqual([]);
    open.halfClose();
    expect((await open.status).code).toBe(0);
    await agent.fact((fact) => fact['closed'] === true);
    expect(unknown.messages.map(({ status }) => status)).toEqual(['SERVICE_UNKNOWN']);
    expect(whole.messages.map(({ status }) => status)).toEqual(['SERVING', 'NOT_SERVING']);
    expect(cisco.messages.map(({ status }) => status)).toEqual(['SERVING', 'NOT_SERVING']);
    client.close();
    expect(await stopped).toBe(0);
  });
});
