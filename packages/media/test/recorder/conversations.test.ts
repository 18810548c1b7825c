// Recordings of calls that are listened to, on a fake clock and a real disk: both legs where they were captured.
import { readdirSync, readFileSync } from 'node:fs';
import type { Conversation } from '@byova/media';
import {
  type ConversationRecorderOptions,
  type ConversationRecording,
  createConversationRecorder,
} from '@byova/media/recorder';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createListenedConversation } from '../../src/forking/listened-conversation.ts';
import { silentLogger } from '../../src/session/logger.ts';
import type { ForkFrame } from '../../src/wire/fork-port.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { readStereo, stretches, temporaryFolder } from './stereo.ts';

const START_MS = Date.UTC(2026, 0, 2, 3, 4, 5);

/** A recorder, and a call that it records; `send` has 20 ms captured at a time since its begin. */
async function start(options: Partial<ConversationRecorderOptions> = {}) {
  const clock = createFakeClock();
  await clock.advance(1000);
  const directory = temporaryFolder();
  const warnings: string[] = [];
  const recorder = createConversationRecorder({
    directory,
    clock,
    logger: { ...silentLogger, warn: (_fields, message) => void warnings.push(message) },
    ...options,
  });
  onTestFinished(() => recorder.close());
  const call = (id = 'c1') => {
    const conversation = createListenedConversation({
      header: { conversationId: id, organization: 'o1', additionalInfo: {} },
      identity: undefined,
      resumed: false,
      maxQueueMs: 1000,
      log: silentLogger,
      onLeg: () => {},
    });
    const recorded = recorder.record(conversation);
    const send = (role: ForkFrame['role'], value: number, atMs: number, frame: Partial<ForkFrame> = {}): void => {
      const told = { audio: new Uint8Array(160).fill(value), encoding: 'mulaw', sampleRateHz: 8000 } as const;
      conversation.take({ ...told, atMs: START_MS + atMs, role, roleId: role, ...frame }, 0);
    };
    return { conversation, recorded, send };
  };
  return { clock, directory, recorder, warnings, call };
}

function read(recording: ConversationRecording | undefined) {
  if (recording === undefined) throw new Error('there is no recording');
  const { left, right, durationMs } = readStereo(readFileSync(recording.path));
  return { caller: stretches(left), agent: stretches(right), durationMs };
}

