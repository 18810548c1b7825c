// Copies of bytes that a program keeps. Node writes to a socket from the memory that it was given: a buffer that the program
// transfers to a worker meanwhile ends the writing of the whole connection, with all its calls.

const copies = new WeakMap<object, Uint8Array>();

/**
 * A copy that nobody else can reach; the same one each time, as long as `bytes` are what they were.
 *
 * @param given - the object that the program gave: what it plays in each call is copied once, and kept as long as it is
 * @param bytes - its bytes, or the part of them that is audio
 */
export function ownBytes(given: object, bytes: Uint8Array): Uint8Array {
  const known = copies.get(given);
  if (known !== undefined && Buffer.compare(known, bytes) === 0) return known;
  const copy = new Uint8Array(bytes);
  copies.set(given, copy);
  return copy;
}
