// HPACK's Huffman code (RFC 7541, appendix B), read only, for what headers are made of: ASCII. Codes are handed out in the
// order of their length, and within a length in the order of the characters, so the lengths are all that has to be known.

/** The characters whose codes have so many bits. Longer codes than these belong to characters that no header here has. */
const BY_LENGTH: ReadonlyMap<number, string> = new Map([
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
]);

const LONGEST = 15;

/** Codes with a leading one, so that those of different lengths differ. */
const CHARACTERS: ReadonlyMap<number, string> = (() => {
  const codes = new Map<number, string>();
  let code = 0;
  for (let length = 1; length <= LONGEST; length++) {
    code <<= 1;
    for (const character of BY_LENGTH.get(length) ?? '') codes.set((1 << length) | code++, character);
  }
  return codes;
})();

/** Reads a text in Huffman's code. Throws RangeError on a character that is not ASCII. */
export function decodeHuffman(bytes: Uint8Array): string {
  let text = '';
  let code = 1;
  for (const byte of bytes) {
    for (let bit = 7; bit >= 0; bit--) {
      code = (code << 1) | ((byte >> bit) & 1);
      const character = CHARACTERS.get(code);
      if (character !== undefined) {
        text += character;
        code = 1;
      } else if (code >= 1 << (LONGEST + 1)) {
        throw new RangeError('A header holds a character that is not expected in one.');
      }
    }
  }
  // What is left are the ones that fill the last byte.
  return text;
}
