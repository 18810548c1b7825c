// Headers to bytes and back (RFC 7541). What is written is put into the table, so that from a connection's second request
// on each header is one byte, as with the clients of the platform.

import { createHeaderTable, type Header, type HeaderTable } from './hpack-table.ts';
import { decodeHuffman } from './huffman.ts';

const INDEXED = 0x80;
const LITERAL_KEPT = 0x40;
const TABLE_SIZE = 0x20;
const HUFFMAN = 0x80;

function writeInteger(out: number[], flags: number, prefixBits: number, value: number): void {
  const most = (1 << prefixBits) - 1;
  if (value < most) {
    out.push(flags | value);
    return;
  }
  out.push(flags | most);
  let rest = value - most;
  while (rest >= 0x80) {
    out.push((rest & 0x7f) | 0x80);
    rest >>= 7;
  }
  out.push(rest);
}

function writeText(out: number[], text: string): void {
  writeInteger(out, 0, 7, text.length);
  out.push(...Buffer.from(text, 'latin1'));
}

/** Makes the writer of a connection's headers. */
export function createHeaderWriter(): (headers: readonly Header[]) => Buffer {
  const table = createHeaderTable();
  return (headers) => {
    const out: number[] = [];
    for (const header of headers) {
      const [name, value] = header;
      const known = table.find(name, value, true);
      if (known > 0) {
        writeInteger(out, INDEXED, 7, known);
        continue;
      }
      const named = table.find(name, value, false);
      writeInteger(out, LITERAL_KEPT, 6, named);
      if (named === 0) writeText(out, name);
      writeText(out, value);
      table.add(header);
    }
    return Buffer.from(out);
  };
}

/** The bytes of a header block, read one after the other. */
class BlockReader {
  readonly #bytes: Uint8Array;
  #offset = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#offset >= this.#bytes.length;
  }

  peek(): number {
    return this.#bytes[this.#offset] ?? 0;
  }

  #next(): number {
    const byte = this.#bytes[this.#offset++];
    if (byte === undefined) throw new RangeError('A header block ends within a header.');
    return byte;
  }

  integer(prefixBits: number): number {
    const most = (1 << prefixBits) - 1;
    let value = this.#next() & most;
    if (value < most) return value;
    for (let shift = 0; ; shift += 7) {
      const byte = this.#next();
      value += (byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  }

  text(): string {
    const huffman = (this.peek() & HUFFMAN) !== 0;
    const length = this.integer(7);
    const bytes = this.#bytes.subarray(this.#offset, this.#offset + length);
    if (bytes.length < length) throw new RangeError('A header block ends within a text.');
    this.#offset += length;
    return huffman ? decodeHuffman(bytes) : Buffer.from(bytes).toString('latin1');
  }
}

function readLiteral(block: BlockReader, table: HeaderTable, prefixBits: number): Header {
  const named = block.integer(prefixBits);
  const name = named === 0 ? block.text() : table.at(named)[0];
  return [name, block.text()];
}

/** Makes the reader of a connection's headers. It throws RangeError on what it cannot read; the connection is lost then. */
export function createHeaderReader(): (bytes: Uint8Array) => readonly Header[] {
  const table = createHeaderTable();
  return (bytes) => {
    const block = new BlockReader(bytes);
    const headers: Header[] = [];
    while (!block.done) {
      const first = block.peek();
      if (first & INDEXED) headers.push(table.at(block.integer(7)));
      else if (first & LITERAL_KEPT) {
        const header = readLiteral(block, table, 6);
        table.add(header);
        headers.push(header);
      } else if (first & TABLE_SIZE) table.resize(block.integer(5));
      else headers.push(readLiteral(block, table, 4));
    }
    return headers;
  };
}
