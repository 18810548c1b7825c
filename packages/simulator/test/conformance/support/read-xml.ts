// Reads XML as strictly as a parser without a schema would: what is not well-formed throws.

/** An element. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  readonly text: string;
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", '#10': '\n' };
const NAME = '[A-Za-z][\\w-]*';
const TAG = new RegExp(`<(/?)(${NAME})((?:\\s+${NAME}="[^"<]*")*)\\s*(/?)>`, 'y');

function readText(text: string): string {
  // The characters of XML 1.0: no control but tab and the line ends, no half of a pair, no noncharacter.
  const allowed = /^[\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]*$/u;
  if (!allowed.test(text)) throw new Error(`a character that XML cannot hold: ${text}`);
  if (text.includes(']]>')) throw new Error('"]]>" in text');
  return text.replaceAll(/&([^;]*;)?/g, (_whole, name: string | undefined) => {
    const found = ENTITIES[name?.slice(0, -1) ?? ''];
    if (found === undefined) throw new Error(`an ampersand that is no entity in ${text}`);
    return found;
  });
}

/** Reads a document with one root. */
export function readXml(document: string): XmlElement {
  const declaration = '<?xml version="1.0" encoding="UTF-8"?>';
  if (!document.startsWith(declaration)) throw new Error('there is no declaration');
  const open: { name: string; attributes: Record<string, string>; children: XmlElement[]; text: string }[] = [];
  let root: XmlElement | undefined;
  let position = declaration.length;
  while (position < document.length) {
    if (document[position] !== '<') {
      const next = document.indexOf('<', position);
      const text = readText(document.slice(position, next === -1 ? document.length : next));
      const inside = open.at(-1);
      if (inside !== undefined) inside.text += text;
      else if (text.trim() !== '') throw new Error('text outside the root');
      position = next === -1 ? document.length : next;
      continue;
    }
    TAG.lastIndex = position;
    const [whole, slash, name = '', attributes = '', empty] = TAG.exec(document) ?? [];
    if (whole === undefined) throw new Error(`no tag at ${document.slice(position, position + 80)}`);
    position += whole.length;
    if (slash === '') {
      const pairs = [...attributes.matchAll(/([\w-]+)="([^"]*)"/g)].map(([, key = '', value = '']) => [
        key,
        readText(value),
      ]);
      if (new Set(pairs.map(([key]) => key)).size < pairs.length) throw new Error(`an attribute twice in ${whole}`);
      open.push({ name, attributes: Object.fromEntries(pairs), children: [], text: '' });
    }
    if (slash === '/' || empty === '/') {
      const closed = open.pop();
      if (closed?.name !== name) throw new Error(`${whole} closes ${closed?.name}`);
      const parent = open.at(-1);
      if (parent !== undefined) parent.children.push(closed);
      else if (root === undefined) root = closed;
      else throw new Error('two roots');
    }
  }
  if (root === undefined || open.length > 0) throw new Error('the document ends too early');
  return root;
}
