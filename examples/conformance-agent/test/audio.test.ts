// Spoken turns: boundaries, encodings, silence, and how the answer travels.
import { expect } from 'vitest';
import { BOTH, type CaseContext, cases } from './cases.ts';
import { ALAW, type Coding, LINEAR16_16K, MULAW, sineShare } from './harness/audio.ts';
import { digits, event, speak, stream } from './harness/client.ts';
import { expectInputConfig, replyAudio } from './harness/expectations.ts';

/** The default end silence of the speech detector. */
const END_SILENCE_MS = 800;

/** One spoken turn that must be bracketed in time and answered with what was said. */
async function spokenTurn(
  { client, id, mode }: CaseContext,
  coding: Coding,
  options: Parameters<typeof speak>[2] = {},
): Promise<void> {
  const rpc = client.conversation(id).open();
  const { speechAtMs, silenceAtMs } = await speak(rpc, coding, options);
  expect((await rpc.status).code).toBe(0);
  const [start, end, ...reply] = rpc.received;
  expect([start?.kind, end?.kind]).toEqual(['START_OF_INPUT', 'END_OF_INPUT']);
  for (const boundary of [start, end]) {
    expect(boundary?.response.prompts).toEqual([]);
    expect(boundary?.response.output_events).toHaveLength(1);
    expect(boundary?.response.input_mode).toBe('INPUT_VOICE_MODE_UNSPECIFIED');
    expect(boundary?.response.input_handling_config).toBeNull();
  }
  expect(start?.atMs).toBeGreaterThan(speechAtMs);
  expect(start?.atMs).toBeLessThan(speechAtMs + 300);
  expect(end?.atMs).toBeGreaterThan(silenceAtMs);
  expect(end?.atMs).toBeLessThan(silenceAtMs + END_SILENCE_MS + 500);
  const audio = replyAudio(
    reply.map(({ response }) => response),
    mode,
  );
  expectInputConfig(reply.at(-1)?.response);
  // What came back is what was said: mu-law, and nothing but the sine where the sine was.
  expect(audio.length).toBeGreaterThan(8000);
  expect(sineShare(audio.subarray(3200, 8000))).toBeGreaterThan(0.98);
  if (mode === 'wav') expect(rpc.received).toHaveLength(3);
}

cases((caseIt) => {
  caseIt('C3', ['wav'], async (context) => {
    await context.client.conversation(context.id).once(event('SESSION_START'));
    await spokenTurn(context, MULAW, { declareAll: true });
  });

  caseIt('C4', ['chunk'], async (context) => {
    await context.client.conversation(context.id).once(event('SESSION_START'));
    await spokenTurn(context, MULAW, { declareAll: true });
  });

  caseIt('C5', BOTH, (context) => spokenTurn(context, MULAW));

  caseIt('C6', BOTH, async (context) => {
    await spokenTurn({ ...context, id: `${context.id}-alaw` }, ALAW, { declareAll: true });
    await spokenTurn({ ...context, id: `${context.id}-linear16` }, LINEAR16_16K, { declareAll: true });
  });

  caseIt('C12', BOTH, async (context) => {
    const { agent, client, id, mode } = context;
    await spokenTurn(context, MULAW);
    expect(await agent.fact((fact) => fact['resumed'] === id)).toMatchObject({ kind: 'audio' });
    const first = await client.conversation(`${id}-digits`).once(digits(3));
    expect(first.code).toBe(0);
    expect(
      replyAudio(
        first.received.map(({ response }) => response),
        mode,
      ).length,
    ).toBeGreaterThan(1000);
    expect(await agent.fact((fact) => fact['resumed'] === `${id}-digits`)).toMatchObject({ kind: 'dtmf' });
  });

  caseIt('C13', BOTH, async ({ client, id }) => {
    const call = client.conversation(id);
    await call.once(event('SESSION_START'));
    const rpc = call.open();
    await stream(rpc, MULAW.silence, 1500);
    rpc.halfClose();
    expect(await rpc.status).toMatchObject({ code: 0 });
    expect(rpc.received).toEqual([]);
    expect((await call.once(digits(3))).kinds.at(-1)).toBe('FINAL');
  });

  caseIt('C14', BOTH, async ({ client, id, mode }) => {
    const rpc = client.conversation(id).open();
    await speak(rpc, MULAW, { halfClose: 'after_speech' });
    expect((await rpc.status).code).toBe(0);
    expect(rpc.kinds[0]).toBe('START_OF_INPUT');
    const audio = replyAudio(
      rpc.received.map(({ response }) => response),
      mode,
    );
    expect(sineShare(audio.subarray(3200, 8000))).toBeGreaterThan(0.98);
  });

  caseIt('C26', ['chunk'], async ({ client, id }) => {
    const { received, code } = await client.conversation(id, 'odd-chunks').once(event('SESSION_START'));
    expect(code).toBe(0);
    const audio = replyAudio(
      received.map(({ response }) => response),
      'chunk',
    );
    const sent = Buffer.concat([Buffer.alloc(40, 0x11), Buffer.alloc(70_000, 0x22), Buffer.alloc(60, 0x33)]);
    expect(audio.subarray(0, sent.length).equals(sent)).toBe(true);
    // A tail that is too short to be sent alone is padded with silence to 100 bytes.
    expect(audio.subarray(sent.length).every((byte) => byte === 0xff)).toBe(true);
    expect(audio.length - sent.length).toBeLessThan(100);
  });
});
