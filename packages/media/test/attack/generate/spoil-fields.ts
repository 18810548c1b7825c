// Spoils the fields of a request: other values, fields missing, doubled, out of order, too many, and each representation of HPACK.
import type { BlockField, Representation } from '../wire/hpack.ts';
import {
  authorityValue,
  badAuthorization,
  contentTypeValue,
  furtherField,
  garbage,
  methodValue,
  pathValue,
} from './field-values.ts';
import type { Random } from './random.ts';

const REPRESENTATIONS: readonly (readonly [number, Representation])[] = [
  [4, 'literal'],
  [1, 'literal_never'],
  [2, 'literal_indexing'],
  [3, 'indexed_name'],
  [3, 'indexed'],
];

function setValue(fields: readonly BlockField[], name: string, value: string): BlockField[] {
  if (!fields.some((field) => field.name === name)) return [...fields, { name, value }];
  return fields.map((field) => (field.name === name ? { ...field, value } : field));
}

/** Changes one field whose value is a valid one. */
function changeOne(random: Random, fields: BlockField[], change: (field: BlockField) => BlockField): BlockField[] {
  const at = random.below(fields.length);
  return fields.map((field, index) => (index === at ? change(field) : field));
}

function insertAnywhere(random: Random, fields: readonly BlockField[], field: BlockField): BlockField[] {
  const at = random.chance(0.8) ? fields.length : random.below(fields.length + 1);
  return [...fields.slice(0, at), field, ...fields.slice(at)];
}

function useHost(random: Random, fields: readonly BlockField[]): BlockField[] {
  const value = random.chance(0.3) ? 'localhost' : authorityValue(random);
  const kept = random.chance(0.7) ? fields.filter(({ name }) => name !== ':authority') : fields;
  return [...kept, { name: 'host', value }];
}

function many(random: Random): BlockField[] {
  const count = random.between(5, 200);
  const value = 'v'.repeat(random.below(60));
  return Array.from({ length: count }, (_, at) => ({ name: random.chance(0.5) ? 'x-many' : `x-many-${at}`, value }));
}

type Spoil = (random: Random, fields: BlockField[]) => BlockField[];

const SPOILS: readonly (readonly [weight: number, spoil: Spoil])[] = [
  [6, (random, fields) => setValue(fields, ':path', pathValue(random))],
  [4, (random, fields) => setValue(fields, ':method', methodValue(random))],
  [6, (random, fields) => setValue(fields, 'content-type', contentTypeValue(random))],
  [5, (random, fields) => setValue(fields, ':authority', authorityValue(random))],
  [3, (random, fields) => useHost(random, fields)],
  [
    2,
    (random, fields) => setValue(fields, ':scheme', random.pick(['https', 'ftp', '', 'HTTP', ':', garbage(random, 6)])),
  ],
  [2, (random, fields) => setValue(fields, 'authorization', badAuthorization(random))],
  [12, (random, fields) => insertAnywhere(random, fields, furtherField(random))],
  // A field is missing.
  [5, (random, fields) => fields.toSpliced(random.below(fields.length), 1)],
  // A field is doubled, with the same value or another.
  [3, (random, fields) => insertAnywhere(random, fields, random.pick(fields))],
  [2, (random, fields) => insertAnywhere(random, fields, { ...random.pick(fields), value: garbage(random) })],
  // Fields in another order, pseudo-header fields behind others among them.
  [2, (random, fields) => fields.toSorted(() => (random.chance(0.5) ? -1 : 1))],
  [1, (random, fields) => [...fields, ...many(random)]],
  [1, (random, fields) => [...fields, { name: 'x-long', value: 'l'.repeat(random.between(1000, 30_000)) }]],
  [1, (random, fields) => changeOne(random, fields, (field) => ({ ...field, name: field.name.toUpperCase() }))],
  [2, (random, fields) => changeOne(random, fields, (field) => ({ ...field, value: garbage(random) }))],
  [1, (random, fields) => changeOne(random, fields, (field) => ({ ...field, value: ` ${field.value}\t` }))],
];

/** Spoils fields so many times. */
export function spoilFields(random: Random, fields: readonly BlockField[], times: number): readonly BlockField[] {
  let spoiled = [...fields];
  for (let time = 0; time < times && spoiled.length > 0; time += 1) spoiled = random.weighted(SPOILS)(random, spoiled);
  return spoiled;
}

/** Writes fields in a mixture of representations. */
export function represent(random: Random, fields: readonly BlockField[]): readonly BlockField[] {
  if (random.chance(0.4)) return fields;
  return fields.map((field) => ({ ...field, as: random.weighted(REPRESENTATIONS), huffman: random.chance(0.4) }));
}

/** Bytes behind a header block that break HPACK, or do not: none as a rule. */
export function blockTail(random: Random): { readonly bytes: Buffer; readonly breaks: boolean } | undefined {
  if (random.chance(0.98)) return undefined;
  return random.weighted([
    // An index that there is not, index 0, an integer without an end.
    [2, () => ({ bytes: Buffer.from([0xff, 0xff, 0xff, 0x7f]), breaks: true })],
    [2, () => ({ bytes: Buffer.from([0x80]), breaks: true })],
    [1, () => ({ bytes: Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), breaks: true })],
    // A string whose end is missing, and one that is no Huffman code.
    [2, () => ({ bytes: Buffer.from([0x00, 0x05, 0x61]), breaks: true })],
    [2, () => ({ bytes: Buffer.from([0x00, 0x01, 0x61, 0x84, 0xff, 0xff, 0xff, 0xff]), breaks: true })],
    // A change of the table's size behind fields.
    [2, () => ({ bytes: Buffer.from([0x20]), breaks: true })],
    [2, () => ({ bytes: Buffer.from([0x3f, 0xe1, 0xff, 0x03]), breaks: true })],
    // An entry of the dynamic table: perhaps that of another sequence.
    [2, () => ({ bytes: Buffer.from([0x80 | random.between(62, 66)]), breaks: true })],
    [1, () => ({ bytes: random.bytes(random.between(1, 20)), breaks: true })],
  ])();
}
