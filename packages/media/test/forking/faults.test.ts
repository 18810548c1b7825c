// Forked audio that comes again, and what goes wrong with it, over real sockets and on every frame path.
import { describe, expect, it } from 'vitest';
import { ROLE, STREAM_FAILURE, SUCCESS, status } from '../support/forked-call.ts';
import { type ForkingServerOptions, startForking, startListening } from '../support/forking-server.ts';
import { FRAME_PATHS } from '../support/frame-path.ts';

describe.each(FRAME_PATHS)('forked audio on the path %s', (framePath) => {
  const start = (options?: ForkingServerOptions) => startForking({ framePath, ...options });
  const listening = (options?: ForkingServerOptions) => startListening({ framePath, ...options });

  describe('a call that comes again', () => {
    it('takes over from an RPC that is still open', async () => {
      const { platform, conversations, first, server } = await listening();
      const before = platform.open();
      before.send({}, { role: ROLE.agent });
      const old = await first;
      const after = platform.open();
      after.send({});
      const { code, responses } = await before.outcome;
      expect(code).toBe(status.ok);
      expect(responses).toEqual([expect.stringMatching(STREAM_FAILURE)]);
      expect(await old.ended).toBe('replaced');
      after.halfClose();
      expect((await after.outcome).responses).toEqual([SUCCESS]);
      expect(conversations.map(({ resumed }) => resumed)).toEqual([false, true]);
      expect(server.stats.conversations).toBe(0);
    });

    it('goes on with one that broke off', async () => {
      const { platform, conversations, first } = await listening();
      const before = platform.open();
      before.send({});
      await first;
      before.cancel();
      await (await first).ended;
      for (let time = 0; time < 2; time += 1) {
        const after = platform.open();
        after.send({});
        after.halfClose();
        await after.outcome;
      }
      // It goes on once; what comes behind its end is another.
      expect(conversations.map(({ resumed }) => resumed)).toEqual([false, true, false]);
    });

    it('leaves alone another leg of the same call, and the same leg of another organization', async () => {
      const { platform, conversations } = await listening();
      const calls = [
        { frame: {}, rpc: platform.open() },
        { frame: { role: ROLE.agent }, rpc: platform.open() },
        { frame: { organization: 'o2' }, rpc: platform.open() },
      ];
      for (const { frame, rpc } of calls) rpc.send(frame);
      for (const { rpc } of calls) rpc.halfClose();
      for (const { rpc } of calls) expect((await rpc.outcome).responses).toEqual([SUCCESS]);
      expect(conversations).toHaveLength(3);
    });
  });

  describe('what goes wrong', () => {
    it('costs a call whose handler throws nothing but its acknowledgement', async () => {
      const { server, platform, logs } = await start();
      let frames = 0;
      server.on('conversation_audio', ({ conversation }) => {
        conversation.onAudio(() => {
          frames += 1;
        });
        if (conversation.id === 'bad') throw new Error('boom');
      });
      const bad = platform.open();
      const good = platform.open();
      bad.send({ conversationId: 'bad' }, { conversationId: 'bad' });
      good.send({}, {});
      bad.halfClose();
      good.halfClose();
      expect((await bad.outcome).responses).toEqual([expect.stringMatching(STREAM_FAILURE)]);
      expect((await good.outcome).responses).toEqual([SUCCESS]);
      expect(frames).toBe(4);
      expect(logs).toEqual(["the handler of 'conversation_audio' threw"]);
    });

    it('goes on with the others when a listener throws', async () => {
      const { server, platform, logs } = await start();
      let heard = 0;
      server.on('conversation_audio', ({ conversation }) => {
        conversation.onAudio(() => {
          throw new Error('boom');
        });
        conversation.onAudio(async () => {
          throw new Error('later');
        });
        conversation.onAudio(() => {
          heard += 1;
        });
      });
      const call = platform.open();
      call.send({}, {}, {});
      call.halfClose();
      expect((await call.outcome).responses).toEqual([expect.stringMatching(STREAM_FAILURE)]);
      expect(heard).toBe(3);
      expect(logs).toEqual(['a listener of forked audio threw']);
    });

    it('listens to as many calls as it may', async () => {
      const { platform, first } = await listening({ limits: { maxConversations: 1 } });
      const one = platform.open();
      one.send({});
      await first;
      const other = platform.open();
      other.send({ conversationId: 'c2' });
      expect((await other.outcome).code).toBe(status.resourceExhausted);
      one.halfClose();
      expect((await one.outcome).responses).toEqual([SUCCESS]);
    });

    it('gives up on a call of which nothing comes', async () => {
      const { platform, first } = await listening({ limits: { idleTimeoutMs: 50 } });
      const call = platform.open();
      call.send({});
      const { code, responses } = await call.outcome;
      expect(code).toBe(status.ok);
      expect(responses).toEqual([expect.stringMatching(STREAM_FAILURE)]);
      expect(await (await first).ended).toBe('idle_timeout');
    });
  });
});
