// What stands beside a bad call: calls that must finish whatever it does, and errors that nothing may leave behind.
import { type AudioMode, type MediaServer, type Prompt, prompt } from '@byova/media';
import { afterEach, beforeEach } from 'vitest';
import type { FastClient, FastContent, FastOutcome } from '../support/fast-client.ts';

/** What the agents say here. */
export const TONE: Prompt = prompt.tone({ frequencyHz: 440, durationMs: 40 });

const LOUD = Uint8Array.from({ length: 160 }, (_, index) => (index % 8 < 4 ? 0x10 : 0x90));
const QUIET = new Uint8Array(160).fill(0xff);

/** The caller says something, at once. */
export const SPEECH: readonly FastContent[] = [
  ...Array.from({ length: 20 }, () => ({ audio: QUIET })),
  ...Array.from({ length: 30 }, () => ({ audio: LOUD })),
  ...Array.from({ length: 60 }, () => ({ audio: QUIET })),
];

/** Collects the errors that reach no handler of them, anew for each test of the file that calls it. */
export function collectStrayErrors(): readonly unknown[] {
  const stray: unknown[] = [];
  const keep = (error: unknown): void => void stray.push(error);
  beforeEach(() => {
    stray.length = 0;
    process.on('unhandledRejection', keep);
    process.on('uncaughtException', keep);
  });
  afterEach(() => {
    process.off('unhandledRejection', keep);
    process.off('uncaughtException', keep);
  });
  return stray;
}

/** Hears a welcome, presses a key and is transferred. */
export async function goodCall(client: FastClient, conversationId: string): Promise<readonly FastOutcome[]> {
  const outcomes: FastOutcome[] = [];
  for (const contents of [['start'], [{ keys: '1' }], ['custom_event']] satisfies FastContent[][]) {
    outcomes.push(await client.rpc({ conversationId, contents }));
  }
  return outcomes;
}

/** How a good call goes on a server that plays {@link TONE} to the first two of its turns. */
export function served(audioMode: AudioMode): readonly FastOutcome[] {
  const responses = audioMode === 'wav' ? 1 : 2;
  return [
    { status: '0', responses, terminal: undefined },
    { status: '0', responses, terminal: undefined },
    { status: '0', responses: 1, terminal: 'transfer' },
  ];
}

/** Waits until a server holds nothing any more, for a while. */
export async function settled(server: MediaServer<never> | MediaServer): Promise<void> {
  const untilMs = performance.now() + 5000;
  while (performance.now() < untilMs) {
    const { sessions, turns, rpcs } = server.stats;
    if (sessions + turns + rpcs === 0) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
