// Protobuf's wire format, read in place: a cursor over bytes that stay where they are. Takes and refuses exactly what the
// runtime that decodes everything else takes and refuses; decode-request.fuzz.test.ts holds the two against each other.

/** The bytes are no message. What the peer is told says no more. */
export class MalformedMessageError extends Error {}

/** How the next value is coded. */
export const WIRE_TYPE = { varint: 0, fixed64: 1, bytes: 2, groupStart: 3, groupEnd: 4, fixed32: 5 } as const;

/** A cursor over the bytes of one message. */
export interface WireReader {
  /** The bytes that the message lies in. */
  readonly bytes: Uint8Array;
  /** Where the next value begins, in `bytes`. */
  readonly position: number;
  /** Goes to a message, from `start` to before `end`. */
  open(bytes: Uint8Array, start: number, end: number): void;
  /** Number and wire type of the next field, as they are coded: the number times eight, plus the type. */
  tag(): number;
  uint32(): number;
  int32(): number;
  bool(): boolean;
  /** A signed number of 64 bits, as near as a number comes to it. */
  int64(): number;
  /** A varint of 64 bits that nobody looks at. */
  skipVarint64(): void;
  /** Where an embedded message ends. The runtime does not hold it to the message around it, and so does not this. */
  messageEnd(): number;
  /** A text; `known` itself when it is the same one. */
  text(known: string): string;
  /** Goes over bytes, which lie in the message; gives how many there are. */
  passBytes(): number;
  /** Copies the bytes that were gone over last to the beginning of `to`. */
  copyPassed(to: Uint8Array): void;
  /** A view of the bytes that were gone over last. */
  viewPassed(): Uint8Array;
  /** Goes over a value of a field that is not known; groups may be nested `depth` deep. */
  skip(tag: number, depth: number): void;
}

/** A tag is 32 bits, and a varint of 32 bits is five bytes of which the last has four. */
const TAG_BYTES = 5;
const TAG_LAST_BYTE = 0x0f;
const VARINT_BYTES = 10;

