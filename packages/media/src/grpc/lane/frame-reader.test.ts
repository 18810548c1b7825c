// The framing of gRPC, from pieces that are cut anywhere.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DecompressionAllowance } from './decompression-allowance.ts';
import { createFrameReader, HEAD_BYTES, isOneMessage } from './frame-reader.ts';

const MAX_BYTES = 300;

function framed(message: Uint8Array): Uint8Array {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

it('gives the same messages however they are cut, with or without a reader for those that come alone', () => {
  const message = fc.uint8Array({ maxLength: MAX_BYTES });
  const sizes = fc.array(fc.integer({ min: 1, max: 400 }), { minLength: 1 });
  fc.assert(
    fc.property(fc.array(message, { maxLength: 8 }), sizes, fc.boolean(), (messages, cuts, apart) => {
      const read: Buffer[] = [];
      const sink = {
        onMessage: (bytes: Uint8Array, start: number, end: number) =>
          void read.push(Buffer.from(bytes.subarray(start, end))),
      };
      const reader = createFrameReader(sink, MAX_BYTES, 'identity', new DecompressionAllowance(0));
      const take = (piece: Uint8Array): void => {
        // In the middle of something else.
        const around = Buffer.concat([Buffer.alloc(3, 0xff), piece, Buffer.alloc(3, 0xff)]);
        const end = 3 + piece.length;
        if (!reader.cut && isOneMessage(around, 3, end, MAX_BYTES)) sink.onMessage(around, 3 + HEAD_BYTES, end);
        else reader.push(around, 3, end);
      };
      const stream = Buffer.concat(messages.map(framed));
      if (apart) for (const one of messages) take(framed(one));
      else {
        for (let at = 0, cut = 0; at < stream.length; cut += 1) {
          const size = cuts[cut % cuts.length] ?? 1;
          take(stream.subarray(at, at + size));
          at += size;
        }
      }
      expect(read).toEqual(messages.map((bytes) => Buffer.from(bytes)));
      expect(reader.cut).toBe(false);
    }),
  );
});

it.each([
  ['one message', framed(new Uint8Array(20)), true],
  ['an empty one', framed(new Uint8Array(0)), true],
  ['nothing', new Uint8Array(0), false],
  ['the head of one', framed(new Uint8Array(20)).subarray(0, HEAD_BYTES), false],
  ['one that is cut', framed(new Uint8Array(20)).subarray(0, 24), false],
  ['two', Buffer.concat([framed(new Uint8Array(2)), framed(new Uint8Array(2))]), false],
  ['one that is packed', Buffer.concat([Buffer.of(1), framed(new Uint8Array(20)).subarray(1)]), false],
  ['one that is too large', framed(new Uint8Array(MAX_BYTES + 1)), false],
])('knows one message when it sees it: %s', (_title, piece, expected) => {
  expect(isOneMessage(piece, 0, piece.length, MAX_BYTES)).toBe(expected);
});
