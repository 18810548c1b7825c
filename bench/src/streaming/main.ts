// `pnpm --filter @byova/bench run streaming`: how long the first piece of a streamed reply takes from its source to the client,
// beside bare servers that write it at once. All in one process and on one clock.
import { connect } from 'node:http2';
import { MediaServer } from '@byova/media';
import { PROCESS_CALLER_INPUT } from '../contract.ts';
import { createEnvelopeReader, envelope } from '../grpc-envelope.ts';
import { percentiles, spread } from '../statistics.ts';
import { type StreamingServer, startGrpcJs, startHttp2 } from './bare-servers.ts';

const quick = process.argv.includes('--quick');
const [ROUNDS, TURNS] = quick ? [1, 20] : [5, 200];
/** 20 ms of mu-law. */
const PIECE = new Uint8Array(160).fill(0x55);
/** From the request to the source's first piece, as a text-to-speech service would take, in ms. */
const THINKING_MS = 3;

async function startByova(): Promise<StreamingServer> {
  const server = new MediaServer({
    agents: [{ id: 'bench', name: 'Bench' }],
    verify: { enforce: false },
    // No call of a run is ended.
    limits: { maxSessions: 100_000 },
  });
  let madeAt = 0;
  server.on('session_start', ({ session }) =>
    session.play(async function* () {
      await new Promise((resolve) => setTimeout(resolve, THINKING_MS));
      madeAt = performance.now();
      yield PIECE;
    }),
  );
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  return { port, madeAt: () => madeAt, close: () => server.close({ graceMs: 0 }) };
}

/** VoiceVARequest: the id of a conversation, of an organization, and SESSION_START. */
function sessionStart(id: string): Buffer {
  const text = (field: number, value: string): Buffer =>
    Buffer.concat([Buffer.from([(field << 3) | 2, value.length]), Buffer.from(value)]);
  return envelope(Buffer.concat([text(1, id), text(2, 'o1'), Buffer.from([0x42, 2, 0x08, 1])]));
}

interface Client {
  /** One turn; gives ms from the making of the first piece to its arrival. */
  turn(id: string): Promise<number>;
  close(): void;
}

function createClient(server: StreamingServer): Client {
  const connection = connect(`http://127.0.0.1:${server.port}`);
  return {
    turn: (id) =>
      new Promise((resolve, reject) => {
        const stream = connection.request({
          ':method': 'POST',
          ':path': PROCESS_CALLER_INPUT,
          'content-type': 'application/grpc',
          te: 'trailers',
        });
        let tookMs: number | undefined;
        const reader = createEnvelopeReader((_message, firstByteAt) => {
          tookMs ??= firstByteAt - server.madeAt();
        });
        stream.on('data', (piece: Buffer) => reader.push(piece, performance.now()));
        stream.on('error', reject);
        stream.on('close', () =>
          tookMs === undefined ? reject(new Error(`no reply on port ${server.port}`)) : resolve(tookMs),
        );
        stream.end(sessionStart(id));
      }),
    close: () => connection.close(),
  };
}

const servers = new Map<string, StreamingServer>([
  ['bare node:http2', await startHttp2(PIECE, THINKING_MS)],
  ['bare grpc-js', await startGrpcJs(PIECE, THINKING_MS)],
  ['@byova/media', await startByova()],
]);
const clients = new Map([...servers].map(([name, server]) => [name, createClient(server)]));
const rounds = new Map([...servers.keys()].map((name) => [name, { p50: [] as number[], p99: [] as number[] }]));
for (let round = 0; round <= ROUNDS; round += 1) {
  for (const [name, client] of clients) {
    const tookMs: number[] = [];
    for (let turn = 0; turn < TURNS; turn += 1) tookMs.push(await client.turn(`${name.length}-${round}-${turn}`));
    // The first round warms up.
    if (round === 0) continue;
    const { p50, p99 } = percentiles(tookMs);
    rounds.get(name)?.p50.push(p50);
    rounds.get(name)?.p99.push(p99);
  }
}

process.stdout.write(
  `From a source's first piece to the client's first byte, ms: medians of ${ROUNDS} rounds of ${TURNS} turns\n\n`,
);
process.stdout.write(`${''.padEnd(18)}${'p50'.padStart(8)}${'p99'.padStart(8)}\n`);
for (const [name, { p50, p99 }] of rounds) {
  const figures = [spread(p50).median, spread(p99).median].map((ms) => ms.toFixed(2).padStart(8));
  process.stdout.write(`${name.padEnd(18)}${figures.join('')}\n`);
}
for (const client of clients.values()) client.close();
await Promise.all([...servers.values()].map((server) => server.close()));
