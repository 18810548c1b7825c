// What a client may send on one HTTP/2 connection, as frames by hand: everything of RFC 9113 that a gRPC library need not do and
// may. For tests that cut the bytes anywhere and compare what two servers make of them.
import fc from 'fast-check';

const FRAME_HEAD_BYTES = 9;
const DATA = 0;
const HEADERS = 1;
const PRIORITY = 2;
const RST_STREAM = 3;
const SETTINGS = 4;
const PING = 6;
const WINDOW_UPDATE = 8;
const CONTINUATION = 9;
/** A type that no specification defines; peers ignore it. */
const UNKNOWN = 0xfa;

const END_STREAM = 0x1;
const END_HEADERS = 0x4;
const PADDED = 0x8;
const WITH_PRIORITY = 0x20;

const CANCEL = 8;
const MAX_FRAME_BYTES = 16_384;
const MAX_DATA_FRAMES = 100;
const LARGE_WINDOW_BYTES = 16_777_216;

/** A frame. */
export function http2Frame(type: number, flags: number, stream: number, payload: Uint8Array = Buffer.alloc(0)): Buffer {
  const bytes = Buffer.alloc(FRAME_HEAD_BYTES + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream, 5);
  bytes.set(payload, FRAME_HEAD_BYTES);
  return bytes;
}

/** A literal header field without indexing (RFC 7541, 6.2.2), without Huffman's code. */
function literal(name: string, value: string): Buffer {
  return Buffer.concat([Buffer.of(0, name.length), Buffer.from(name), Buffer.of(value.length), Buffer.from(value)]);
}

/** The header block of a gRPC request. */
export function requestHeaders(path: string): Buffer {
  const fields = { ':method': 'POST', ':scheme': 'http', ':path': path, ':authority': 'localhost' };
  const all = Object.entries({ ...fields, 'content-type': 'application/grpc', te: 'trailers' });
  return Buffer.concat(all.map(([name, value]) => literal(name, value)));
}

function uint32(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, 4 * index);
  return bytes;
}

/** What a client sends first: the preface, and windows for what comes back that the tests need not look after. */
export const OPENING: Buffer = Buffer.concat([
  Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  http2Frame(SETTINGS, 0, 0, Buffer.concat([Buffer.of(0, 4), uint32(LARGE_WINDOW_BYTES)])),
  http2Frame(WINDOW_UPDATE, 0, 0, uint32(LARGE_WINDOW_BYTES)),
]);

/** A PING that is told apart by its number. */
export function ping(number: number): Buffer {
  return http2Frame(PING, 0, 0, uint32(0, number));
}

/** How a client ends a stream. */
export type StreamEnd = 'last frame' | 'empty frame' | 'trailers' | 'inside a message' | 'reset' | 'not at all';

/** How the payload of one frame goes. */
interface Wrapping {
  /** Of the payload; what is more goes into further frames. */
  readonly bytes: number;
  readonly padding: number | undefined;
  /** Empty frames in front of it. */
  readonly empty: number;
}

/** What a client sends on one stream. */
export interface StreamScript {
  readonly messages: readonly Uint8Array[];
  readonly end: StreamEnd;
  readonly wrappings: readonly Wrapping[];
  /** Where the header block is cut into CONTINUATION frames. */
  readonly headerCuts: readonly number[];
  readonly headerPadding: number | undefined;
  readonly priority: boolean;
}

type Noise = 'ping' | 'priority' | 'settings' | 'unknown' | 'window';

/** What a client sends on one connection. */
export interface ConnectionScript {
  readonly streams: readonly StreamScript[];
  /** Whose frame comes next, of the streams that have any left, or a frame of no stream; over and over. Some are numbers. */
  readonly order: readonly (number | Noise)[];
}

function padded(payload: Uint8Array, padding: number): Buffer {
  return Buffer.concat([Buffer.of(padding), payload, Buffer.alloc(padding)]);
}

function dataFrame(stream: number, payload: Uint8Array, padding: number | undefined, endsStream: boolean): Buffer {
  const flags = endsStream ? END_STREAM : 0;
  if (padding === undefined) return http2Frame(DATA, flags, stream, payload);
  return http2Frame(DATA, flags | PADDED, stream, padded(payload, padding));
}

function headerFrames(block: Buffer, script: StreamScript, stream: number): Buffer {
  const cuts = [...new Set(script.headerCuts.map((cut) => Math.min(cut, block.length)))].sort((a, b) => a - b);
  const parts = [0, ...cuts].map((from, index) => block.subarray(from, cuts[index] ?? block.length));
  const frames = parts.map((part, index) => {
    const last = index === parts.length - 1 ? END_HEADERS : 0;
    if (index > 0) return http2Frame(CONTINUATION, last, stream, part);
    const { priority, headerPadding } = script;
    const body = priority ? Buffer.concat([uint32(0), Buffer.of(15), part]) : part;
    const flags = last | (priority ? WITH_PRIORITY : 0);
    if (headerPadding === undefined) return http2Frame(HEADERS, flags, stream, body);
    return http2Frame(HEADERS, flags | PADDED, stream, padded(body, headerPadding));
  });
  // Nothing may come between them.
  return Buffer.concat(frames);
}

function grpcBytes(messages: readonly Uint8Array[]): Buffer {
  return Buffer.concat(messages.flatMap((message) => [Buffer.of(0), uint32(message.length), message]));
}

