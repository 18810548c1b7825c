// Digits, events, and how calls end.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { BOTH, cases } from './cases.ts';
import { MULAW } from './harness/audio.ts';
import { digits, event, stream } from './harness/client.ts';
import { expectInputConfig, replyAudio } from './harness/expectations.ts';

/** The key, what the platform is told, and how the agent sees its call end. */
const TERMINAL = [
  [5, 'TRANSFER_TO_AGENT', 'transferred'],
  [6, 'SESSION_END', 'ended'],
] as const;

cases((caseIt) => {
  caseIt('C7', BOTH, async ({ client, id }) => {
    const { received, code, atMs } = await client.conversation(id).once(event('START_OF_DTMF'));
    expect([received, code]).toEqual([[], 0]);
    expect(atMs).toBeLessThan(500);
  });

  caseIt('C8', BOTH, async ({ agent, client, id, mode }) => {
    const call = client.conversation(id);
    await call.once(event('SESSION_START'));
    const spoken = async (...keys: number[]): Promise<number> => {
      const { received, code } = await call.once(digits(...keys));
      expect(code).toBe(0);
      expectInputConfig(received.at(-1)?.response);
      return replyAudio(
        received.map(({ response }) => response),
        mode,
      ).length;
    };
    // "you pressed" and the names of three keys: the terminator is not read out, and "0" is a key like any other.
    const three = await spoken(1, 2, 10, 16);
    const same = await spoken(1, 2, 10);
    const one = await spoken(1);
    expect(three).toBe(same);
    expect(three).toBeGreaterThan(one + 4000);
    await agent.fact((fact) => fact['dtmf'] === id && fact['digits'] === '1');
    expect(agent.facts.filter((fact) => fact['dtmf'] === id)).toEqual([
      { dtmf: id, digits: '120', terminator: '#', raw: ['1', '2', '0', '#'] },
      { dtmf: id, digits: '120', raw: ['1', '2', '0'] },
      { dtmf: id, digits: '1', raw: ['1'] },
    ]);
  });

  caseIt('C9', BOTH, async ({ client, id }) => {
    const call = client.conversation(id);
    await call.once(event('SESSION_START'));
    const { kinds, code } = await call.once(digits());
    expect(code).toBe(0);
    expect(kinds.filter((kind) => kind === 'FINAL')).toHaveLength(1);
  });

  caseIt('C10', BOTH, async ({ client, id }) => {
    const call = client.conversation(id);
    await call.once(event('SESSION_START'));
    const rpc = call.open();
    await stream(rpc, MULAW.silence, 1000);
    rpc.send(event('START_OF_DTMF'));
    rpc.halfClose();
    expect((await rpc.status).code).toBe(0);
    expect(rpc.received).toEqual([]);
    const { kinds, code } = await call.once(digits(3));
    expect(code).toBe(0);
    expect(kinds.at(-1)).toBe('FINAL');
  });

  caseIt('C15', BOTH, async ({ client, id, mode }) => {
    const call = client.conversation(id);
    await call.once(event('SESSION_START'));
    const { received, code } = await call.once(event('NO_INPUT'));
    expect(code).toBe(0);
    expect(
      replyAudio(
        received.map(({ response }) => response),
        mode,
      ).length,
    ).toBeGreaterThan(1000);
    expectInputConfig(received.at(-1)?.response);
  });

  caseIt('C16', BOTH, async ({ agent, client, id }) => {
    const field = (kind: string, value: unknown) => ({ [kind]: value });
    const parameters = {
      fields: {
        a: field('stringValue', '1'),
        n: field('numberValue', 2),
        b: field('boolValue', true),
        l: field('listValue', { values: [field('numberValue', 1)] }),
        o: field('structValue', { fields: { k: field('nullValue', 'NULL_VALUE') } }),
      },
    };
    const { received, code } = await client.conversation(id).once(event('CUSTOM_EVENT', { name: 'x', parameters }));
    expect(code).toBe(0);
    const seen = await agent.fact((fact) => fact['customEvent'] === id);
    expect(seen).toEqual({
      customEvent: id,
      name: 'x',
      parameters: { a: '1', n: 2, b: true, l: [1], o: { k: null } },
    });
    expect(received.map(({ kind }) => kind)).toEqual(['CUSTOM_EVENT']);
    const [answer] = received.at(-1)?.response.output_events ?? [];
    expect(answer).toMatchObject({ event_type: 'CUSTOM_EVENT', name: 'ack:x' });
    expect(answer?.metadata).toMatchObject(parameters);
    expect(received.at(-1)?.response.response_type).toBe('FINAL');
  });

  caseIt('C17', BOTH, async ({ client, id, agent }) => {
    const call = client.conversation(id);
    await call.once(event('SESSION_START'));
    const { received, code } = await call.once(event('SESSION_END'));
    expect([received, code]).toEqual([[], 0]);
    const isEnd = (fact: { [name: string]: unknown }): boolean => fact['sessionEnd'] === id;
    expect(await agent.fact(isEnd)).toMatchObject({ reason: 'caller_hangup' });
    expect(agent.facts.filter((fact) => fact['resumed'] === id)).toEqual([]);
    // Audio after it begins the conversation anew.
    const rpc = call.open();
    await stream(rpc, MULAW.silence, 200);
    rpc.halfClose();
    expect((await rpc.status).code).toBe(0);
    expect(await agent.fact((fact) => fact['resumed'] === id)).toMatchObject({ kind: 'audio' });
    expect((await call.once(digits(3))).kinds.at(-1)).toBe('FINAL');
    expect(agent.facts.filter(isEnd)).toHaveLength(1);
  });

  caseIt('C18', BOTH, async ({ agent, client, id }) => {
    for (const [key, kind, reason] of TERMINAL) {
      const call = client.conversation(`${id}-${key}`);
      await call.once(event('SESSION_START'));
      const audio = call.open();
      audio.audio(MULAW.silence, MULAW);
      const rpc = call.open();
      rpc.send(digits(key));
      const { response } = await rpc.until(kind);
      expect((await rpc.status).code).toBe(0);
      expect(rpc.received).toHaveLength(1);
      expect(response.input_mode).toBe('INPUT_VOICE_MODE_UNSPECIFIED');
      expect(response.input_handling_config).toBeNull();
      // What is still on its way is swallowed.
      for (let frame = 0; frame < 10; frame += 1) audio.audio(MULAW.speech.subarray(0, 160));
      await sleep(100);
      audio.halfClose();
      expect((await audio.status).code).toBe(0);
      expect(audio.received).toEqual([]);
      // On the RPC of the keys too, which was never half-closed, and on one that opens afterwards.
      rpc.audio(MULAW.silence, MULAW);
      const late = call.open();
      await stream(late, MULAW.speech.subarray(0, 160), 300);
      late.halfClose();
      expect((await late.status).code).toBe(0);
      expect([rpc.received.length, late.received.length]).toEqual([1, 0]);
      expect(agent.facts.filter((fact) => fact['sessionEnd'] === `${id}-${key}`)).toEqual([
        { sessionEnd: `${id}-${key}`, reason },
      ]);
    }
  });
});
