// The core of forked audio without a transport: identities, time, and readers that are slow or leave.
import type { Conversation, ConversationAudioContext, ConversationPiece } from '@byova/media';
import { describe, expect, it } from 'vitest';
import { createForks, type ForksOptions } from '../../src/forking/fork-service.ts';
import { createSignalNode } from '../../src/session/signal-node.ts';
import type { ForkFrame, ForkInput } from '../../src/wire/fork-port.ts';
import { type CallIdentity, mintAdmission } from '../../src/wire/gate.ts';
import { createFakeClock, settle } from '../support/fake-clock.ts';

const ORGANIZATION = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';
const FRAME: ForkFrame = {
  audio: new Uint8Array(160).fill(0xff),
  encoding: 'mulaw',
  sampleRateHz: 8000,
  atMs: undefined,
  role: 'caller',
  roleId: 'r',
};
const identity: CallIdentity = {
  organization: ORGANIZATION,
  dataSourceUrl: 'https://va.example.com:443',
  schemaId: '523e1b7f-4693-47bc-b84e-a7b7a505fb0b',
  issuer: 'https://idbroker.webex.com/idb',
  audience: ['BYODS'],
  subject: 'callAudioData',
  expiresAt: 0,
};

/** The forks of a server that is not there, and what they answer. */
function start(
  handler: (context: ConversationAudioContext) => unknown = () => {},
  limits: Partial<ForksOptions['limits']> = {},
) {
  const clock = createFakeClock();
  const node = createSignalNode();
  const logs: string[] = [];
  const log = (_fields: unknown, message: string): void => void logs.push(message);
  const conversations: Conversation[] = [];
  const forks = createForks({
    handler: () => (context) => {
      conversations.push(context.conversation);
      return handler(context);
    },
    logger: { debug() {}, info() {}, warn: log, error: log },
    clock,
    now: () => 1_700_000_000_000 + clock.now(),
    node,
    accepting: () => true,
    limits: { maxConversations: 10, maxConversationQueueMs: 1000, idleTimeoutMs: 60_000, ...limits },
  });
  /** Opens an RPC; `answers` is how it ended. */
  const open = (organization = ORGANIZATION, by: CallIdentity | undefined = identity) => {
    const answers: string[] = [];
    const rpc = forks.openFork(
      { answer: (answer) => void answers.push(answer), fail: (failure) => void answers.push(failure) },
      mintAdmission(by),
    );
    if (rpc === undefined) throw new Error('It is not offered.');
    const begun = rpc.begin({ conversationId: 'c1', organization, additionalInfo: {} });
    /** Half-closes, and waits until that is believed. */
    const halfClose = async (): Promise<void> => {
      rpc.halfClose();
      await clock.advance(50);
    };
    return { rpc: rpc as ForkInput, begun, answers, halfClose };
  };
  return { clock, node, logs, forks, open, conversations };
}

describe('who calls', () => {
  it('may be heard for its own organization, which it need not name', async () => {
    const { open, conversations } = start();
    for (const named of [ORGANIZATION, ORGANIZATION.toUpperCase(), '']) {
      const { rpc, begun, halfClose } = open(named);
      expect(begun).toBe(true);
      rpc.frame(FRAME);
      await halfClose();
    }
    expect(conversations.map(({ organization }) => organization)).toEqual([ORGANIZATION, ORGANIZATION, ORGANIZATION]);
    expect(conversations[0]?.identity).toEqual(identity);
  });

  it('is refused for another', async () => {
    const { open, conversations, forks } = start();
    const { rpc, begun, answers, halfClose } = open('11111111-3dcc-11e5-a152-fe34819cdc9a');
    rpc.frame(FRAME);
    await halfClose();
    expect([begun, answers, forks.size]).toEqual([false, ['permission_denied'], 0]);
    expect(conversations).toEqual([]);
  });
});

describe('time', () => {
  it('ends what is silent for too long, and nothing that is heard', async () => {
    const { open, clock, conversations } = start();
    const heard = open();
    const silent = open();
    heard.rpc.frame(FRAME);
    silent.rpc.frame({ ...FRAME, role: 'agent' });
    for (let minute = 0; minute < 3; minute += 1) {
      await clock.advance(40_000);
      heard.rpc.frame(FRAME);
    }
    expect([heard.answers, silent.answers]).toEqual([[], ['stream_failure']]);
    expect(await conversations[1]?.ended).toBe('idle_timeout');
    await heard.halfClose();
    expect([heard.answers, clock.pending]).toEqual([['success'], 0]);
  });

  it('ends an RPC on which nothing comes at all', async () => {
    const { open, clock } = start();
    const { answers } = open();
    await clock.advance(60_000);
    expect(answers).toEqual(['stream_failure']);
  });

  it('forgets that a call broke off', async () => {
    const { open, clock, conversations } = start();
    for (const pauseMs of [599_000, 601_000]) {
      const before = open();
      before.rpc.frame(FRAME);
      before.rpc.cancel();
      await clock.advance(pauseMs);
      const after = open();
      after.rpc.frame(FRAME);
      await after.halfClose();
    }
    expect(conversations.map(({ resumed }) => resumed)).toEqual([false, true, false, false]);
  });

  it('is the arrival where the platform does not tell it', async () => {
    const times: number[] = [];
    const { open, clock } = start(({ conversation }) => conversation.onAudio(({ atMs }) => times.push(atMs)));
    const { rpc } = open();
    await clock.advance(500);
    rpc.frame(FRAME);
    rpc.frame(FRAME);
    expect(times).toEqual([1_700_000_000_500, 1_700_000_000_520]);
  });
});

