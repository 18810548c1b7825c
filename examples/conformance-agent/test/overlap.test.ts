// RPCs that overlap, break off or race.
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'vitest';
import { BOTH, cases } from './cases.ts';
import { MULAW } from './harness/audio.ts';
import { digits, event, speak } from './harness/client.ts';
import { replyAudio } from './harness/expectations.ts';

cases((caseIt) => {
  caseIt('C11', ['chunk'], async ({ client, id, mode }) => {
    const call = client.conversation(id, 'long-welcome');
    const first = call.open();
    first.send(event('SESSION_START'));
    first.halfClose();
    await first.until('CHUNK');
    const second = call.open();
    const speaking = speak(second, MULAW);
    await second.until('START_OF_INPUT');
    const startedMs = performance.now();
    expect((await first.status).code).toBe(0);
    // A second of welcome is made every 400 ms: no more than what was under way came after the caller spoke.
    expect(performance.now() - startedMs).toBeLessThan(300);
    const chunksHeard = first.kinds.filter((kind) => kind === 'CHUNK').length;
    expect(chunksHeard).toBeLessThan(8);
    replyAudio(
      first.received.map(({ response }) => response),
      mode,
    );
    await speaking;
    expect((await second.status).code).toBe(0);
    expect(second.kinds.slice(0, 2)).toEqual(['START_OF_INPUT', 'END_OF_INPUT']);
    expect(
      replyAudio(
        second.received.map(({ response }) => response),
        mode,
      ).length,
    ).toBeGreaterThan(8000);
  });

  caseIt('C19', ['chunk'], async ({ client, id, agent }) => {
    const call = client.conversation(id, 'slow-stream');
    const rpc = call.open();
    const speaking = speak(rpc, MULAW);
    await rpc.until('CHUNK', 6000);
    const cancelledAtMs = Date.now();
    rpc.stream.cancel();
    expect((await rpc.status).code).toBe(1);
    const aborted = await agent.fact((fact) => fact['aborted'] !== undefined);
    expect(aborted['aborted']).toBe('cancelled');
    expect(Number(aborted['atMs']) - cancelledAtMs).toBeLessThan(100);
    await speaking;
    expect((await call.once(digits(3))).kinds.at(-1)).toBe('FINAL');
    expect(agent.facts.filter((fact) => 'unhandledRejection' in fact)).toEqual([]);
  });

  caseIt('C25', BOTH, async ({ client, id, agent }) => {
    await client.conversation(`${id}-before`).once(event('CUSTOM_EVENT', { name: 'stats' }));
    const before = await agent.fact((fact) => fact['askedBy'] === `${id}-before`);
    const { sessions: callsBefore } = before['stats'] as { sessions: number };
    for (let round = 0; round < 10; round += 1) {
      const conversation = `${id}-${round}`;
      const call = client.conversation(conversation);
      await call.once(event('SESSION_START'));
      const transfer = call.open();
      transfer.send(digits(5));
      if (round % 2 === 0) {
        const hangUp = call.open();
        hangUp.send(event('SESSION_END'));
        hangUp.halfClose();
        expect((await hangUp.status).code).toBe(0);
        expect((await transfer.status).code).toBe(0);
      } else {
        transfer.stream.cancel();
        await transfer.status;
        expect((await call.once(event('SESSION_END'))).code).toBe(0);
      }
      await agent.fact((fact) => fact['sessionEnd'] === conversation);
      await sleep(20);
      expect(agent.facts.filter((fact) => fact['sessionEnd'] === conversation)).toHaveLength(1);
    }
    await client.conversation(`${id}-stats`).once(event('CUSTOM_EVENT', { name: 'stats' }));
    // The conversation that asks, and its one RPC.
    const { stats } = await agent.fact((fact) => fact['askedBy'] === `${id}-stats`);
    expect(stats).toMatchObject({ sessions: 1 + callsBefore, turns: 1, rpcs: 1 });
  });
});
