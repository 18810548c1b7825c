// Which text of a prompt was heard: from where its parts begin in the audio, and how much of the audio was heard.

/** A part of the text of a prompt, and where in the audio it begins. */
export interface TimedText {
  readonly text: string;
  readonly atMs: number;
}

/** The first `share` of a text, in whole words; what is between and after them goes with the word before. */
function firstWords(text: string, share: number): string {
  const body = text.trimStart();
  // Without the space before the first word in the pattern, which would be looked for at each place of a long one.
  const words = body.match(/\S+\s*/g) ?? [];
  const first = words.slice(0, Math.round(words.length * share)).join('');
  return first === '' ? '' : text.slice(0, text.length - body.length) + first;
}

/**
 * The text that was heard. A part counts as far as its time was heard: words within it are taken to be equally long, and
 * one counts from its half on.
 *
 * @param parts - in the order in which they are spoken
 * @param heardMs - how much of the audio was heard
 * @param audioMs - how much audio there is
 * @returns `undefined` when nothing is known of the text
 */
export function textHeard(parts: readonly TimedText[], heardMs: number, audioMs: number): string | undefined {
  if (parts.length === 0) return undefined;
  let heard = '';
  for (const [index, { text, atMs }] of parts.entries()) {
    const untilMs = Math.max(atMs, parts[index + 1]?.atMs ?? audioMs);
    if (heardMs >= untilMs) heard += text;
    else if (heardMs > atMs) heard += firstWords(text, (heardMs - atMs) / (untilMs - atMs));
  }
  return heard.trimEnd();
}
