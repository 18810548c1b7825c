// The lane on connections whose bytes come in any pieces: what it makes of them is what Node's own HTTP/2 makes of the same bytes
// in one. Each piece is read by itself, into a buffer with leftovers behind it that is written over afterwards.
import fc from 'fast-check';
import { beforeEach, describe, expect, it, onTestFinished } from 'vitest';
import { FrameSplitter } from '../../src/http2/frame-splitter.ts';
import type { ReadPacer } from '../../src/http2/read-pacer.ts';
import { Http2Peer } from '../support/http2-peer.ts';
import {
  type ConnectionScript,
  connectionScript,
  OPENING,
  piecesOf,
  type RenderedScript,
  renderScript,
} from '../support/http2-script.ts';
import { messagesOf } from '../support/raw-grpc.ts';
import { messageRecord, type RecordingKind, RecordingServer, type Records } from '../support/recording-server.ts';

const PATH = '/a.Service/Method';
const HEAD_BYTES = 9;
const LEFT_BEHIND_BYTES = 64;
/** More of them by hand: CUT_RUNS=5000. */
const RUNS = Number(process.env['CUT_RUNS'] ?? 100);

/** Bytes that splitters were given since a test began. */
let splitBytes = 0;

beforeEach(() => {
  splitBytes = 0;
  const { push } = FrameSplitter.prototype;
  FrameSplitter.prototype.push = function (this: FrameSplitter, bytes: Uint8Array, end: number = bytes.length) {
    bytes.fill(7, end, Math.min(end + LEFT_BEHIND_BYTES, bytes.length));
    push.call(this, bytes, end);
    bytes.fill(0xdd, 0, end);
    splitBytes += end;
  };
  return () => {
    FrameSplitter.prototype.push = push;
  };
});

/** Puts reading off to the next turn of the loop, on every connection that is busy. */
const pacer: ReadPacer = {
  intervalMs: 1,
  now: () => performance.now(),
  hold: (reader) => void setImmediate(() => reader.readOn()),
};

interface Started {
  readonly server: RecordingServer;
  readonly port: number;
}

async function startServer(kind: RecordingKind): Promise<Started> {
  const server = new RecordingServer(kind, pacer);
  onTestFinished(() => server.close());
  return { server, port: await server.listen() };
}

