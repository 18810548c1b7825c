// Memory that is given back before the next collection, which for a server of calls may be seconds away.

/** Smaller pieces are not worth it. */
const LEAST_BYTES = 1024;

/** Gives back the memory of what is not looked at again, where nothing else lies in it. */
export function release({ buffer, byteLength }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer && buffer.byteLength === byteLength) buffer.transfer(0);
}

/** The same of a copy that was made to be sent, once it was. */
export function releaseCopy(bytes: Uint8Array): void {
  if (bytes.length >= LEAST_BYTES) release(bytes);
}
