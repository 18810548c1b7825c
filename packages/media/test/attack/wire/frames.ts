// HTTP/2 frames written and read by hand (RFC 9113, section 4): a library would refuse to send most of what an attack sends.

/** Types of frames. */
export const FRAME = {
  data: 0,
  headers: 1,
  priority: 2,
  rstStream: 3,
  settings: 4,
  pushPromise: 5,
  ping: 6,
  goAway: 7,
  windowUpdate: 8,
  continuation: 9,
} as const;

/** Flags of frames; END_STREAM and ACK have the same bit. */
export const FLAG = { endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 } as const;

/** The bytes of a frame before its payload. */
export const FRAME_HEAD_BYTES = 9;

/** What a client sends before its first frame. */
export const PREFACE: Buffer = Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', 'latin1');

const EMPTY = Buffer.alloc(0);

/** A frame to be written. */
export interface FrameParts {
  readonly type: number;
  readonly flags?: number;
  readonly stream: number;
  readonly payload?: Uint8Array;
  /** The length that the head declares, where it is not that of the payload. */
  readonly declaredBytes?: number;
}

/** Writes a frame. */
export function frame({ type, flags = 0, stream, payload = EMPTY, declaredBytes }: FrameParts): Buffer {
  const bytes = Buffer.allocUnsafe(FRAME_HEAD_BYTES + payload.length);
  bytes.writeUIntBE((declaredBytes ?? payload.length) & 0xff_ffff, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.writeUInt32BE(stream >>> 0, 5);
  bytes.set(payload, FRAME_HEAD_BYTES);
  return bytes;
}

/** Writes a number of 32 bits, the payload of RST_STREAM and WINDOW_UPDATE. */
export function uint32(value: number): Buffer {
  const bytes = Buffer.allocUnsafe(4);
  bytes.writeUInt32BE(value >>> 0);
  return bytes;
}

/** Writes the payload of SETTINGS. */
export function settingsPayload(settings: readonly (readonly [id: number, value: number])[]): Buffer {
  const bytes = Buffer.allocUnsafe(settings.length * 6);
  settings.forEach(([id, value], index) => {
    bytes.writeUInt16BE(id, index * 6);
    bytes.writeUInt32BE(value >>> 0, index * 6 + 2);
  });
  return bytes;
}

/** A frame that was read. */
export interface ReadFrame {
  readonly type: number;
  readonly flags: number;
  readonly stream: number;
  /** Valid until the listener returns. */
  readonly payload: Buffer;
}

/** Cuts what a server sends into frames. */
export class FrameScanner {
  readonly #onFrame: (frame: ReadFrame) => void;
  #rest: Buffer = EMPTY;

  constructor(onFrame: (frame: ReadFrame) => void) {
    this.#onFrame = onFrame;
  }

  push(piece: Buffer): void {
    const bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    let at = 0;
    while (bytes.length - at >= FRAME_HEAD_BYTES) {
      const end = at + FRAME_HEAD_BYTES + bytes.readUIntBE(at, 3);
      if (end > bytes.length) break;
      this.#onFrame({
        type: bytes.readUInt8(at + 3),
        flags: bytes.readUInt8(at + 4),
        stream: bytes.readUInt32BE(at + 5) & 0x7fff_ffff,
        payload: bytes.subarray(at + FRAME_HEAD_BYTES, end),
      });
      at = end;
    }
    this.#rest = bytes.subarray(at);
  }
}
