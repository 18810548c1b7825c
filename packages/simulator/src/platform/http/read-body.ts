// Reads the body of a request, up to a limit. What goes beyond is read and thrown away up to a second limit, so that a
// client that sends first and listens afterwards gets to see the refusal instead of a broken connection.
import type { IncomingMessage } from 'node:http';

const MAX_BYTES = 1024 * 1024;
const MAX_IGNORED_BYTES = 16 * MAX_BYTES;

/** The body; `too_large`; or `gone` when the connection ended before the body did. */
export type ReadBody = Uint8Array | 'too_large' | 'gone';

/** Reads the body. Never rejects. */
export async function readBody(message: IncomingMessage): Promise<ReadBody> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  try {
    for await (const chunk of message as AsyncIterable<Buffer>) {
      bytes += chunk.byteLength;
      if (bytes <= MAX_BYTES) chunks.push(chunk);
      else if (bytes > MAX_IGNORED_BYTES) break;
    }
  } catch {
    return 'gone';
  }
  return bytes > MAX_BYTES ? 'too_large' : Buffer.concat(chunks);
}
