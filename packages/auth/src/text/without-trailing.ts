// Takes one character off the end of a text. `/x+$/` does it in time that grows with the square of a peer's text.

/** The text without the `character`s at its end, in linear time. */
export function withoutTrailing(text: string, character: string): string {
  let end = text.length;
  while (end > 0 && text[end - 1] === character) end -= 1;
  return text.slice(0, end);
}
