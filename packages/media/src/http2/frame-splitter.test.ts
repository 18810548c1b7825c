// The splitter over any frames, cut anywhere and read into one buffer: DATA of tapped streams comes out whole and in order, and the
// rest is passed on as a reader of HTTP/2 would have had it without the tap.
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FrameSplitter } from './frame-splitter.ts';
import { MAX_PAYLOAD_BYTES, paddedHead } from './frames.ts';

const PREFACE = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n');
const TAPPED = [1, 5];
const END_STREAM = 1;
const END_HEADERS = 4;
const PADDED = 8;

interface Frame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  readonly payload: Buffer;
}

function bytesOf({ type, flags, stream, payload }: Frame): Buffer {
  const head = Buffer.alloc(9);
  head.writeUIntBE(payload.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, payload]);
}

function padded(data: Buffer, padding: number): Buffer {
  return Buffer.concat([Buffer.of(padding), data, Buffer.alloc(padding)]);
}

/** Where every read goes, as in own-buffer.ts. Behind what was read lies what earlier reads have left. */
const buffer = Buffer.alloc(65_536);
const LEFT_BEHIND_BYTES = 32;

/** Pushes one read, and writes over it afterwards. */
function read(splitter: FrameSplitter, bytes: Uint8Array): void {
  const end = bytes.length;
  // What looks like the rest of a head: one more stream, another length.
  buffer.fill(7, end, end + LEFT_BEHIND_BYTES);
  buffer.set(bytes);
  splitter.push(buffer, end);
  buffer.fill(0xdd, 0, end);
}

/** Feeds a splitter with reads of the sizes given, over and over. */
function split(frames: readonly Frame[], sizes: readonly number[], tapped: readonly number[] = TAPPED) {
  const data = new Map<number, Buffer[]>(tapped.map((stream) => [stream, []]));
  const open = new Set(tapped);
  const passed: Buffer[] = [];
  const ended: number[] = [];
  let taken = 0;
  const splitter = new FrameSplitter({
    sinkOf: (stream) =>
      open.has(stream)
        ? {
            owedBytes: 0,
            behind: false,
            onData: (bytes, start, end) => void data.get(stream)?.push(Buffer.from(bytes.subarray(start, end))),
          }
        : undefined,
    onTaken: (_stream, _sink, bytes) => {
      taken += bytes;
    },
    onEnd: (stream) => {
      ended.push(stream);
      open.delete(stream);
    },
    pass: (bytes) => void passed.push(Buffer.from(bytes)),
  });
  const all = Buffer.concat([PREFACE, ...frames.map(bytesOf)]);
  for (let at = 0, turn = 0; at < all.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    read(splitter, all.subarray(at, at + size));
    at += size;
  }
  const dataOf = (stream: number) => Buffer.concat(data.get(stream) ?? []);
  return { dataOf, passed: Buffer.concat(passed), ended, taken, frames: splitter.taken };
}

/** What is to come of frames: the same reckoned frame by frame. */
function expected(frames: readonly Frame[]) {
  const data = new Map<number, Buffer[]>(TAPPED.map((stream) => [stream, []]));
  const open = new Set(TAPPED);
  const passed: Buffer[] = [PREFACE];
  let taken = 0;
  let inHeaders = false;
  for (const frame of frames) {
    const { type, flags, stream, payload } = frame;
    if (type === 1 || type === 9) inHeaders = (flags & END_HEADERS) === 0;
    if (type !== 0 || !open.has(stream) || payload.length === 0 || payload.length > MAX_PAYLOAD_BYTES || inHeaders) {
      passed.push(bytesOf(frame));
      continue;
    }
    taken += payload.length;
    const padding = (flags & PADDED) === 0 ? -1 : (payload[0] ?? 0);
    data.get(stream)?.push(padding < 0 ? payload : payload.subarray(1, payload.length - padding));
    if ((flags & END_STREAM) === 0) continue;
    open.delete(stream);
    passed.push(bytesOf({ type: 0, flags: END_STREAM, stream, payload: Buffer.alloc(0) }));
  }
  return { data, passed: Buffer.concat(passed), taken };
}

const payload = fc.oneof(
  { weight: 20, arbitrary: fc.uint8Array({ maxLength: 60 }).map((bytes) => Buffer.from(bytes)) },
  // Larger than most reads, and than a frame may be.
  { weight: 1, arbitrary: fc.constantFrom(1447, 16_383, 16_384, 16_385, 40_000).map((size) => Buffer.alloc(size, 5)) },
);
const readBytes = fc.oneof(
  { weight: 4, arbitrary: fc.integer({ min: 1, max: 80 }) },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 65_000 }) },
);
const stream = fc.constantFrom(0, 1, 3, 5, 7);
const anyFrame = fc.oneof(
  fc.record({ type: fc.constant(0), flags: fc.constantFrom(0, 0, 0, END_STREAM), stream, payload }),
  fc.record({
    type: fc.constant(0),
    flags: fc.constantFrom(PADDED, PADDED | END_STREAM),
    stream,
    payload: fc
      .tuple(fc.uint8Array({ maxLength: 60 }), fc.nat({ max: 255 }))
      .map(([data, padding]) => padded(Buffer.from(data), padding)),
  }),
  fc.record({ type: fc.constantFrom(1, 9), flags: fc.constantFrom(0, END_HEADERS, END_HEADERS), stream, payload }),
  fc.record({ type: fc.constantFrom(2, 3, 4, 6, 7, 8, 0x20), flags: fc.nat({ max: 255 }), stream, payload }),
);

