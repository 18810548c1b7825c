// HTTP/2's frames (RFC 9113, sections 4.1, 6 and 7), as far as a caller needs them.

/** What opens a connection. */
export const PREFACE = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

/** Length, type, flags and stream of a frame. */
export const HEAD_BYTES = 9;

/** What a stream and a connection may hold on the way unless a setting says otherwise. */
export const DEFAULT_WINDOW = 65_535;

export const FRAME = Object.freeze({
  data: 0,
  headers: 1,
  rstStream: 3,
  settings: 4,
  ping: 6,
  goaway: 7,
  windowUpdate: 8,
  continuation: 9,
});

export const FLAG = Object.freeze({ endStream: 0x1, ack: 0x1, endHeaders: 0x4, padded: 0x8, priority: 0x20 });

export const SETTING = Object.freeze({ tableBytes: 1, enablePush: 2, maxStreams: 3, initialWindow: 4 });

/** The reason of a reset by a caller who does not want the answer any more. */
export const CANCEL = 8;