const EMPTY = new Uint8Array(0);
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class Reader implements WireReader {
  bytes: Uint8Array = EMPTY;
  position = 0;
  #end = 0;
  /** Where bytes began that were gone over. */
  #passed = 0;

  open(bytes: Uint8Array, start: number, end: number): void {
    this.bytes = bytes;
    this.position = start;
    this.#end = end;
  }

  /** What was read beyond the end of the message was not its own. */
  #checkEnd(): void {
    if (this.position > this.#end) throw new MalformedMessageError('The message is cut short.');
  }

  tag(): number {
    const start = this.position;
    const tag = this.uint32();
    const length = this.position - start;
    const overflows =
      length >= TAG_BYTES && (length > TAG_BYTES || (this.bytes[this.position - 1] ?? 0) > TAG_LAST_BYTE);
    if (overflows || tag < 8 || (tag & 7) > WIRE_TYPE.fixed32) {
      throw new MalformedMessageError('The message has a field that cannot be.');
    }
    return tag;
  }

  uint32(): number {
    const first = this.bytes[this.position] ?? 0;
    if (first < 0x80) {
      this.position += 1;
      this.#checkEnd();
      return first;
    }
    return this.#longUint32();
  }

  #longUint32(): number {
    let value = 0;
    for (let index = 0; index < VARINT_BYTES; index += 1) {
      const byte = this.bytes[this.position] ?? 0;
      this.position += 1;
      // What does not fit into 32 bits is left out, as it is in a negative number of 32 bits, which has ten bytes.
      if (index < TAG_BYTES) value |= (byte & 0x7f) << (7 * index);
      if (byte >= 0x80) continue;
      this.#checkEnd();
      return value >>> 0;
    }
    throw new MalformedMessageError('The message has a number that is too long.');
  }

  int32(): number {
    return this.uint32() | 0;
  }

  bool(): boolean {
    let value = 0;
    for (let index = 0; index < VARINT_BYTES; index += 1) {
      const byte = this.bytes[this.position] ?? 0;
      this.position += 1;
      // The tenth byte holds the last of 64 bits.
      value |= index === VARINT_BYTES - 1 ? byte & 1 : byte & 0x7f;
      if (byte >= 0x80) continue;
      this.#checkEnd();
      return value !== 0;
    }
    throw new MalformedMessageError('The message has a number that is too long.');
  }

  int64(): number {
    // 28 bits, 28 more, and the eight that are left: whatever is added up in one number before is still exact.
    let low = 0;
    let middle = 0;
    let high = 0;
    for (let index = 0; index < VARINT_BYTES; index += 1) {
      const byte = this.bytes[this.position] ?? 0;
      this.position += 1;
      const bits = byte & 0x7f;
      if (index < 4) low |= bits << (7 * index);
      else if (index < 8) middle |= bits << (7 * (index - 4));
      else high |= bits << (7 * (index - 8));
      if (byte >= 0x80) continue;
      this.#checkEnd();
      // Both halves of 32 bits, so that there is one sum, and it is rounded once.
      const upper = (middle >>> 4) | (high << 24) | 0;
      return upper * 0x1_0000_0000 + ((low | (middle << 28)) >>> 0);
    }
    throw new MalformedMessageError('The message has a number that is too long.');
  }

  skipVarint64(): void {
    this.bool();
  }

  messageEnd(): number {
    const length = this.uint32();
    return this.position + length;
  }

  text(known: string): string {
    const length = this.uint32();
    const start = this.position;
    this.position += length;
    this.#checkEnd();
    const { bytes } = this;
    // Text that has as many units as its bytes is ASCII, and can be compared without being decoded.
    if (known.length === length) {
      let same = 0;
      while (same < length && bytes[start + same] === known.charCodeAt(same)) same += 1;
      if (same === length) return known;
    }
    return decodeText(bytes, start, this.position);
  }

  passBytes(): number {
    const length = this.uint32();
    this.#passed = this.position;
    this.position += length;
    this.#checkEnd();
    return length;
  }

  copyPassed(to: Uint8Array): void {
    // The only way to copy a part that makes no object of the part.
    Buffer.prototype.copy.call(this.bytes, to, 0, this.#passed, this.position);
  }

  viewPassed(): Uint8Array {
    const { bytes } = this;
    // Plain bytes, whatever Node's stream gives: a handler that keeps them finds no methods that do not copy.
    return new Uint8Array(bytes.buffer, bytes.byteOffset + this.#passed, this.position - this.#passed);
  }

  skip(tag: number, depth: number): void {
    switch (tag & 7) {
      case WIRE_TYPE.varint:
        while ((this.bytes[this.position++] ?? 0) >= 0x80);
        break;
      case WIRE_TYPE.fixed64:
        this.position += 8;
        break;
      case WIRE_TYPE.fixed32:
        this.position += 4;
        break;
      case WIRE_TYPE.bytes: {
        const length = this.uint32();
        this.position += length;
        break;
      }
      case WIRE_TYPE.groupStart:
        this.#skipGroup(tag, depth);
        break;
      default:
        throw new MalformedMessageError('The message ends a group that did not begin.');
    }
    this.#checkEnd();
  }

  #skipGroup(start: number, depth: number): void {
    if (depth <= 0) throw new MalformedMessageError('The message is nested too deep.');
    for (;;) {
      const tag = this.tag();
      if ((tag & 7) !== WIRE_TYPE.groupEnd) this.skip(tag, depth - 1);
      else if (tag >>> 3 === start >>> 3) return;
      else throw new MalformedMessageError('The message ends another group than it began.');
    }
  }
}

function decodeText(bytes: Uint8Array, start: number, end: number): string {
  try {
    return utf8.decode(bytes.subarray(start, end));
  } catch {
    throw new MalformedMessageError('The message has a text that is not UTF-8.');
  }
}

/** Makes a reader. It serves one message after another. */
export function createWireReader(): WireReader {
  return new Reader();
}
