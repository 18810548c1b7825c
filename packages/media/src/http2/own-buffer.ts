// Sockets that read into one buffer. Node makes each piece that it reads a buffer of its own, which stays until the next
// collection: for a server of calls tens of megabytes, at whose sight the engine collects all that it has.
import { Socket } from 'node:net';
import { TLSSocket } from 'node:tls';

/** Enough for what the calls of a connection send within a few milliseconds; what is more is read in further pieces. */
const BUFFER_BYTES = 32_768;

/** What Node does not document, and what it takes to hand a connection from one socket to another. */
interface HandledSocket extends Socket {
  _handle?: object | null;
}

/** Takes what was read: the first `length` of the bytes, until it returns. False: nothing more is read until `resume`. */
export type TakeBytes = (bytes: Uint8Array, length: number) => boolean;

/**
 * Hands a connection on to a socket that reads into a buffer of its own. The socket that had it is over when the new one is,
 * and the other way round.
 *
 * @param socket - a connection of which all that was read was taken
 * @param take - takes what is read
 * @returns the new socket; undefined where that cannot be done: over TLS, and where this is not the Node that we know
 */
export function readIntoBuffer(socket: Socket, take: TakeBytes): Socket | undefined {
  const given = socket as HandledSocket;
  const handle = given._handle;
  if (socket instanceof TLSSocket || typeof handle !== 'object' || handle === null) return undefined;
  if (!('useUserBuffer' in handle)) return undefined;
  const options = {
    handle,
    onread: {
      // Of its own: not in the pool that small buffers share.
      buffer: Buffer.allocUnsafeSlow(BUFFER_BYTES),
      callback: (length: number, bytes: Uint8Array) => take(bytes, length),
    },
  };
  const own = new Socket(options as ConstructorParameters<typeof Socket>[0]);
  given._handle = null;
  own.on('error', (error) => given.destroy(error));
  own.once('close', () => given.destroy());
  given.once('close', () => own.destroy());
  return own;
}
