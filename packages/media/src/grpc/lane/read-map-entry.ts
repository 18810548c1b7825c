// An entry of a map of texts, as both requests have one.
import type { WireReader } from './wire-reader.ts';

/** The fields of an entry, which no contract numbers otherwise. */
const MAP_ENTRY = { key: 1, value: 2 } as const;

/** Reads an entry into a map; groups may be nested `depth` deep. */
export function readMapEntry(reader: WireReader, map: Record<string, string>, depth: number): void {
  let key = '';
  let value = '';
  const end = reader.messageEnd();
  while (reader.position < end) {
    const tag = reader.tag();
    switch (tag >>> 3) {
      case MAP_ENTRY.key:
        key = reader.text(key);
        break;
      case MAP_ENTRY.value:
        value = reader.text(value);
        break;
      default:
        reader.skip(tag, depth);
    }
  }
  // As an own property, whatever its name.
  Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
}
