// Bytes of a program as nothing but bytes.
import { expect, it } from 'vitest';
import { plainBytes } from './plain-bytes.ts';

const fail = (): never => {
  throw new Error('boom');
};

it('gives a view of the same memory', () => {
  const whole = Uint8Array.of(1, 2, 3, 4);
  const view = plainBytes(Buffer.from(whole.buffer, 1, 2));
  expect(view).toEqual(Uint8Array.of(2, 3));
  whole[1] = 9;
  expect(view?.[0]).toBe(9);
});

it('reads past the members of a subclass, and of the object itself', () => {
  class Odd extends Uint8Array {
    override get length(): number {
      return fail();
    }
  }
  expect(plainBytes(new Odd([1, 2]))).toEqual(Uint8Array.of(1, 2));
  const own = Uint8Array.of(1, 2);
  for (const name of ['length', 'buffer', 'byteOffset', 'byteLength']) Object.defineProperty(own, name, { get: fail });
  expect(plainBytes(own)).toEqual(Uint8Array.of(1, 2));
});

it('copies what is shared, and what could shrink', () => {
  const shared = new Uint8Array(new SharedArrayBuffer(2));
  const resizable = new ArrayBuffer(2, { maxByteLength: 4 });
  const copies = [plainBytes(shared), plainBytes(new Uint8Array(resizable))];
  shared.fill(7);
  resizable.resize(0);
  expect(copies).toEqual([new Uint8Array(2), new Uint8Array(2)]);
});

it('gives nothing for what is none, and for what was transferred away', () => {
  const gone = Uint8Array.of(1, 2);
  structuredClone(gone.buffer, { transfer: [gone.buffer] });
  const none = [
    gone,
    undefined,
    null,
    'bytes',
    [1, 2],
    new Int16Array(2),
    new ArrayBuffer(2),
    new DataView(new ArrayBuffer(2)),
    Object.create(Uint8Array.prototype),
    new Proxy(Uint8Array.of(1), {}),
  ];
  for (const value of none) expect(plainBytes(value)).toBeUndefined();
});
