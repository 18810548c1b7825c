// The process of the soaked server: `node --expose-gc soak-server.ts`. An agent as people write them: a welcome, answers
// that are made piece by piece, and a look at every frame.
import { createHistogram } from 'node:perf_hooks';
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { MediaServer, prompt } from '@byova/media';
import { promptAudio } from '../audio.ts';
import { serveCommands } from '../ipc.ts';
import { END_SILENCE_MS } from '../utterance.ts';
import type { SoakCommands, SoakFigures } from './soak-commands.ts';
import { clockMicros, microsBetween, readStamp } from './stamp.ts';

const PIECE_BYTES = 400;

const latency = createHistogram();
let begun = 0;
let ended = 0;
let frames = 0;
const failures: string[] = [];

process.on('unhandledRejection', (error) => void failures.push(`unhandled: ${String(error)}`));

const server = new MediaServer<{ turns: number }>({
  agents: [{ id: 'demo', name: 'Demo', default: true }],
  verify: { enforce: false },
  speech: { endSilenceMs: END_SILENCE_MS },
  state() {
    begun++;
    return { turns: 0 };
  },
});
const promptOf = (bytes: Uint8Array) => prompt.bytes(bytes, { encoding: 'mulaw', sampleRateHz: 8000 });
let audio: Uint8Array = new Uint8Array();
let welcome = promptOf(audio);

async function* answer(): AsyncGenerator<Uint8Array> {
  for (let offset = 0; offset < audio.length; offset += PIECE_BYTES) {
    yield audio.subarray(offset, offset + PIECE_BYTES);
    await turnOfLoop();
  }
}

server.on('session_start', ({ session }) => session.play(welcome));
server.on('utterance', async ({ session }) => {
  session.state.turns++;
  await session.play(answer);
});
server.on('audio_input', ({ event }) => {
  frames++;
  latency.record(Math.max(1, microsBetween(readStamp(event.audio), clockMicros())));
});
server.on('error', ({ event }) => void failures.push(`${event.handler}: ${event.error.message}`));
server.on('session_end', ({ event }) => {
  ended++;
  if (event.reason !== 'caller_hangup') failures.push(`a call ended by ${event.reason}`);
});

async function figures(): Promise<SoakFigures> {
  const { user, system } = process.cpuUsage();
  // Twice, with a turn of the loop between: finalizers of the first pass free what the second one collects.
  globalThis.gc?.();
  await turnOfLoop();
  globalThis.gc?.();
  const { heapUsed, rss } = process.memoryUsage();
  const { sessions, rpcs } = server.stats;
  return {
    cpuMicros: user + system,
    heapBytes: heapUsed,
    rssBytes: rss,
    sessions,
    rpcs,
    begun,
    ended,
    failures: failures.length,
    firstFailure: failures[0] ?? '',
    frames,
  };
}

serveCommands<SoakCommands>(
  {
    async listen({ promptMs }) {
      audio = promptAudio(promptMs);
      welcome = promptOf(audio);
      const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
      return { port };
    },
    figures,
    resetLatency() {
      latency.reset();
      return null;
    },
    latency: () => ({
      count: latency.count,
      p50Ms: latency.percentile(50) / 1000,
      p99Ms: latency.percentile(99) / 1000,
      maxMs: latency.max / 1000,
    }),
    async drain() {
      await server.drain({ graceMs: 10_000 });
      return figures();
    },
  },
  () => process.exit(0),
);
