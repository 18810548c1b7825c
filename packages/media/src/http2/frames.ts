// The little of HTTP/2's framing (RFC 9113, 4.1 and 6) that is needed to tell one frame from the next.

/** Length, type, flags and stream before each payload. */
export const FRAME_HEAD_BYTES = 9;

/** What a client says before its first frame: `PRI * HTTP/2.0` and what follows. */
export const PREFACE_BYTES = 24;

/** The largest payload that we take; the default of SETTINGS_MAX_FRAME_SIZE, which Node does not raise. */
export const MAX_PAYLOAD_BYTES = 16_384;

export const FRAME_DATA = 0;
export const FRAME_HEADERS = 1;
const FRAME_WINDOW_UPDATE = 8;
export const FRAME_CONTINUATION = 9;

export const FLAG_END_STREAM = 0x1;
export const FLAG_END_HEADERS = 0x4;
export const FLAG_PADDED = 0x8;

const WINDOW_UPDATE_BYTES = FRAME_HEAD_BYTES + 4;

/** The length of a payload, from a head that begins at `at`. */
export function payloadBytes(bytes: Uint8Array, at: number): number {
  return ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
}

/** The stream of a frame, without the reserved bit. */
export function streamOf(bytes: Uint8Array, at: number): number {
  return (
    (((bytes[at + 5] ?? 0) & 0x7f) << 24) |
    ((bytes[at + 6] ?? 0) << 16) |
    ((bytes[at + 7] ?? 0) << 8) |
    (bytes[at + 8] ?? 0)
  );
}

/** A frame of no data that ends the client's side of a stream. */
export function endOfStream(stream: number): Buffer {
  const frame = Buffer.alloc(FRAME_HEAD_BYTES);
  frame[4] = FLAG_END_STREAM;
  frame.writeUInt32BE(stream, 5);
  return frame;
}

/** Lets a client send so many bytes more, on a stream or, with 0, on the connection. */
export function windowUpdate(stream: number, bytes: number): Buffer {
  const frame = Buffer.alloc(WINDOW_UPDATE_BYTES);
  frame[2] = 4;
  frame[3] = FRAME_WINDOW_UPDATE;
  frame.writeUInt32BE(stream, 5);
  frame.writeUInt32BE(bytes, FRAME_HEAD_BYTES);
  return frame;
}

/** The head of a frame of padded data, and the byte behind it that tells how much of its payload is padding. */
export function paddedHead(stream: number, bytes: number, endsStream: boolean, padding: number): Buffer {
  const frame = Buffer.alloc(FRAME_HEAD_BYTES + 1);
  frame.writeUIntBE(bytes, 0, 3);
  frame[4] = FLAG_PADDED | (endsStream ? FLAG_END_STREAM : 0);
  frame.writeUInt32BE(stream, 5);
  frame[FRAME_HEAD_BYTES] = padding;
  return frame;
}
