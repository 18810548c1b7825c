// The `Link` header of a page (RFC 8288), of which only rel="next" matters here. Read in one pass: Webex, or what stands
// between, wrote it.

/** A longer header is an error of the page, never the end of a list: webhooks that were not listed would be made again. */
export const MAX_LINK_CHARACTERS = 8192;

/** The parameters of a link from `start`, up to the comma before the next link. */
function parametersAt(header: string, start: number): { readonly parameters: readonly string[]; readonly end: number } {
  const parameters: string[] = [];
  let from = start;
  let quoted = false;
  let at = start;
  for (; at < header.length; at += 1) {
    const character = header[at];
    if (quoted && character === '\\') at += 1;
    else if (character === '"') quoted = !quoted;
    else if (!quoted && (character === ';' || character === ',')) {
      parameters.push(header.slice(from, at));
      from = at + 1;
      if (character === ',') return { parameters, end: at };
    }
  }
  parameters.push(header.slice(from));
  return { parameters, end: header.length };
}

/** The relations that `rel="next first"` or `rel=next` names, in lower case. */
function relationsOf(parameter: string): readonly string[] {
  const equals = parameter.indexOf('=');
  if (equals === -1 || parameter.slice(0, equals).trim().toLowerCase() !== 'rel') return [];
  return parameter
    .slice(equals + 1)
    .replaceAll('"', ' ')
    .trim()
    .toLowerCase()
    .split(/\s+/);
}

/** The URL of the next page as it is written, or undefined when this is the last. */
export function nextLink(header: string | undefined): string | undefined {
  let at = 0;
  while (header !== undefined) {
    const open = header.indexOf('<', at);
    const close = open === -1 ? -1 : header.indexOf('>', open);
    if (close === -1) return undefined;
    const { parameters, end } = parametersAt(header, close + 1);
    if (parameters.flatMap(relationsOf).includes('next')) return header.slice(open + 1, close);
    at = end;
  }
  return undefined;
}
