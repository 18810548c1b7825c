// Puts frames one behind the other into a buffer and writes it to the socket in one piece, when the piece of work that
// made them is over: the frames of many calls are one system call.
import type { Duplex } from 'node:stream';
import { HEAD_BYTES } from './frame-format.ts';

const BUFFER_BYTES = 128 * 1024;

/** Writes frames. */
export interface FrameWriter {
  /**
   * Appends a frame with room for its payload, at most half of {@link BUFFER_BYTES}, and returns where in `bytes` that room
   * is. It must be filled before anything else is appended.
   */
  append(type: number, flags: number, streamId: number, length: number): number;
  /** The buffer that is being filled. */
  readonly bytes: Buffer;
}

/** Makes the writer of a connection. */
export function createFrameWriter(socket: Duplex): FrameWriter {
  const spare: Buffer[] = [];
  let bytes: Buffer = Buffer.allocUnsafe(BUFFER_BYTES);
  let used = 0;
  let scheduled = false;

  function flush(): void {
    scheduled = false;
    if (used === 0) return;
    const full = bytes;
    const piece = full.subarray(0, used);
    bytes = spare.pop() ?? Buffer.allocUnsafe(BUFFER_BYTES);
    used = 0;
    if (socket.writable) socket.write(piece, () => spare.push(full));
  }

  return {
    get bytes() {
      return bytes;
    },
    append(type, flags, streamId, length) {
      if (used + HEAD_BYTES + length > BUFFER_BYTES) flush();
      if (!scheduled) {
        scheduled = true;
        queueMicrotask(flush);
      }
      // Written byte by byte: this is done for every frame of every call.
      bytes[used] = length >>> 16;
      bytes[used + 1] = length >>> 8;
      bytes[used + 2] = length;
      bytes[used + 3] = type;
      bytes[used + 4] = flags;
      bytes[used + 5] = streamId >>> 24;
      bytes[used + 6] = streamId >>> 16;
      bytes[used + 7] = streamId >>> 8;
      bytes[used + 8] = streamId;
      const room = used + HEAD_BYTES;
      used = room + length;
      return room;
    },
  };
}
