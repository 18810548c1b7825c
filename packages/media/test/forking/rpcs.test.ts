// Forked audio over real sockets, on every frame path, with an independent gRPC stack as the platform.
import type { ConversationEndReason, ConversationPiece } from '@byova/media';
import { describe, expect, it } from 'vitest';
import { ENCODING, type ForkedFrame, INVALID_AUDIO, ROLE, SUCCESS, status } from '../support/forked-call.ts';
import { type ForkingServerOptions, once, startForking, startListening } from '../support/forking-server.ts';
import { FRAME_PATHS } from '../support/frame-path.ts';

const START_MS = 1_700_000_000_000;

/** 20 ms of mu-law that is told apart by its code. */
const tone = (code: number, ms = 20): Uint8Array => new Uint8Array(ms * 8).fill(code);

async function collect(pieces: AsyncIterable<ConversationPiece>): Promise<ConversationPiece[]> {
  const all: ConversationPiece[] = [];
  for await (const piece of pieces) all.push(piece);
  return all;
}

describe.each(FRAME_PATHS)('forked audio on the path %s', (framePath) => {
  const start = (options?: ForkingServerOptions) => startForking({ framePath, ...options });
  const listening = (options?: ForkingServerOptions) => startListening({ framePath, ...options });

  it('is not offered while nobody handles it', async () => {
    const { server, platform } = await start();
    const refused = platform.open();
    refused.send({});
    expect(await refused.outcome).toMatchObject({ code: status.unimplemented, responses: [] });
    const remove = server.on('conversation_audio', () => {});
    const taken = platform.open();
    taken.send({});
    taken.halfClose();
    expect((await taken.outcome).code).toBe(status.ok);
    remove();
    const again = platform.open();
    again.send({});
    expect((await again.outcome).code).toBe(status.unimplemented);
  });

  it('hands on both legs frame by frame, in order, and answers once, after the half-close', async () => {
    const { server, platform } = await start();
    const frames: unknown[] = [];
    const ended = once<ConversationEndReason>();
    const enough = once<void>();
    server.on('conversation_audio', async ({ conversation, signal }) => {
      conversation.onAudio(({ role, roleId, audio, encoding, sampleRateHz, atMs }) => {
        frames.push([role, roleId, audio[0], audio.length, encoding, sampleRateHz, atMs]);
        if (frames.length === 20) enough.happened();
      });
      ended.happened(await conversation.ended);
      expect(signal.aborted).toBe(false);
    });
    const call = platform.open();
    for (let turn = 0; turn < 10; turn += 1) {
      const atMs = START_MS + turn * 20;
      call.send({ audio: tone(turn), atMs }, { role: ROLE.agent, audio: tone(100 + turn), atMs });
    }
    await enough.promise;
    expect(call.responses).toEqual([]);
    expect(server.stats.conversations).toBe(1);
    call.halfClose();
    expect(await call.outcome).toMatchObject({ code: status.ok, responses: [SUCCESS] });
    expect(await ended.promise).toBe('completed');
    expect(server.stats.conversations).toBe(0);
    const expected = Array.from({ length: 10 }, (_, turn) => [
      ['caller', 'r-caller', turn, 160, 'mulaw', 8000, START_MS + turn * 20],
      ['agent', 'r-agent', 100 + turn, 160, 'mulaw', 8000, START_MS + turn * 20],
    ]).flat();
    expect(frames).toEqual(expected);
  });

  it('gives each role as a stream of its own', async () => {
    const { server, platform } = await start();
    const heard = once<readonly (readonly ConversationPiece[])[]>();
    server.on('conversation_audio', async ({ conversation }) => {
      const legs = [conversation.leg('caller'), conversation.leg('agent'), conversation.leg('unknown')];
      heard.happened(await Promise.all(legs.map(collect)));
    });
    const call = platform.open();
    const loud = Uint8Array.from({ length: 640 }, (_, index) => index & 0xff);
    for (let turn = 0; turn < 10; turn += 1) {
      call.send({ audio: tone(turn), atMs: START_MS + turn * 20 });
      call.send({
        role: ROLE.agent,
        audio: loud,
        encoding: ENCODING.linear16,
        rateHz: 16_000,
        atMs: START_MS + turn * 20,
      });
    }
    call.halfClose();
    const [caller = [], agent = [], nobody = []] = await heard.promise;
    expect(Buffer.concat(caller.map(({ audio }) => audio))).toEqual(
      Buffer.concat(Array.from({ length: 10 }, (_, turn) => tone(turn))),
    );
    expect(caller.reduce((ms, { durationMs }) => ms + durationMs, 0)).toBe(200);
    expect(caller[0]).toMatchObject({ role: 'caller', roleId: 'r-caller', atMs: START_MS, droppedMs: 0 });
    expect(agent[0]?.format).toEqual({ encoding: 'linear16', sampleRateHz: 16_000 });
    const samples = agent.flatMap((piece) => [...piece.toLinear16()]);
    expect(samples).toHaveLength(3200);
    expect(samples.slice(0, 2)).toEqual([0x0100, 0x0302]);
    expect(nobody).toEqual([]);
  });

  it('tells the ids, what else the platform says, and the legs', async () => {
    const { platform, first } = await listening();
    const call = platform.open();
    call.send({ conversationId: 'call-7', organization: 'org-7', info: { dnis: '123', queue: 'Grüße' } });
    const conversation = await first;
    expect(conversation).toMatchObject({
      id: 'call-7',
      organization: 'org-7',
      identity: undefined,
      additionalInfo: { dnis: '123', queue: 'Grüße' },
      resumed: false,
    });
    call.send({ conversationId: 'call-7', organization: 'org-7', role: ROLE.agent, encoding: ENCODING.alaw });
    call.halfClose();
    await conversation.ended;
    expect(conversation.legs).toEqual([
      { role: 'caller', roleId: 'r-caller', encoding: 'mulaw', sampleRateHz: 8000, audioMs: 20 },
      { role: 'agent', roleId: 'r-agent', encoding: 'alaw', sampleRateHz: 8000, audioMs: 20 },
    ]);
  });

  describe('formats', () => {
    it.each<[string, ForkedFrame]>([
      ['LINEAR16 with an odd number of bytes', { audio: new Uint8Array(321), encoding: ENCODING.linear16 }],
      ['a rate that is neither 8 nor 16 kHz', { rateHz: 44_100 }],
      ['an encoding that has no name', { encoding: 9 }],
    ])('refuses %s in one response with OK', async (_title, frame) => {
      const { platform, first, signals } = await listening();
      const call = platform.open();
      call.send({}, frame);
      const { code, responses } = await call.outcome;
      expect(code).toBe(status.ok);
      expect(responses).toEqual([expect.stringMatching(INVALID_AUDIO)]);
      expect(await (await first).ended).toBe('invalid_audio');
      expect(signals[0]?.reason).toMatchObject({ name: 'AbortError', reason: 'error' });
    });

    it('takes what does not say for mu-law at 8 kHz, and what said it before as it was', async () => {
      const { platform, first, server } = await listening();
      const call = platform.open();
      const unsaid = { encoding: ENCODING.unspecified, rateHz: 0 };
      call.send({ ...unsaid });
      // A message that has a format and no audio, then audio without a format.
      call.send({ role: ROLE.agent, audio: new Uint8Array(0), encoding: ENCODING.linear16, rateHz: 16_000 });
      call.send({ role: ROLE.agent, audio: new Uint8Array(640), ...unsaid });
      call.halfClose();
      expect((await call.outcome).responses).toEqual([SUCCESS]);
      expect((await first).legs).toMatchObject([
        { role: 'caller', encoding: 'mulaw', sampleRateHz: 8000, audioMs: 20 },
        { role: 'agent', encoding: 'linear16', sampleRateHz: 16_000, audioMs: 20 },
      ]);
      expect(server.stats.conversations).toBe(0);
    });
  });

  describe('ends', () => {
    it('tells a handler that the platform has reset the stream', async () => {
      const { server, platform } = await start();
      const begun = once<void>();
      const over = once<unknown[]>();
      server.on('conversation_audio', async ({ conversation, signal }) => {
        begun.happened();
        const pieces = await collect(conversation.leg('caller'));
        over.happened([await conversation.ended, signal.aborted, pieces.length]);
      });
      const call = platform.open();
      call.send({});
      await begun.promise;
      call.cancel();
      expect(await over.promise).toEqual(['cancelled', true, 1]);
      expect((await call.outcome).code).toBe(status.cancelled);
    });

    it('acknowledges an RPC of which nothing came, and tells no handler', async () => {
      const { platform, conversations } = await listening();
      const call = platform.open();
      call.halfClose();
      expect(await call.outcome).toMatchObject({ code: status.ok, responses: [SUCCESS] });
      const ids = platform.open();
      ids.send({ audio: undefined });
      ids.halfClose();
      expect(await ids.outcome).toMatchObject({ code: status.ok, responses: [SUCCESS] });
      expect(conversations).toEqual([]);
    });

    it.each<[string, ForkedFrame]>([
      ['conversation id', { conversationId: 'c2' }],
      ['organization', { organization: 'o2' }],
    ])('refuses a %s that changes', async (_title, change) => {
      const { platform, first } = await listening();
      const call = platform.open();
      call.send({}, change);
      expect((await call.outcome).code).toBe(status.invalidArgument);
      expect(await (await first).ended).toBe('error');
    });

    it('refuses audio without a conversation id', async () => {
      const { platform } = await listening();
      const call = platform.open();
      call.send({ conversationId: '' });
      expect((await call.outcome).code).toBe(status.invalidArgument);
    });

    it('refuses what is no message, and ends the conversation', async () => {
      const { platform, first } = await listening();
      const call = platform.open();
      call.send({});
      call.sendBytes(Uint8Array.of(0x0f, 0xff, 0xff));
      expect((await call.outcome).code).toBe(status.internal);
      expect(await (await first).ended).toBe('cancelled');
    });

    it('ends them all when the server closes, and waits for their handlers', async () => {
      const { server, platform } = await start();
      const begun = once<void>();
      const told: string[] = [];
      server.on('conversation_audio', async ({ conversation }) => {
        begun.happened();
        told.push(await conversation.ended);
        await new Promise((resolve) => setTimeout(resolve, 50));
        told.push('stored');
      });
      const call = platform.open();
      call.send({});
      await begun.promise;
      await server.close({ graceMs: 0 });
      expect(told).toEqual(['drain', 'stored']);
      expect((await call.outcome).code).toBe(status.unavailable);
    });

    it('lets them finish while it drains, and takes no new ones', async () => {
      const { server, platform, first } = await listening();
      const call = platform.open();
      call.send({});
      const conversation = await first;
      const drained = server.drain({ graceMs: 20_000 });
      const late = platform.open();
      late.send({ conversationId: 'c2' });
      expect((await late.outcome).code).toBe(status.unavailable);
      call.send({});
      call.halfClose();
      expect((await call.outcome).responses).toEqual([SUCCESS]);
      expect(await conversation.ended).toBe('completed');
      await drained;
    });
  });
});
