// WAV files as real and careless programs write them, chunk by chunk.

/** A chunk; `size` is what it says of itself, and an odd body is padded unless `pad` is false. */
export function chunk(id: string, body: Uint8Array, size: number = body.length, pad = true): Buffer {
  const head = Buffer.alloc(8);
  head.write(id, 'latin1');
  head.writeUInt32LE(size, 4);
  return Buffer.concat([head, body, Buffer.alloc(pad ? body.length % 2 : 0)]);
}

/** A `fmt ` chunk. */
export function fmt(tag: number, channels: number, rate: number, bits: number, extra: readonly number[] = []): Buffer {
  const body = Buffer.alloc(16);
  body.writeUInt16LE(tag, 0);
  body.writeUInt16LE(channels, 2);
  body.writeUInt32LE(rate, 4);
  body.writeUInt16LE(bits, 14);
  return chunk('fmt ', Buffer.concat([body, Uint8Array.from(extra)]));
}

/** A `fmt ` chunk of the extensible form: the true tag is at the head of its sub-format. */
export function extensibleFmt(tag: number, channels: number, rate: number, bits: number): Buffer {
  const guid = [tag, 0, 0, 0, 0, 0, 0x10, 0, 0x80, 0, 0, 0xaa, 0, 0x38, 0x9b, 0x71];
  return fmt(0xfffe, channels, rate, bits, [22, 0, bits, 0, 0, 0, 0, 0, ...guid]);
}

/** A file of these chunks. */
export function riff(...chunks: readonly Uint8Array[]): Buffer {
  return Buffer.concat([Buffer.from('RIFF\0\0\0\0WAVE', 'latin1'), ...chunks]);
}

/** Codes one sample, given from -1 to 1. */
type SampleWriter = (into: Buffer, value: number, offset: number) => void;

/** How each PCM and floating-point coding writes a sample, by tag and bits. */
export const SAMPLE_WRITERS: Readonly<Record<string, { readonly bytes: number; readonly write: SampleWriter }>> = {
  '1/8': { bytes: 1, write: (into, value, at) => into.writeUInt8(Math.round(value * 127) + 128, at) },
  '1/16': { bytes: 2, write: (into, value, at) => into.writeInt16LE(Math.round(value * 32_767), at) },
  '1/24': { bytes: 3, write: (into, value, at) => into.writeIntLE(Math.round(value * 8_388_607), at, 3) },
  '1/32': { bytes: 4, write: (into, value, at) => into.writeInt32LE(Math.round(value * 2_147_483_647), at) },
  '3/32': { bytes: 4, write: (into, value, at) => into.writeFloatLE(value, at) },
  '3/64': { bytes: 8, write: (into, value, at) => into.writeDoubleLE(value, at) },
};

/** Samples from -1 to 1 in one of {@link SAMPLE_WRITERS}. */
export function coded(coding: string, values: readonly number[]): Buffer {
  const { bytes, write } = SAMPLE_WRITERS[coding] ?? { bytes: 0, write: () => {} };
  const into = Buffer.alloc(values.length * bytes);
  for (const [index, value] of values.entries()) write(into, value, index * bytes);
  return into;
}

/** Cuts bytes into pieces of these sizes, again and again; sizes of zero give empty pieces. */
export function* cut(bytes: Uint8Array, sizes: readonly number[]): Generator<Uint8Array> {
  const steps = sizes.some((size) => size > 0) ? sizes : [1];
  for (let offset = 0, index = 0; offset < bytes.length; index += 1) {
    const size = steps[index % steps.length] ?? 1;
    yield bytes.subarray(offset, offset + size);
    offset += size;
  }
}
