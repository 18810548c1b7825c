// Text of a server on its way to a terminal or into a file.

/** Replaces what a terminal might take for a command, and what XML cannot hold. Line ends stay. */
export function printable(text: string): string {
  return text.replaceAll(/[^\x20-\x7e\n]/g, '?');
}
