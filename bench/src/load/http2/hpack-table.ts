// HPACK's tables of headers (RFC 7541, section 2.3): the static one, and the dynamic one of a connection's direction.

/** A header's name and value. */
export type Header = readonly [name: string, value: string];

/** RFC 7541, appendix A, from index 1. */
const STATIC: readonly Header[] = [
  [':authority', ''],
  [':method', 'GET'],
  [':method', 'POST'],
  [':path', '/'],
  [':path', '/index.html'],
  [':scheme', 'http'],
  [':scheme', 'https'],
  [':status', '200'],
  [':status', '204'],
  [':status', '206'],
  [':status', '304'],
  [':status', '400'],
  [':status', '404'],
  [':status', '500'],
  ['accept-charset', ''],
  ['accept-encoding', 'gzip, deflate'],
  ...[
    'accept-language',
    'accept-ranges',
    'accept',
    'access-control-allow-origin',
    'age',
    'allow',
    'authorization',
    'cache-control',
    'content-disposition',
    'content-encoding',
    'content-language',
    'content-length',
    'content-location',
    'content-range',
    'content-type',
    'cookie',
    'date',
    'etag',
    'expect',
    'expires',
    'from',
    'host',
    'if-match',
    'if-modified-since',
    'if-none-match',
    'if-range',
    'if-unmodified-since',
    'last-modified',
    'link',
    'location',
    'max-forwards',
    'proxy-authenticate',
    'proxy-authorization',
    'range',
    'referer',
    'refresh',
    'retry-after',
    'server',
    'set-cookie',
    'strict-transport-security',
    'transfer-encoding',
    'user-agent',
    'vary',
    'via',
    'www-authenticate',
  ].map((name): Header => [name, '']),
];

/** What an entry takes beside its texts. */
const ENTRY_BYTES = 32;

/** Bytes that a table may take unless a setting says otherwise. */
export const DEFAULT_TABLE_BYTES = 4096;

/** The table of one direction. */
export interface HeaderTable {
  /** The header at an index, from 1. Throws RangeError when there is none. */
  at(index: number): Header;
  /** The index of a header; of one with the same name and another value when `exact` is false; 0 for none. */
  find(name: string, value: string, exact: boolean): number;
  /** Enters a header; the oldest leave when there is no room. */
  add(header: Header): void;
  /** Bytes that the table may take. */
  resize(bytes: number): void;
}

/** Makes the table of one direction of a connection. */
export function createHeaderTable(): HeaderTable {
  const entries: Header[] = [];
  let limit = DEFAULT_TABLE_BYTES;
  let size = 0;
  const sizeOf = ([name, value]: Header): number => name.length + value.length + ENTRY_BYTES;
  const evict = (): void => {
    while (size > limit) {
      const oldest = entries.pop();
      if (oldest === undefined) break;
      size -= sizeOf(oldest);
    }
  };
  return {
    at(index) {
      const header = index <= STATIC.length ? STATIC[index - 1] : entries[index - STATIC.length - 1];
      if (header === undefined) throw new RangeError(`There is no header ${index} in the table.`);
      return header;
    },
    find(name, value, exact) {
      const matches = (header: Header): boolean => header[0] === name && (!exact || header[1] === value);
      const known = STATIC.findIndex(matches);
      if (known >= 0) return known + 1;
      const added = entries.findIndex(matches);
      return added < 0 ? 0 : STATIC.length + added + 1;
    },
    add(header) {
      entries.unshift(header);
      size += sizeOf(header);
      evict();
    },
    resize(bytes) {
      limit = bytes;
      evict();
    },
  };
}
