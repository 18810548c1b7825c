// Reads JSON of a token: one object, no member twice, not nested deeply. JSON.parse takes the last of two members of a name
// and another reader the first; a token must mean one thing.

const MAX_DEPTH = 4;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const REST = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null/y;
const SPACE = /[ \t\n\r]*/y;

/** A JSON object, or undefined when the text is none, holds a member twice, or is nested too deeply. */
export function parseStrictObject(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined;
    return isUnambiguous(text) ? (value as Readonly<Record<string, unknown>>) : undefined;
  } catch {
    return undefined;
  }
}

/** Walks over text that JSON.parse has accepted. */
function isUnambiguous(text: string): boolean {
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const [found = ''] = pattern.exec(text) ?? [];
    at += found.length;
    return found;
  };
  const walk = (depth: number): boolean => {
    take(SPACE);
    const opening = text[at];
    if (opening !== '{' && opening !== '[') return (take(STRING) || take(REST)) !== '';
    if (depth === MAX_DEPTH) return false;
    at += 1;
    const names = new Set<unknown>();
    for (;;) {
      take(SPACE);
      if (text[at] === '}' || text[at] === ']') {
        at += 1;
        return true;
      }
      if (opening === '{') {
        // Decoded, since "\u0061" and "a" are one name.
        const name: unknown = JSON.parse(take(STRING));
        if (names.has(name) || name === '__proto__') return false;
        names.add(name);
        take(SPACE);
        at += 1;
      }
      if (!walk(depth + 1)) return false;
      take(SPACE);
      if (text[at] === ',') at += 1;
    }
  };
  return walk(0);
}
