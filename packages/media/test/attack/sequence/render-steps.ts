// Turns the steps of a sequence into the bytes of an HTTP/2 connection.
import type { Tokens } from '../server/verifying-platform.ts';
import { FLAG, FRAME, frame } from '../wire/frames.ts';
import { type BlockField, headerBlock } from '../wire/hpack.ts';
import type { Step, StreamReference } from './sequence.ts';

/** The largest payload that a server takes which has announced nothing else. */
const MAX_PAYLOAD_BYTES = 16_384;

/** Stands in a field's value for a token, which differs from run to run. */
export const TOKEN_PLACE = /<token:(voice|fork|expired|foreign)>/g;

/** Gives streams their ids, in the order in which they are first used. */
export type StreamIds = (reference: StreamReference) => number;

function withTokens(field: BlockField, tokens: Tokens): BlockField {
  if (!field.value.includes('<token:')) return field;
  return { ...field, value: field.value.replaceAll(TOKEN_PLACE, (_, name: keyof Tokens) => tokens[name]) };
}

function padded(payload: Uint8Array, padding: number | undefined): Uint8Array {
  if (padding === undefined) return payload;
  return Buffer.concat([Buffer.from([padding]), payload, Buffer.alloc(padding)]);
}

function renderHeaders(step: Extract<Step, { do: 'headers' }>, stream: number, tokens: Tokens): Buffer {
  const { fields, endStream, tail, padding, priority = false } = step;
  const written = headerBlock(fields.map((field) => withTokens(field, tokens)));
  const block = tail === undefined ? written : Buffer.concat([written, tail]);
  const needed = Math.ceil((block.length + 300) / MAX_PAYLOAD_BYTES) - 1;
  const continuations = Math.max(step.continuations ?? 0, needed);
  const size = Math.ceil(block.length / (continuations + 1));
  const pieces = Array.from({ length: continuations + 1 }, (_, at) => block.subarray(at * size, (at + 1) * size));
  return Buffer.concat(
    pieces.map((piece, at) => {
      const endHeaders = at === continuations ? FLAG.endHeaders : 0;
      if (at > 0) return frame({ type: FRAME.continuation, flags: endHeaders, stream, payload: piece });
      // Depends on no stream, with the default weight.
      const payload = priority ? Buffer.concat([Buffer.from([0, 0, 0, 0, 15]), piece]) : piece;
      const flags =
        endHeaders |
        (endStream ? FLAG.endStream : 0) |
        (priority ? FLAG.priority : 0) |
        (padding === undefined ? 0 : FLAG.padded);
      return frame({ type: FRAME.headers, flags, stream, payload: padded(payload, padding) });
    }),
  );
}

/** Writes one step; a wait has no bytes. */
export function renderStep(step: Step, idOf: StreamIds, tokens: Tokens): Buffer {
  switch (step.do) {
    case 'headers':
      return renderHeaders(step, idOf(step.stream), tokens);
    case 'data': {
      const flags = (step.endStream ? FLAG.endStream : 0) | (step.padding === undefined ? 0 : FLAG.padded);
      const payload = padded(step.bytes, step.padding);
      return frame({ type: FRAME.data, flags, stream: idOf(step.stream), payload });
    }
    case 'frame': {
      const { type, flags, payload, declaredBytes } = step;
      const stream = idOf(step.stream);
      return frame({ type, flags, stream, payload, ...(declaredBytes === undefined ? {} : { declaredBytes }) });
    }
    case 'bytes':
      return Buffer.from(step.bytes.buffer, step.bytes.byteOffset, step.bytes.length);
    case 'wait':
      return Buffer.alloc(0);
  }
}

/** Cuts bytes into the pieces of separate writes. */
export function cutAt(bytes: Buffer, fractions: readonly number[]): Buffer[] {
  const ends = [...new Set(fractions.map((fraction) => Math.floor(fraction * bytes.length)))];
  ends.sort((a, b) => a - b);
  const pieces: Buffer[] = [];
  let start = 0;
  for (const end of [...ends, bytes.length]) {
    if (end > start) pieces.push(bytes.subarray(start, end));
    start = Math.max(start, end);
  }
  return pieces;
}
