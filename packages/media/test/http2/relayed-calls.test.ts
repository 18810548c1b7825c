// Calls of gRPC's own client over lines that cut what passes into pieces, as the segments of networks do: loopback hands on
// whole writes, and hides what breaks where a frame comes in two reads. `RELAYED_SECONDS=60 RELAYED_CALLS=100` makes a run for a
// minute of it.
import { setTimeout as wait } from 'node:timers/promises';
import { MediaServer, prompt } from '@byova/media';
import * as grpc from '@grpc/grpc-js';
import { describe, expect, it, onTestFinished } from 'vitest';
import { EVENT, PATH, type VoiceInput, voiceRequest } from '../attack/wire/messages.ts';
import { FRAME_PATHS } from '../support/frame-path.ts';
import { startRelay } from '../support/relay.ts';

const SECONDS = Number(process.env['RELAYED_SECONDS'] ?? 4);
const CALLS = Number(process.env['RELAYED_CALLS'] ?? 20);

const FRAME_MS = 20;
const LOUD = Uint8Array.from({ length: 160 }, (_, index) => (index % 8 < 4 ? 0x10 : 0x90));
const QUIET = new Uint8Array(160).fill(0xff);

/** What the caller sends in a turn: a word, then silence until the server has answered. */
const QUIET_FRAMES = 10;
const LOUD_FRAMES = 20;

const PROMPT = prompt.tone({ frequencyHz: 440, durationMs: 400 });

/** The lines: how much goes at a time, how often in ms, and how many calls share the connection. */
const LINES = [
  { pieceBytes: 1448, everyMs: 1, calls: CALLS },
  { pieceBytes: 1, everyMs: 0, calls: 1 },
  { pieceBytes: 7, everyMs: 0, calls: Math.ceil(CALLS / 10) },
  { pieceBytes: 100, everyMs: 0, calls: Math.ceil(CALLS / 4) },
  { pieceBytes: 536, everyMs: 1, calls: Math.ceil(CALLS / 4) },
  { pieceBytes: 9000, everyMs: 1, calls: Math.ceil(CALLS / 4) },
];

const raw = (bytes: Buffer): Buffer => bytes;

/** A call on a connection that others share; tells how each of its RPCs ended. */
class RelayedCall {
  readonly #client: grpc.Client;
  readonly #id: string;
  readonly endings: string[] = [];

  constructor(client: grpc.Client, id: string) {
    this.#client = client;
    this.#id = id;
  }

  async run(untilMs: number): Promise<void> {
    await this.#rpc(async (send) => send({ event: EVENT.start }));
    do await this.#rpc((send, isOver) => this.#speak(send, isOver));
    while (performance.now() < untilMs);
    await this.#rpc(async (send) => send({ event: EVENT.end }), 0);
  }

  /** Audio in real time: what is late is sent at once, as it waits in a network. */
  async #speak(send: (input: VoiceInput) => void, isOver: () => boolean): Promise<void> {
    const beganMs = performance.now();
    for (let frame = 0; !isOver(); frame += 1) {
      const isLoud = frame >= QUIET_FRAMES && frame < QUIET_FRAMES + LOUD_FRAMES;
      send({ audio: isLoud ? LOUD : QUIET });
      await wait(Math.max(0, beganMs + (frame + 1) * FRAME_MS - performance.now()));
    }
  }

  async #rpc(
    talk: (send: (input: VoiceInput) => void, isOver: () => boolean) => Promise<void>,
    leastMessages = 1,
  ): Promise<void> {
    const stream = this.#client.makeBidiStreamRequest(PATH.voice, raw, raw);
    let messages = 0;
    let ending: string | undefined;
    stream.on('data', () => {
      messages += 1;
    });
    stream.on('error', () => {});
    const ended = new Promise<void>((resolve) => {
      stream.on('status', ({ code, details }) => {
        ending =
          code === grpc.status.OK && messages >= leastMessages
            ? 'answered'
            : `${messages} messages, ${code} ${details}`;
        resolve();
      });
    });
    await talk(
      (input) => void stream.write(voiceRequest(this.#id, 'o1', input)),
      () => ending !== undefined || messages > 0,
    );
    stream.end();
    await ended;
    this.endings.push(ending ?? '');
  }
}

async function callThroughLine(port: number, line: (typeof LINES)[number]): Promise<readonly string[]> {
  const relay = await startRelay({ targetPort: port, ...line });
  const client = new grpc.Client(`127.0.0.1:${relay.port}`, grpc.credentials.createInsecure(), {
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
  });
  const untilMs = performance.now() + SECONDS * 1000;
  const calls = Array.from(
    { length: line.calls },
    (_, index) => new RelayedCall(client, `${line.pieceBytes}-${index}`),
  );
  await Promise.all(calls.map((call) => call.run(untilMs)));
  client.close();
  await relay.close();
  return calls.flatMap(({ endings }) => endings);
}

describe.each(FRAME_PATHS)('with frames that go by %s', (framePath) => {
  it('answers every RPC of calls whose bytes come in pieces of any size', async () => {
    const server = new MediaServer({ agents: [{ id: 'demo', name: 'Demo' }], verify: { enforce: false }, framePath });
    onTestFinished(() => server.close({ graceMs: 0 }));
    server.on('session_start', ({ session }) => session.play(PROMPT));
    server.on('utterance', ({ session }) => session.play(PROMPT));
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const endings = await Promise.all(LINES.map((line) => callThroughLine(port, line)));
    process.stdout.write(
      `${framePath}: ${LINES.map(({ pieceBytes, calls }, at) => `${endings[at]?.length} RPCs of ${calls} calls in pieces of ${pieceBytes}`).join(', ')}\n`,
    );
    expect(new Set(endings.flat())).toEqual(new Set(['answered']));
    for (const [at, { calls }] of LINES.entries()) expect(endings[at]?.length).toBeGreaterThanOrEqual(calls * 3);
  });
});
