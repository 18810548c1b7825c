// What keys are fetched by, seen structurally: no type of a client library is part of this package's surface.

/** What keys are fetched by; the global `fetch` is one. The body is read piece by piece, so that its size has a bound. */
export type FetchLike = (
  url: string,
  init: {
    readonly signal: AbortSignal;
    readonly redirect: 'error';
    readonly headers: Readonly<Record<string, string>>;
  },
) => Promise<{
  readonly ok: boolean;
  readonly status: number;
  readonly body: ByteStream | null;
}>;

/** A `ReadableStream` of bytes, as far as it is used. */
export interface ByteStream {
  getReader(): {
    read(): Promise<{ readonly done: boolean; readonly value?: Uint8Array | undefined }>;
    cancel(): Promise<void>;
  };
}

/** The text of a body. @throws Error when it has more than `maxBytes`, decompressed: the rest is not read */
export async function readText(body: ByteStream | null, maxBytes: number): Promise<string> {
  if (body === null) return '';
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return Buffer.concat(chunks).toString('utf8');
    if (value === undefined || value.byteLength === 0) continue;
    bytes += value.byteLength;
    if (bytes > maxBytes) {
      await reader.cancel().catch(() => {});
      throw new Error(`more than ${maxBytes} bytes`);
    }
    chunks.push(value);
  }
}
