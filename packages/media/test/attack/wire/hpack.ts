// HPACK written by hand (RFC 7541), with every representation of a field and without any check of what is written.

/** How a field is represented. */
export type Representation = 'literal' | 'literal_never' | 'literal_indexing' | 'indexed_name' | 'indexed';

/** A field of a header block. Characters of `name` and `value` are bytes, as in HTTP/1. */
export interface BlockField {
  readonly name: string;
  readonly value: string;
  /** Default `'literal'`. One that an index cannot express becomes a literal. */
  readonly as?: Representation;
  /** Whether strings are written in the Huffman code. Default false. */
  readonly huffman?: boolean;
}

/** The static table (RFC 7541, appendix A), as far as requests use it: index by name and value, or by name alone. */
const STATIC_PAIRS: ReadonlyMap<string, number> = new Map([
  [':method GET', 2],
  [':method POST', 3],
  [':path /', 4],
  [':path /index.html', 5],
  [':scheme http', 6],
  [':scheme https', 7],
  ['accept-encoding gzip, deflate', 16],
]);
const STATIC_NAMES: ReadonlyMap<string, number> = new Map([
  [':authority', 1],
  [':method', 2],
  [':path', 4],
  [':scheme', 6],
  ['accept', 19],
  ['authorization', 23],
  ['content-length', 28],
  ['content-type', 31],
  ['cookie', 32],
  ['date', 33],
  ['expect', 35],
  ['host', 38],
  ['range', 50],
  ['transfer-encoding', 57],
  ['user-agent', 58],
  ['via', 60],
]);

/** Characters by the length of their Huffman codes (RFC 7541, appendix B), which are canonical: the lengths give the codes. */
const CODE_LENGTHS: readonly (readonly [bits: number, characters: string])[] = [
  [5, '012aceiost'],
  [6, ' %-./3456789=A_bdfghlmnpru'],
  [7, ':BCDEFGHIJKLMNOPQRSTUVWYjkqvwxyz'],
  [8, '&*,;XZ'],
  [10, '!"()?'],
  [11, "'+|"],
  [12, '#>'],
  [13, '\0$@[]~'],
  [14, '^}'],
  [15, '<`{'],
];

const CODES: ReadonlyMap<number, { readonly bits: number; readonly code: number }> = (() => {
  const codes = new Map<number, { bits: number; code: number }>();
  let next = 0;
  let lastBits = 5;
  for (const [bits, characters] of CODE_LENGTHS) {
    next <<= bits - lastBits;
    lastBits = bits;
    for (const character of characters) {
      codes.set(character.charCodeAt(0), { bits, code: next });
      next += 1;
    }
  }
  return codes;
})();

/** Writes bytes in the Huffman code; undefined for a byte whose code is rarer than the table above. */
export function huffman(text: string): Buffer | undefined {
  const bytes: number[] = [];
  let pending = 0;
  let pendingBits = 0;
  for (let index = 0; index < text.length; index += 1) {
    const known = CODES.get(text.charCodeAt(index));
    if (known === undefined) return undefined;
    pending = (pending << known.bits) | known.code;
    pendingBits += known.bits;
    for (; pendingBits >= 8; pendingBits -= 8) bytes.push((pending >>> (pendingBits - 8)) & 0xff);
    pending &= (1 << pendingBits) - 1;
  }
  // The first bits of EOS, which are ones.
  if (pendingBits > 0) bytes.push(((pending << (8 - pendingBits)) | (0xff >>> pendingBits)) & 0xff);
  return Buffer.from(bytes);
}

/** Writes an integer with a prefix of `prefixBits` (RFC 7541, section 5.1); `first` has the bits before the prefix. */
export function pushInteger(out: number[], value: number, prefixBits: number, first: number): void {
  const most = (1 << prefixBits) - 1;
  if (value < most) {
    out.push(first | value);
    return;
  }
  out.push(first | most);
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) out.push((rest % 128) | 0x80);
  out.push(rest);
}

function pushString(out: number[], text: string, coded: boolean): void {
  const code = coded ? huffman(text) : undefined;
  if (code !== undefined) {
    pushInteger(out, code.length, 7, 0x80);
    for (const byte of code) out.push(byte);
    return;
  }
  pushInteger(out, text.length, 7, 0);
  for (let index = 0; index < text.length; index += 1) out.push(text.charCodeAt(index) & 0xff);
}

const LITERAL_FIRST = {
  literal: [4, 0x00],
  literal_never: [4, 0x10],
  literal_indexing: [6, 0x40],
  indexed_name: [4, 0x00],
  indexed: [4, 0x00],
} as const;

/** Writes one field. */
export function pushField(out: number[], { name, value, as = 'literal', huffman: coded = false }: BlockField): void {
  if (as === 'indexed') {
    const index = STATIC_PAIRS.get(`${name} ${value}`);
    if (index !== undefined) {
      pushInteger(out, index, 7, 0x80);
      return;
    }
  }
  const [prefixBits, first] = LITERAL_FIRST[as];
  const nameIndex = as === 'indexed_name' || as === 'indexed' ? STATIC_NAMES.get(name) : undefined;
  pushInteger(out, nameIndex ?? 0, prefixBits, first);
  if (nameIndex === undefined) pushString(out, name, coded);
  pushString(out, value, coded);
}

/** Writes a header block. */
export function headerBlock(fields: readonly BlockField[]): Buffer {
  const out: number[] = [];
  for (const field of fields) pushField(out, field);
  return Buffer.from(out);
}
