import { describe, expect, it } from 'vitest';
import { type CallLog, createCallLog } from '../caller/call-log.ts';
import { createPlaybackQueue, type PlaybackQueue, type PromptArrival } from './playback-queue.ts';
import type { HeardPiece } from './prompt-track.ts';

interface Setup {
  readonly queue: PlaybackQueue;
  readonly log: CallLog;
  readonly heard: HeardPiece[];
  at(nowMs: number): void;
}

function setup(): Setup {
  let now = 0;
  const heard: HeardPiece[] = [];
  const log = createCallLog({ now: () => now, onEntry: undefined });
  const queue = createPlaybackQueue({ log, onStarted: () => undefined, onHeard: (piece) => heard.push(piece) });
  return {
    queue,
    log,
    heard,
    at(nowMs) {
      now = nowMs;
      queue.advance(nowMs);
    },
  };
}

function arrival(ms: number, options: Partial<PromptArrival> = {}): PromptArrival {
  return {
    rpc: 1,
    style: 'wav',
    interruptible: true,
    text: '',
    samples: new Int16Array(ms * 8).fill(1),
    replaceable: false,
    ...options,
  };
}

describe('createPlaybackQueue', () => {
  it('plays in the order of arrival, each prompt right after the one before it', () => {
    const { queue, at, log } = setup();
    queue.add(arrival(100), 0);
    queue.add(arrival(50, { interruptible: false }), 0);
    at(0);
    expect(queue).toMatchObject({ state: 'interruptible', nextChangeMs: 100 });
    at(103);
    expect(queue).toMatchObject({ state: 'protected', nextChangeMs: 150 });
    at(150);
    expect(queue).toMatchObject({ state: 'idle', idleSinceMs: 150, nextChangeMs: undefined });
    expect(queue.prompts).toMatchObject([
      { number: 1, startedAtMs: 0, endedAtMs: 100, heardMs: 100 },
      { number: 2, startedAtMs: 100, endedAtMs: 150, heardMs: 50 },
    ]);
    const kinds = ['prompt_started', 'prompt_finished', 'prompt_started', 'prompt_finished'];
    expect(log.entries.map(({ kind }) => kind)).toEqual(kinds);
  });

  it('starts a prompt that comes after a silence when it arrives', () => {
    const { queue, at } = setup();
    queue.add(arrival(10), 0);
    at(10);
    queue.add(arrival(10), 500);
    at(500);
    expect(queue.prompts[1]?.startedAtMs).toBe(500);
  });

  it('takes the chunks of one reply for one prompt, and a gap between them for silence', () => {
    const { queue, at, heard } = setup();
    const chunk = (): PromptArrival => arrival(100, { style: 'chunk' });
    queue.add(chunk(), 0);
    at(0);
    queue.add(chunk(), 50);
    at(300);
    expect(queue.state).toBe('interruptible');
    queue.add(chunk(), 300);
    queue.endStream(1);
    at(400);
    expect(queue.prompts).toMatchObject([{ durationMs: 300, heardMs: 300, startedAtMs: 0, endedAtMs: 400 }]);
    expect(heard.map(({ startMs }) => startMs)).toEqual([0, 100, 300]);
  });

  it('begins another prompt where a stream changes whether it may be interrupted', () => {
    const { queue, at } = setup();
    queue.add(arrival(100, { style: 'chunk' }), 0);
    queue.add(arrival(100, { style: 'chunk', interruptible: false }), 0);
    at(100);
    expect(queue.state).toBe('protected');
    expect(queue.prompts).toHaveLength(2);
  });

  it('cuts what plays and drops what waits, and knows how much was heard', () => {
    const { queue, at, log, heard } = setup();
    queue.add(arrival(100), 0);
    queue.add(arrival(100), 0);
    at(40);
    queue.cutAll('speech', 40);
    expect(queue).toMatchObject({ state: 'idle', idleSinceMs: 40 });
    expect(queue.prompts).toMatchObject([
      { heardMs: 40, cutBy: 'speech', endedAtMs: 40 },
      { heardMs: 0, cutBy: 'speech' },
    ]);
    expect(queue.prompts[1]).not.toHaveProperty('startedAtMs');
    expect(heard.map(({ samples }) => samples.length)).toEqual([320]);
    expect(log.entries.filter(({ kind }) => kind === 'prompt_cut')).toHaveLength(2);
  });

  it('lets a reply take the place of what the same RPC played meanwhile, and of nothing else', () => {
    const { queue, at } = setup();
    queue.add(arrival(100, { replaceable: true }), 0);
    queue.add(arrival(100, { rpc: 2, replaceable: true }), 0);
    at(30);
    queue.replace(1, 30);
    at(30);
    expect(queue.prompts).toMatchObject([{ heardMs: 30, cutBy: 'later_reply' }, { startedAtMs: 30 }]);
    expect(queue.holds(1)).toBe(false);
    expect(queue.holds(2)).toBe(true);
  });
});
