// A server in a process of its own that can collect its garbage on demand, so that what calls leave behind can be measured:
// `node --expose-gc server-process.ts`. Tells its port, then answers every message with its figures.
import { setTimeout as wait } from 'node:timers/promises';
import { type Clock, type ClockTimer, MediaServer, prompt } from '@byova/media';
import { systemClock } from '../../src/session/clock.ts';

/** What a server holds after a collection. */
export interface Figures {
  readonly heapBytes: number;
  /** Handles by kind, as Node knows them. */
  readonly resources: Readonly<Record<string, number>>;
  /** Timers of the server's clock that wait. */
  readonly timers: number;
  readonly sessions: number;
  readonly turns: number;
  readonly rpcs: number;
  readonly connections: number;
  /** Calls that began, by the `state` that was made for each, and `session_end` events. */
  readonly begun: number;
  readonly ended: number;
  /** What escaped: unhandled rejections and uncaught exceptions. */
  readonly stray: readonly string[];
}

const tone = prompt.tone({ frequencyHz: 440, durationMs: 100 });
const stray: string[] = [];
let begun = 0;
let ended = 0;
let chance = 1;

/** The same course in every run, as far as sockets allow. */
function random(): number {
  chance = (Math.imul(chance, 1_664_525) + 1_013_904_223) >>> 0;
  return chance / 2 ** 32;
}

// Node lists only what keeps the process alive, and the server's timers do not. (Its hooks would count them, and make
// every promise several times as dear.)
const timers = new Set<ClockTimer>();
const clock: Clock = {
  now: () => systemClock.now(),
  setTimer(callback, delayMs) {
    const timer = systemClock.setTimer(() => {
      timers.delete(timer);
      callback();
    }, delayMs);
    timers.add(timer);
    return {
      cancel() {
        timers.delete(timer);
        timer.cancel();
      },
    };
  },
};

process.on('unhandledRejection', (error) => void stray.push(String(error)));
process.on('uncaughtException', (error) => void stray.push(String(error)));

const server = new MediaServer<{ turns: number } | undefined>({
  agents: [{ id: 'demo', name: 'Demo' }],
  verify: { enforce: false },
  errorPrompt: tone,
  clock,
  limits: { turnTimeoutMs: 300, idleTimeoutMs: 2000, maxSessions: 10_000 },
  state() {
    begun += 1;
    return { turns: 0 };
  },
});

/** Does what agents do, and what they should not. */
async function misbehave(session: Parameters<Parameters<typeof server.on<'dtmf_input'>>[1]>[0]['session']) {
  const dice = random();
  if (dice < 0.1) throw new Error('a handler failed');
  if (dice < 0.15) await new Promise(() => {});
  if (dice < 0.25) void session.play(() => Promise.reject(new Error('a source failed')));
  if (dice < 0.35) await session.collectDigits({ max: 1, prompt: tone });
  if (dice < 0.45) await session.play(new Uint8Array(8000), { bargeIn: dice < 0.4 });
  if (dice < 0.55) {
    await session.play(async function* () {
      for (let piece = 0; piece < 20; piece += 1) {
        yield new Uint8Array(800);
        await wait(2);
      }
    });
  }
  await session.play(tone, { bargeIn: dice < 0.7 });
  if (dice > 0.9) await session.transfer({ metadata: { queue: 'billing' } });
  else if (dice > 0.85) void session.end();
}

server.on('session_start', ({ session }) => misbehave(session));
server.on('dtmf_input', ({ session }) => misbehave(session));
server.on('utterance', ({ session }) => misbehave(session));
server.on('custom_event', ({ session }) => misbehave(session));
server.on('audio_input', () => {});
server.on('turn_ended', () => {
  if (random() < 0.05) throw new Error('told in vain');
});
server.on('session_end', () => {
  ended += 1;
});

const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
process.send?.({ port });

async function collect(): Promise<void> {
  // More than once, with turns of the loop between: finalizers of one pass free what the next one collects.
  for (let pass = 0; pass < 8; pass += 1) {
    globalThis.gc?.();
    await wait(20);
  }
}

process.on('message', async () => {
  await collect();
  const resources: Record<string, number> = {};
  for (const name of process.getActiveResourcesInfo()) resources[name] = (resources[name] ?? 0) + 1;
  const figures: Figures = {
    heapBytes: process.memoryUsage().heapUsed,
    resources,
    timers: timers.size,
    ...server.stats,
    begun,
    ended,
    stray,
  };
  process.send?.(figures);
});
process.on('disconnect', () => process.exit(0));