/** Gives the frames of one stream, those of its headers as one. */
function streamFrames(script: StreamScript, block: Buffer, stream: number): Buffer[] {
  const { end, wrappings } = script;
  const all = grpcBytes(script.messages);
  const body = end === 'inside a message' ? Buffer.concat([all, Buffer.of(0, 0, 0, 0, 9, 1, 2)]) : all;
  const frames = [headerFrames(block, script, stream)];
  const endsWithData = end === 'last frame' || end === 'inside a message';
  // Node ends a connection of a thousand empty frames, and a message of more frames than these shows nothing new.
  const leastBytes = Math.ceil(body.length / MAX_DATA_FRAMES);
  for (let at = 0, turn = 0; at < body.length; turn += 1) {
    const wrapping = wrappings[turn % wrappings.length] ?? { bytes: 1, padding: undefined, empty: 0 };
    const { padding, empty } = wrapping;
    const bytes = Math.max(wrapping.bytes, leastBytes);
    for (let one = 0; one < empty; one += 1) frames.push(dataFrame(stream, Buffer.alloc(0), undefined, false));
    const to = Math.min(at + bytes, body.length);
    frames.push(dataFrame(stream, body.subarray(at, to), padding, endsWithData && to === body.length));
    at = to;
  }
  if (end === 'empty frame' || (endsWithData && body.length === 0)) {
    frames.push(dataFrame(stream, Buffer.alloc(0), undefined, true));
  } else if (end === 'trailers') {
    frames.push(http2Frame(HEADERS, END_HEADERS | END_STREAM, stream, literal('x-end', 'yes')));
  } else if (end === 'reset') {
    frames.push(http2Frame(RST_STREAM, 0, stream, uint32(CANCEL)));
  }
  return frames;
}

function noiseFrame(noise: Noise, lastStream: number): Buffer {
  switch (noise) {
    case 'ping':
      return http2Frame(PING, 0, 0, uint32(1, 1));
    case 'priority':
      return http2Frame(PRIORITY, 0, lastStream, Buffer.concat([uint32(0), Buffer.of(7)]));
    case 'settings':
      return http2Frame(SETTINGS, 0, 0);
    case 'unknown':
      return http2Frame(UNKNOWN, 0xff, lastStream, Buffer.alloc(11, 1));
    case 'window':
      return http2Frame(WINDOW_UPDATE, 0, 0, uint32(1));
  }
}

/** What a connection's script comes to. */
export interface RenderedScript {
  readonly bytes: Buffer;
  /** What is sent on each stream, by its id. */
  readonly streams: ReadonlyMap<number, StreamScript>;
}

/**
 * Writes a script as bytes, without {@link OPENING}. Streams get their ids in the order in which they begin.
 *
 * @param path - of every request
 * @param firstStream - the first id; odd
 */
export function renderScript({ streams, order }: ConnectionScript, path: string, firstStream = 1): RenderedScript {
  const block = requestHeaders(path);
  const frames: Buffer[] = [];
  const ids = new Map<number, StreamScript>();
  const left: (StreamScript | Buffer[])[] = [...streams];
  let nextStream = firstStream;
  for (let turn = 0; left.length > 0; turn += 1) {
    const choice = order[turn % order.length] ?? 0;
    if (typeof choice === 'string') {
      if (nextStream > firstStream) frames.push(noiseFrame(choice, nextStream - 2));
      continue;
    }
    const index = choice % left.length;
    let rest = left[index] ?? [];
    if (!Array.isArray(rest)) {
      const script = rest as StreamScript;
      ids.set(nextStream, script);
      rest = streamFrames(script, block, nextStream);
      left[index] = rest;
      nextStream += 2;
    }
    const next = (rest as Buffer[]).shift();
    if (next === undefined) left.splice(index, 1);
    else frames.push(next);
  }
  return { bytes: Buffer.concat(frames), streams: ids };
}

/** More pieces of small sizes take long and show nothing new. */
const MAX_SMALL_PIECES = 300;
const LARGE_PIECE_BYTES = 32_768;

/** Cuts bytes into pieces of the sizes given, over and over. */
export function* piecesOf(bytes: Buffer, sizes: readonly number[]): Generator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = turn < MAX_SMALL_PIECES ? (sizes[turn % sizes.length] ?? 1) : LARGE_PIECE_BYTES;
    yield bytes.subarray(at, at + size);
    at += size;
  }
}

const padding = fc.option(fc.nat({ max: 255 }), { nil: undefined, freq: 2 });

const wrapping: fc.Arbitrary<Wrapping> = fc.record({
  bytes: fc.oneof(
    fc.integer({ min: 1, max: 300 }),
    // What remains of a frame when it is padded as much as it can be.
    fc.constantFrom(MAX_FRAME_BYTES - 256, 5, 9_000),
  ),
  padding,
  empty: fc.constantFrom(0, 0, 0, 1, 2),
});

const noise = fc.constantFrom<Noise>('ping', 'priority', 'settings', 'unknown', 'window');

/** Scripts whose streams carry messages of `message`. Each stream stays within the window that it begins with. */
export function connectionScript(message: fc.Arbitrary<Uint8Array>): fc.Arbitrary<ConnectionScript> {
  const stream: fc.Arbitrary<StreamScript> = fc.record({
    messages: fc.array(message, { maxLength: 4 }),
    end: fc.constantFrom<StreamEnd>(
      'last frame',
      'last frame',
      'empty frame',
      'trailers',
      'inside a message',
      'reset',
      'not at all',
    ),
    wrappings: fc.array(wrapping, { minLength: 1, maxLength: 4 }),
    headerCuts: fc.array(fc.integer({ min: 1, max: 200 }), { maxLength: 3 }),
    headerPadding: padding,
    priority: fc.boolean(),
  });
  return fc.record({
    streams: fc.array(stream, { minLength: 1, maxLength: 4 }),
    order: fc
      .array(fc.oneof({ weight: 4, arbitrary: fc.nat({ max: 3 }) }, { weight: 1, arbitrary: noise }), { maxLength: 12 })
      .map((turns) => [0, ...turns]),
  });
}
