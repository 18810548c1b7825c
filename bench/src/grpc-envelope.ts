// gRPC's framing of messages: one byte of flags, four bytes of length, the message.

/** Bytes before each message. */
export const PREFIX_BYTES = 5;

/** Puts gRPC's prefix before a message. */
export function envelope(message: Uint8Array): Buffer {
  const framed = Buffer.allocUnsafe(PREFIX_BYTES + message.length);
  framed[0] = 0;
  framed.writeUInt32BE(message.length, 1);
  framed.set(message, PREFIX_BYTES);
  return framed;
}

/** Takes messages out of a byte stream that is cut anywhere. */
export interface EnvelopeReader {
  /** Hands on every message that is complete with this piece, which arrived at `at`, in ms. */
  push(piece: Buffer, at: number): void;
}

/**
 * Makes a reader for one direction of one RPC. `onMessage` gets each message and the time of its first byte. Compressed
 * messages are not expected in a run.
 */
export function createEnvelopeReader(onMessage: (message: Buffer, firstByteAt: number) => void): EnvelopeReader {
  let rest: Buffer | undefined;
  let restSince = 0;
  return {
    push(piece, at) {
      let firstByteAt = rest === undefined ? at : restSince;
      let bytes = rest === undefined ? piece : Buffer.concat([rest, piece]);
      while (bytes.length >= PREFIX_BYTES) {
        const end = PREFIX_BYTES + bytes.readUInt32BE(1);
        if (bytes.length < end) break;
        onMessage(bytes.subarray(PREFIX_BYTES, end), firstByteAt);
        bytes = bytes.subarray(end);
        firstByteAt = at;
      }
      rest = bytes.length > 0 ? bytes : undefined;
      restSince = firstByteAt;
    },
  };
}