/** Sends pieces, each when the server has read the one before it. */
async function sendApart(kind: RecordingKind, server: RecordingServer, peer: Http2Peer, pieces: Iterable<Buffer>) {
  const tapped = kind === 'tap' || kind === 'tap over TLS';
  const read = (): number => (tapped ? splitBytes : server.readBytes);
  let sent = read();
  for (const piece of pieces) {
    peer.write(piece);
    sent += piece.length;
    while (read() < sent) await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The ends of a request after which the server ends its answer. */
const ANSWERED: ReadonlySet<string> = new Set(['last frame', 'empty frame', 'trailers']);

interface Outcome {
  readonly records: Records;
  readonly peer: Http2Peer;
}

/** What a server makes of bytes that come in pieces. */
async function outcomeOf(
  kind: RecordingKind,
  { server, port }: Started,
  pieces: Iterable<Buffer>,
  streams: RenderedScript['streams'],
): Promise<Outcome> {
  const peer = await Http2Peer.connect(port, kind === 'tap over TLS');
  try {
    if (kind === 'node:http2') for (const piece of pieces) peer.write(piece);
    else await sendApart(kind, server, peer, pieces);
    await peer.settled([...streams].filter(([, { end }]) => ANSWERED.has(end)).map(([id]) => id));
  } finally {
    peer.close();
    await server.ended();
  }
  return { records: server.take(), peer };
}

/** Compares stream by stream. A reset may overtake messages that were sent just before it, and nothing else may be missing. */
function expectSame(is: Outcome, oracle: Outcome, { streams }: RenderedScript): void {
  for (const [id, { end, messages }] of streams) {
    const facts = is.records.get(id) ?? [];
    const sent = messages.map(messageRecord);
    if (end === 'reset') {
      expect(facts.at(-1)).toBe('cancel');
      expect(facts.slice(0, -1)).toEqual(sent.slice(0, facts.length - 1));
      continue;
    }
    expect(facts, `stream ${id}, ${end}`).toEqual(oracle.records.get(id));
    expect(facts.slice(0, -1)).toEqual(sent);
    const echoes = messagesOf(is.peer.streams.get(id)?.data ?? Buffer.alloc(0)).map(messageRecord);
    if (ANSWERED.has(end)) expect(echoes).toEqual(sent);
  }
  expect([...is.records.keys()]).toEqual([...streams.keys()]);
}

/** nghttp2 up to Node 24.0 counts each read of a CONTINUATION's head as a frame, and ends a connection of more than eight. */
function withoutContinuation({ streams, order }: ConnectionScript): ConnectionScript {
  return { streams: streams.map((stream) => ({ ...stream, headerCuts: [] })), order };
}

const message = fc.oneof(
  { weight: 9, arbitrary: fc.uint8Array({ maxLength: 120 }) },
  { weight: 1, arbitrary: fc.constantFrom(5_000, 12_000).map((size) => new Uint8Array(size).fill(size % 251)) },
);

const pieceSizes = fc.array(
  fc.oneof(
    { weight: 3, arbitrary: fc.integer({ min: 1, max: 60 }) },
    { weight: 1, arbitrary: fc.constantFrom(536, 1448, 9_000, 32_768) },
    { weight: 1, arbitrary: fc.integer({ min: 1, max: 60_000 }) },
  ),
  { minLength: 1, maxLength: 8 },
);

/** Every kind of frame once, with the ways in which it may be written. */
const everyFrame: ConnectionScript = {
  streams: [
    {
      messages: [Buffer.from('one'), Buffer.alloc(0), Buffer.from('two')],
      end: 'last frame',
      wrappings: [
        { bytes: 7, padding: undefined, empty: 0 },
        { bytes: 9, padding: 3, empty: 1 },
        { bytes: 30, padding: 0, empty: 0 },
      ],
      headerCuts: [],
      headerPadding: undefined,
      priority: false,
    },
    {
      messages: [Buffer.from('three')],
      end: 'trailers',
      wrappings: [{ bytes: 100, padding: undefined, empty: 0 }],
      headerCuts: [20, 20, 300],
      headerPadding: 5,
      priority: true,
    },
    {
      messages: [Buffer.from('four')],
      end: 'empty frame',
      wrappings: [{ bytes: 100, padding: undefined, empty: 0 }],
      headerCuts: [],
      headerPadding: undefined,
      priority: false,
    },
    {
      messages: [],
      end: 'inside a message',
      wrappings: [{ bytes: 4, padding: 1, empty: 0 }],
      headerCuts: [],
      headerPadding: undefined,
      priority: false,
    },
  ],
  order: [0, 1, 'ping', 0, 'unknown', 2, 3, 'window', 'settings', 'priority'],
};

describe.each(['streams', 'tap', 'tap over TLS'] as const)('the lane by %s', (kind) => {
  it('makes of bytes that come in any pieces what Node makes of them in one', async () => {
    const [cut, whole] = [await startServer(kind), await startServer('node:http2')];
    await fc.assert(
      fc.asyncProperty(connectionScript(message), pieceSizes, async (any, sizes) => {
        const script = kind === 'streams' && Math.min(...sizes) < HEAD_BYTES ? withoutContinuation(any) : any;
        const rendered = renderScript(script, PATH);
        const bytes = Buffer.concat([OPENING, rendered.bytes]);
        const is = await outcomeOf(kind, cut, piecesOf(bytes, sizes), rendered.streams);
        expectSame(is, await outcomeOf('node:http2', whole, [bytes], rendered.streams), rendered);
      }),
      { numRuns: RUNS },
    );
  });

  it('makes the same of a connection wherever one cut lies', async () => {
    const [cut, whole] = [await startServer(kind), await startServer('node:http2')];
    const { length } = renderScript(everyFrame, PATH).bytes;
    // Some at a time on one connection, so that it grows busy.
    for (let from = 0; from < length; from += 50) {
      const parts: Buffer[] = [OPENING];
      const streams = new Map<number, ConnectionScript['streams'][number]>();
      for (let at = from; at < Math.min(from + 50, length); at += 1) {
        const rendered = renderScript(everyFrame, PATH, 1 + 2 * streams.size);
        for (const [id, script] of rendered.streams) streams.set(id, script);
        parts.push(rendered.bytes.subarray(0, at), rendered.bytes.subarray(at));
      }
      const pieces = parts.filter((part) => part.length > 0);
      const is = await outcomeOf(kind, cut, pieces, streams);
      const bytes = Buffer.concat(pieces);
      expectSame(is, await outcomeOf('node:http2', whole, [bytes], streams), { bytes, streams });
    }
  });
});
