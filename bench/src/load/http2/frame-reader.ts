// Takes HTTP/2 frames out of a byte stream that is cut anywhere. The payload of DATA is handed on as it arrives, so that a
// message's first byte is seen when it is here; other frames are handed on when they are complete.
import { FLAG, FRAME, HEAD_BYTES } from './frame-format.ts';

/** Told what arrives. */
export interface FrameListener {
  /** A piece of a DATA frame; `last` with the last one of a frame that ends the stream. */
  onData(streamId: number, piece: Buffer, last: boolean): void;
  onFrame(type: number, flags: number, streamId: number, payload: Buffer): void;
}

/** Makes a reader. It throws RangeError on padded DATA, which no server here sends. */
export function createFrameReader(listener: FrameListener): (piece: Buffer) => void {
  let rest: Buffer | undefined;
  /** Of the DATA frame that is under way. */
  let dataLeft = 0;
  let dataStream = 0;
  let dataEnds = false;

  function takeData(bytes: Buffer): Buffer {
    const piece = bytes.subarray(0, dataLeft);
    dataLeft -= piece.length;
    listener.onData(dataStream, piece, dataEnds && dataLeft === 0);
    return bytes.subarray(piece.length);
  }

  return (arrived) => {
    let bytes = rest === undefined ? arrived : Buffer.concat([rest, arrived]);
    rest = undefined;
    if (dataLeft > 0) bytes = takeData(bytes);
    while (bytes.length >= HEAD_BYTES) {
      const length = bytes.readUIntBE(0, 3);
      const type = bytes[3] ?? 0;
      const flags = bytes[4] ?? 0;
      const streamId = bytes.readUInt32BE(5) & 0x7fffffff;
      if (type === FRAME.data) {
        if (flags & FLAG.padded) throw new RangeError('Padded DATA is not expected.');
        dataStream = streamId;
        dataLeft = length;
        dataEnds = (flags & FLAG.endStream) !== 0;
        bytes = takeData(bytes.subarray(HEAD_BYTES));
      } else {
        if (bytes.length < HEAD_BYTES + length) break;
        listener.onFrame(type, flags, streamId, bytes.subarray(HEAD_BYTES, HEAD_BYTES + length));
        bytes = bytes.subarray(HEAD_BYTES + length);
      }
    }
    // A copy, since the piece is the socket's.
    if (bytes.length > 0) rest = Buffer.from(bytes);
  };
}