describe('a splitter', () => {
  it('takes out the data of tapped streams and nothing else, however all is cut', () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { maxLength: 30 }),
        fc.array(readBytes, { minLength: 1, maxLength: 8 }),
        (frames, sizes) => {
          const is = split(frames, sizes);
          const wanted = expected(frames);
          for (const one of TAPPED) expect(is.dataOf(one)).toEqual(Buffer.concat(wanted.data.get(one) ?? []));
          expect(is.passed).toEqual(wanted.passed);
          expect(is.taken).toBe(wanted.taken);
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('comes to the same wherever one cut lies', () => {
    const frame = (type: number, flags: number, stream: number, text: string): Frame => ({
      type,
      flags,
      stream,
      payload: Buffer.from(text),
    });
    const frames: readonly Frame[] = [
      frame(4, 0, 0, ''),
      frame(1, 0, 1, 'headers'),
      frame(9, 0, 1, 'go on'),
      frame(9, END_HEADERS, 1, ''),
      frame(0, 0, 1, 'one'),
      frame(0, 0, 1, ''),
      { ...frame(0, PADDED, 1, ''), payload: padded(Buffer.from('two'), 5) },
      { ...frame(0, PADDED, 1, ''), payload: padded(Buffer.alloc(0), 0) },
      frame(6, 0, 0, 'pingping'),
      frame(0, 0, 3, 'not tapped'),
      frame(0, END_STREAM, 1, 'three'),
      { ...frame(0, PADDED | END_STREAM, 5, ''), payload: padded(Buffer.from('four'), 2) },
      frame(3, 0, 7, 'gone'),
    ];
    const wanted = expected(frames);
    const total = PREFACE.length + frames.reduce((sum, one) => sum + bytesOf(one).length, 0);
    for (let cut = 1; cut < total; cut += 1) {
      const is = split(frames, [cut, total]);
      for (const one of TAPPED)
        expect(is.dataOf(one), `cut at ${cut}`).toEqual(Buffer.concat(wanted.data.get(one) ?? []));
      expect(is.passed, `cut at ${cut}`).toEqual(wanted.passed);
      expect(is.ended).toEqual([1, 5]);
    }
  });

  it('hands on data behind what could not be taken', () => {
    const order: string[] = [];
    let reading = true;
    const splitter = new FrameSplitter({
      sinkOf: () =>
        reading
          ? { owedBytes: 0, behind: false, onData: (_bytes, start, end) => void order.push(`taken ${end - start}`) }
          : undefined,
      onTaken: () => {},
      onEnd: () => {},
      pass: (bytes) => {
        order.push(`passed ${bytes.length}`);
        reading = false;
      },
    });
    const data: Frame = { type: 0, flags: 0, stream: 1, payload: Buffer.alloc(10) };
    const ping: Frame = { type: 6, flags: 0, stream: 0, payload: Buffer.alloc(8) };
    splitter.push(PREFACE);
    reading = true;
    splitter.push(Buffer.concat([data, ping, data].map(bytesOf)));
    expect(order).toEqual(['passed 24', 'taken 10', 'passed 17', 'passed 19']);
  });

  it('hands on what is padded beyond its payload, for whoever ends the connection', () => {
    const broken: Frame = { type: 0, flags: PADDED, stream: 1, payload: Buffer.of(9, 1, 2, 3) };
    for (const size of [1, 5, 100]) {
      const { passed, dataOf } = split([broken], [size]);
      expect(passed).toEqual(Buffer.concat([PREFACE, bytesOf(broken)]));
      expect(dataOf(1)).toHaveLength(0);
    }
    expect(paddedHead(1, 4, true, 9)).toEqual(bytesOf({ ...broken, flags: PADDED | END_STREAM }).subarray(0, 10));
  });

  it('hands on frames that are larger than may be', () => {
    const large: Frame = { type: 0, flags: 0, stream: 1, payload: Buffer.alloc(16_385, 7) };
    const largest: Frame = { ...large, payload: Buffer.alloc(16_384, 7) };
    const { passed, dataOf, frames } = split([large, largest], [1000]);
    expect(passed).toEqual(Buffer.concat([PREFACE, bytesOf(large)]));
    expect(dataOf(1)).toEqual(largest.payload);
    expect(frames).toBe(1);
  });

  it('hands on what comes as it came, in one piece', () => {
    const pieces: Uint8Array[] = [];
    const splitter = new FrameSplitter({
      sinkOf: () => undefined,
      onTaken: () => {},
      onEnd: () => {},
      pass: (bytes) => void pieces.push(bytes),
    });
    const frames = [1, 3, 5].map((one) => bytesOf({ type: 0, flags: 0, stream: one, payload: Buffer.alloc(100) }));
    const all = Buffer.concat([PREFACE, ...frames]);
    splitter.push(all);
    expect(pieces).toHaveLength(1);
    expect(pieces[0]).toBe(all);
  });
});
