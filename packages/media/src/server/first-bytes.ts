// Which protocol a connection in clear text speaks, by its first bytes.

/** The start of the HTTP/2 preface, "PRI * HTTP/2.0". No HTTP/1.1 method begins so. */
const PREFACE_START = Buffer.from('PRI');

/** Tells HTTP/2 from HTTP/1.1; undefined while the bytes so far could be either. */
export function protocolOf(firstBytes: Uint8Array): 'http2' | 'http1' | undefined {
  const length = Math.min(firstBytes.length, PREFACE_START.length);
  if (PREFACE_START.compare(firstBytes, 0, length, 0, length) !== 0) return 'http1';
  return length === PREFACE_START.length ? 'http2' : undefined;
}