describe('a recording', () => {
  it('has both legs where they were captured, whenever they arrived', async () => {
    const { clock, call, directory } = await start();
    const { conversation, recorded, send } = call();
    // The agent's leg comes 300 ms behind the caller's, and is heard beside it.
    for (let turn = 0; turn < 250; turn += 1) {
      send('caller', 1 + (turn % 2), turn * 20);
      if (turn >= 15) send('agent', 3 + (turn % 2), (turn - 15) * 20);
      await clock.advance(20);
    }
    conversation.end('completed');
    const recording = await recorded;
    const { caller, agent, durationMs } = read(recording);
    expect(durationMs).toBe(5000);
    expect(caller).toEqual(Array.from({ length: 250 }, (_, turn) => [1 + (turn % 2), turn * 20, turn * 20 + 20]));
    expect(agent).toEqual(Array.from({ length: 235 }, (_, turn) => [3 + ((turn + 15) % 2), turn * 20, turn * 20 + 20]));
    expect(recording).toMatchObject({
      conversationId: 'c1',
      organization: 'o1',
      durationMs: 5000,
      bytes: 58 + 5000 * 16,
      startedAt: new Date(START_MS),
      endedBy: 'call_ended',
    });
    expect(readdirSync(directory)).toEqual(['byova-20260102T030405000Z-c1.wav']);
  });

  it('has silence where nothing came, however long', async () => {
    const { clock, call } = await start();
    const { conversation, recorded, send } = call();
    send('agent', 1, 0);
    await clock.advance(60_000);
    send('caller', 2, 60_000);
    conversation.end('cancelled');
    expect(read(await recorded)).toEqual({ caller: [[2, 60_000, 60_020]], agent: [[1, 0, 20]], durationMs: 60_020 });
  });

  it.each([
    ['far ahead', 3_600_000],
    ['far behind', -3_600_000],
  ])('has a frame where it arrived when its time is %s', async (_title, offMs) => {
    const { clock, call } = await start();
    const { conversation, recorded, send } = call();
    send('caller', 1, 0);
    await clock.advance(4000);
    send('caller', 2, 4000 + offMs);
    send('agent', 3, 4000);
    conversation.end('completed');
    expect(read(await recorded)).toEqual({
      caller: [
        [1, 0, 20],
        [2, 4000, 4020],
      ],
      agent: [[3, 4000, 4020]],
      durationMs: 4020,
    });
  });

  it('has what is not mu-law at 8 kHz as if it were', async () => {
    const { call } = await start();
    const { conversation, recorded, send } = call();
    // A-law silence, and a leg of zeros in 16 bits at 16 kHz.
    send('caller', 0xd5, 0, { encoding: 'alaw' });
    send('agent', 0, 0, { audio: new Uint8Array(640), encoding: 'linear16', sampleRateHz: 16_000 });
    conversation.end('completed');
    const recording = await recorded;
    expect(recording?.durationMs).toBe(20);
    const { left, right } = readStereo(readFileSync(recording?.path ?? ''));
    // The nearest that A-law has to nothing is eight steps of 16 bits.
    expect(new Set(left)).toEqual(new Set([0xfe]));
    expect(new Set(right)).toEqual(new Set([0xff]));
  });

  it('is not made of a call of which nothing came', async () => {
    const { call, directory } = await start();
    const { conversation, recorded } = call();
    conversation.end('completed');
    expect(await recorded).toBeUndefined();
    expect(readdirSync(directory)).toEqual([]);
  });
});

describe('bounds', () => {
  it('end a recording that is as long as it may be, and the call goes on', async () => {
    const { clock, call } = await start({ maxMs: 3000 });
    const { recorded, send } = call();
    for (let turn = 0; turn < 200; turn += 1) {
      send('caller', 1, turn * 20);
      await clock.advance(20);
    }
    const recording = await recorded;
    expect(recording).toMatchObject({ durationMs: 3000, endedBy: 'limit' });
    expect(read(recording).caller).toEqual([[1, 0, 3000]]);
  });

  it('end what is recorded when the recorder is closed, and take nothing more', async () => {
    const { recorder, call } = await start();
    const { recorded, send } = call();
    send('caller', 1, 0);
    await recorder.close();
    expect(await recorded).toMatchObject({ durationMs: 20, endedBy: 'closed' });
    const late = call('c2');
    late.send('caller', 1, 0);
    late.conversation.end('completed');
    expect(await late.recorded).toBeUndefined();
  });

  it('end a recording that the disk does not take, and the call is not troubled', async () => {
    const { clock, call, warnings } = await start({ directory: '/dev/null/recordings' });
    const { conversation, recorded, send } = call();
    for (let turn = 0; turn < 200; turn += 1) {
      send('caller', 1, turn * 20);
      await clock.advance(20);
    }
    expect(await recorded).toBeUndefined();
    expect(conversation.troubled).toBe(false);
    expect(warnings).toEqual(['the recording of a call that is listened to stops']);
  });
});

it('names files as it is told to, and by the id when that fails', async () => {
  const fileName = ({ id }: Conversation): string => {
    if (id === 'c2') throw new Error('no name');
    return `../${id}`;
  };
  const { call, directory } = await start({ fileName });
  for (const id of ['c1', 'c2']) {
    const { conversation, recorded, send } = call(id);
    send('caller', 1, 0);
    conversation.end('completed');
    await recorded;
  }
  expect(readdirSync(directory).sort()).toEqual([
    'byova-20260102T030405000Z-_c1.wav',
    'byova-20260102T030405000Z-c2.wav',
  ]);
});

it('says which options it cannot use', () => {
  expect(() => createConversationRecorder({ directory: '' })).toThrow(/createConversationRecorder/);
});