describe('listeners', () => {
  it('are told until they leave, also while a frame is told', () => {
    const told: string[] = [];
    const { open } = start(({ conversation }) => {
      const leave = conversation.onAudio(() => {
        told.push('first');
        leave();
      });
      conversation.onAudio(() => told.push('second'));
    });
    const { rpc } = open();
    rpc.frame(FRAME);
    rpc.frame(FRAME);
    expect(told).toEqual(['first', 'second', 'second']);
  });

  it('are told nothing after the end', async () => {
    let frames = 0;
    const { open } = start(({ conversation }) => conversation.onAudio(() => (frames += 1)));
    const { rpc, halfClose } = open();
    rpc.frame(FRAME);
    await halfClose();
    rpc.frame(FRAME);
    expect(frames).toBe(1);
  });
});

describe('readers', () => {
  it('that are slow lose the oldest, which is told and logged', async () => {
    const gate = Promise.withResolvers<void>();
    const pieces: ConversationPiece[] = [];
    const { open, logs } = start(async ({ conversation }) => {
      const leg = conversation.leg('caller');
      await gate.promise;
      for await (const piece of leg) pieces.push(piece);
      expect(leg.droppedMs).toBeCloseTo(1000);
    });
    const { rpc, answers, halfClose } = open();
    for (let turn = 0; turn < 100; turn += 1) rpc.frame(FRAME);
    await halfClose();
    gate.resolve();
    await settle();
    expect(pieces).toHaveLength(1);
    expect(pieces[0]).toMatchObject({ durationMs: 1000, droppedMs: 1000, atMs: 1_700_000_001_000 });
    // That the reader was slow is no fault of the stream.
    expect([answers, logs]).toEqual([['success'], ['forked audio was dropped, since it was not read in time']]);
  });

  it('get pieces as long as they ask for, and the rest at the end', async () => {
    const lengths: number[] = [];
    const { open } = start(async ({ conversation }) => {
      for await (const { durationMs } of conversation.leg('caller', { pieceMs: 60 })) lengths.push(durationMs);
    });
    const { rpc, halfClose } = open();
    for (let turn = 0; turn < 7; turn += 1) {
      rpc.frame(FRAME);
      await settle();
    }
    expect(lengths).toEqual([60, 60]);
    await halfClose();
    await settle();
    expect(lengths).toEqual([60, 60, 20]);
  });

  it('that close stop waiting, and hold up nobody', async () => {
    let done = false;
    let close = (): void => {};
    const { open } = start(async ({ conversation }) => {
      const leg = conversation.leg('caller');
      close = () => leg.close();
      for await (const _piece of leg) throw new Error('There is none.');
      done = true;
    });
    const { rpc, answers, halfClose } = open();
    rpc.frame(FRAME);
    await settle();
    close();
    await settle();
    expect(done).toBe(true);
    rpc.frame(FRAME);
    await halfClose();
    expect(answers).toEqual(['success']);
  });

  it('that come after the end find nothing', async () => {
    const { open, conversations } = start();
    const { rpc, halfClose } = open();
    rpc.frame(FRAME);
    await halfClose();
    const pieces: ConversationPiece[] = [];
    for await (const piece of conversations[0]?.leg('caller') ?? []) pieces.push(piece);
    expect(pieces).toEqual([]);
  });
});

describe('the end', () => {
  it('is not believed when a reset comes right behind it', async () => {
    const { open, clock, conversations } = start();
    const { rpc, answers } = open();
    rpc.frame(FRAME);
    rpc.halfClose();
    await clock.advance(49);
    expect(answers).toEqual([]);
    rpc.cancel();
    await clock.advance(1000);
    expect([answers, clock.pending]).toEqual([[], 0]);
    expect(await conversations[0]?.ended).toBe('cancelled');
  });

  it('is one of a call that is over, whatever comes before it is believed', async () => {
    const { open, forks, conversations } = start();
    const one = open();
    one.rpc.frame(FRAME);
    one.rpc.halfClose();
    const other = open();
    other.rpc.frame(FRAME);
    expect(one.answers).toEqual(['success']);
    other.rpc.halfClose();
    await forks.close(0);
    expect(other.answers).toEqual(['success']);
    for (const conversation of conversations) expect(await conversation.ended).toBe('completed');
  });

  it('of a handler by its own signal is no fault', async () => {
    const { open, logs } = start(
      ({ signal }) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
    );
    const { rpc } = open();
    rpc.frame(FRAME);
    rpc.cancel();
    await settle();
    expect(logs).toEqual([]);
  });

  it('of the server ends every RPC, and waits for handlers no longer than it may', async () => {
    const { open, forks, clock, conversations } = start(() => new Promise(() => {}));
    const one = open();
    const idle = open();
    one.rpc.frame(FRAME);
    const closed = forks.close(5000);
    expect([one.answers, idle.answers, forks.size]).toEqual([['unavailable'], ['unavailable'], 0]);
    expect(await conversations[0]?.ended).toBe('drain');
    await clock.advance(5000);
    await closed;
  });

  it('comes when a call has more legs than any has', async () => {
    const { open, conversations } = start();
    const { rpc, answers } = open();
    for (let leg = 0; leg < 33; leg += 1) rpc.frame({ ...FRAME, roleId: `r${leg}` });
    expect(answers).toEqual(['stream_failure']);
    expect(await conversations[0]?.ended).toBe('error');
  });
});
