// Bytes that a program hands over, as bytes that are nothing but bytes: no subclass whose `length` throws, no memory that
// shrinks while a socket reads it.
import { types } from 'node:util';

/** What a typed array is in truth, whatever its class or its own members say. */
function intrinsic<Value>(prototype: object, name: string): (of: unknown) => Value {
  const get = Object.getOwnPropertyDescriptor(prototype, name)?.get;
  // The language has these getters, and each gives one type.
  return (of) => get?.call(of) as Value;
}

const TYPED_ARRAY = Object.getPrototypeOf(Uint8Array.prototype) as object;
const bufferOf = intrinsic<ArrayBufferLike>(TYPED_ARRAY, 'buffer');
const offsetOf = intrinsic<number>(TYPED_ARRAY, 'byteOffset');
const lengthOf = intrinsic<number>(TYPED_ARRAY, 'length');
const isDetached = intrinsic<boolean>(ArrayBuffer.prototype, 'detached');
const isResizable = intrinsic<boolean>(ArrayBuffer.prototype, 'resizable');

/**
 * A view of the same bytes; a copy where their memory is shared, or could shrink.
 *
 * @returns undefined for what is no Uint8Array, and for one whose buffer was transferred away
 */
export function plainBytes(value: unknown): Uint8Array | undefined {
  if (!types.isUint8Array(value)) return undefined;
  const buffer = bufferOf(value);
  if (types.isSharedArrayBuffer(buffer)) return new Uint8Array(value);
  if (isDetached(buffer)) return undefined;
  if (isResizable(buffer)) return new Uint8Array(value);
  return new Uint8Array(buffer, offsetOf(value), lengthOf(value));
}
