// What is refused, and what goes wrong inside.
import { expect } from 'vitest';
import { BOTH, cases } from './cases.ts';
import { MULAW } from './harness/audio.ts';
import { digits, event, stream } from './harness/client.ts';
import { expectInputConfig, replyAudio } from './harness/expectations.ts';

const INVALID_ARGUMENT = 3;
const NOT_FOUND = 5;

cases((caseIt) => {
  caseIt('C20', BOTH, async ({ client, id, mode }) => {
    expect(await client.conversation(id, 'nobody').once(event('SESSION_START'))).toMatchObject({
      code: NOT_FOUND,
      received: [],
    });
    // Without an id the default agent answers: the same welcome as the demo's.
    const unnamed = await client.conversation(id, '').once(event('SESSION_START'));
    const named = await client.conversation(`${id}-named`, 'demo').once(event('SESSION_START'));
    expect(unnamed).toMatchObject({ code: 0 });
    expect(
      replyAudio(
        unnamed.received.map(({ response }) => response),
        mode,
      ),
    ).toEqual(
      replyAudio(
        named.received.map(({ response }) => response),
        mode,
      ),
    );
    expect(await client.conversation(id, 'throws').once(event('NO_INPUT'))).toMatchObject({ code: INVALID_ARGUMENT });
    expect(await client.conversation('').once(event('SESSION_START'))).toMatchObject({ code: INVALID_ARGUMENT });
    const rpc = client.conversation(id).open();
    rpc.audio(MULAW.silence, MULAW);
    rpc.send({ conversation_id: `${id}-other`, audio_input: { caller_audio: MULAW.silence } });
    expect(await rpc.status).toMatchObject({ code: INVALID_ARGUMENT });
    expect((await client.conversation(id).once(digits(3))).kinds.at(-1)).toBe('FINAL');
  });

  caseIt('C24', BOTH, async ({ client, id, agent }) => {
    const call = client.conversation(id);
    await call.once(event('SESSION_START'));
    const rpc = call.open();
    rpc.send({});
    rpc.send({});
    await stream(rpc, MULAW.silence, 300);
    rpc.halfClose();
    expect((await rpc.status).code).toBe(0);
    const warnings = agent.facts.filter((fact) => fact['level'] === 'warn' && fact['conversationId'] === id);
    expect(warnings).toHaveLength(2);
    const empty = call.open();
    empty.send({});
    empty.send({});
    empty.halfClose();
    expect((await empty.status).code).toBe(INVALID_ARGUMENT);
    expect((await call.once(digits(3))).kinds.at(-1)).toBe('FINAL');
  });

  caseIt('C27', BOTH, async ({ client, id, mode }) => {
    for (const agentId of ['throws', 'hangs']) {
      const call = client.conversation(`${id}-${agentId}`, agentId);
      await call.once(event('SESSION_START'));
      const { received, code, atMs, details } = await call.once(digits(3));
      expect(code).toBe(0);
      expect(atMs).toBeLessThan(2500);
      const responses = received.map(({ response }) => response);
      expect(replyAudio(responses, mode).length).toBeGreaterThan(1000);
      expectInputConfig(responses.at(-1));
      expect(details + JSON.stringify(responses)).not.toContain('secret');
    }
  });
});
