// A line as a person types it, in words: separated by spaces, kept together by quotes.

/** The words of a line. A quote that is not closed ends with the line. */
export function splitWords(line: string): readonly string[] {
  const words: string[] = [];
  for (const match of line.matchAll(/"([^"]*)"?|'([^']*)'?|([^\s"']+)/g)) {
    words.push(match[1] ?? match[2] ?? match[3] ?? '');
  }
  return words;
}
