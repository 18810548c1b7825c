import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createEnvelopeReader, envelope } from '../src/grpc-envelope.ts';

describe('createEnvelopeReader', () => {
  it('gives back every message, wherever the stream is cut', () => {
    const messages = fc.array(fc.uint8Array({ maxLength: 40 }), { maxLength: 8 });
    fc.assert(
      fc.property(messages, fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }), (sent, cuts) => {
        const stream = Buffer.concat(sent.map(envelope));
        const received: number[][] = [];
        const reader = createEnvelopeReader((message) => received.push([...message]));
        for (let offset = 0, cut = 0; offset < stream.length; cut++) {
          const size = cuts[cut % cuts.length] ?? 1;
          reader.push(stream.subarray(offset, offset + size), 0);
          offset += size;
        }
        expect(received).toEqual(sent.map((message) => [...message]));
      }),
    );
  });

  it('times a message by its first byte', () => {
    const times: number[] = [];
    const reader = createEnvelopeReader((_, firstByteAt) => times.push(firstByteAt));
    const stream = Buffer.concat([
      envelope(Buffer.from('one')),
      envelope(Buffer.from('two')),
      envelope(Buffer.from('three')),
    ]);
    reader.push(stream.subarray(0, 3), 10);
    reader.push(stream.subarray(3, 12), 20);
    reader.push(stream.subarray(12), 30);
    expect(times).toEqual([10, 20, 30]);
  });
});
