// The server that this project is about, as an agent's developer would set it up: verified tokens, sessions, turns, handlers
// and speech detection, all on.
import {
  createEnergyDetector,
  MediaServer,
  type PlaySource,
  prompt,
  type SpeechBoundary,
  type SpeechDetector,
  type SpeechDetectorFactory,
} from '@byova/media';
import { promptAudio } from '../audio.ts';
import { END_SILENCE_MS, TURNS } from '../utterance.ts';
import { DATASOURCE_URL, ISSUER, type Tokens } from '../verification/tokens.ts';
import type { BenchServer, ServerSettings } from './bench-server.ts';

interface FrameCounter {
  frames: number;
}

/** The built-in detector, with a count: the least that tells how many frames came through the whole path. */
class CountingDetector implements SpeechDetector {
  readonly #detector: SpeechDetector;
  readonly #counter: FrameCounter;

  constructor(detector: SpeechDetector, counter: FrameCounter) {
    this.#detector = detector;
    this.#counter = counter;
  }

  get sampleRateHz(): number {
    return this.#detector.sampleRateHz;
  }

  push(samples: Int16Array): SpeechBoundary {
    this.#counter.frames++;
    return this.#detector.push(samples);
  }

  pushCoded(bytes: Uint8Array, decoded: Int16Array): SpeechBoundary {
    this.#counter.frames++;
    return this.#detector.pushCoded?.(bytes, decoded) ?? 'none';
  }

  reset(): void {
    this.#detector.reset();
  }
}

/** A piece of a prompt that is made as it is played, in ms: what a text-to-speech service sends at a time. */
const PIECE_MS = 200;

/** Audio in memory of its own, as a text-to-speech service makes it for each call. */
async function* makeAudio(ms: number): AsyncGenerator<Uint8Array> {
  const piece = promptAudio(PIECE_MS);
  for (let made = 0; made < ms; made += PIECE_MS)
    yield piece.slice(0, (Math.min(PIECE_MS, ms - made) * piece.length) / PIECE_MS);
}

/** Starts the server. */
export async function startByova(
  tokens: Tokens,
  framePath: 'streams' | 'tap' | 'connect',
  { tls, port, reusePort }: ServerSettings,
): Promise<BenchServer> {
  const counter: FrameCounter = { frames: 0 };
  const createDetector = createEnergyDetector({ endSilenceMs: END_SILENCE_MS });
  const speech: SpeechDetectorFactory = (context) => new CountingDetector(createDetector(context), counter);

  const server = new MediaServer({
    agents: [{ id: 'demo', name: 'Demo', default: true }],
    speech,
    framePath,
    verify: {
      datasourceUrl: DATASOURCE_URL,
      issuers: [ISSUER],
      fetch: async () => new Response(JSON.stringify({ keys: [tokens.jwk] })),
    },
    limits: { maxSessions: 10_000 },
  });
  const answerOf = (ms: number) => prompt.bytes(promptAudio(ms), { encoding: 'mulaw', sampleRateHz: 8000 });
  let answer: PlaySource = answerOf(TURNS.typical.promptMs);
  server.on('session_start', async ({ session }) => {
    await session.play(answer, { bargeIn: true });
  });
  server.on('utterance', async ({ session }) => {
    await session.play(answer, { bargeIn: true });
  });

  const listening = await server.listen({ host: '127.0.0.1', port, reusePort, ...(tls === undefined ? {} : { tls }) });
  return {
    port: listening.port,
    framesReceived: () => counter.frames,
    queuedBytes: () => server.stats.queuedBytes,
    answerWith(promptMs, streamed) {
      answer = streamed ? () => makeAudio(promptMs) : answerOf(promptMs);
    },
  };
}
