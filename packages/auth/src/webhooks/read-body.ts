// Reads a request's body whole, within a size and a time.

/** The bytes, or why there are none. */
export async function readBody(
  request: Request,
  maxBytes: number,
  timeoutMs: number,
): Promise<Uint8Array | 'too_large' | 'incomplete'> {
  if (Number(request.headers.get('content-length') ?? 0) > maxBytes) return 'too_large';
  if (request.body === null) return new Uint8Array();
  const reader = request.body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  let late = false;
  const timer = setTimeout(() => {
    late = true;
    void reader.cancel().catch(() => {});
  }, timeoutMs);
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      bytes += value.byteLength;
      if (bytes > maxBytes) {
        await reader.cancel().catch(() => {});
        return 'too_large';
      }
      chunks.push(value);
    }
  } catch {
    return 'incomplete';
  } finally {
    clearTimeout(timer);
  }
  // A cancelled reader ends as if the body were whole.
  return late ? 'incomplete' : Buffer.concat(chunks);
}
