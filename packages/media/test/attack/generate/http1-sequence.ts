// Sequences on an HTTP/1 connection: requests as clients write them, spoiled in their lines, fields and bodies.
import type { Sequence, Step } from '../sequence/sequence.ts';
import {
  authorityValue,
  badAuthorization,
  contentTypeValue,
  furtherField,
  garbage,
  methodValue,
  pathValue,
} from './field-values.ts';
import { cuts, ending } from './http2-sequence.ts';
import type { Random } from './random.ts';

const VERSIONS = ['HTTP/1.0', 'HTTP/1.2', 'HTTP/2.0', 'HTTP/0.9', 'HTTP/1.1 ', 'http/1.1', 'HTTP/9.9', 'HTTP', ''];

interface Line {
  readonly name: string;
  readonly value: string;
}

function requestLine(random: Random): string {
  const method = random.chance(0.7) ? random.pick(['GET', 'POST', 'HEAD']) : methodValue(random);
  const target = random.chance(0.5) ? random.pick(['/health', '/v1/ping', '/a/v1/ping']) : pathValue(random);
  const version = random.chance(0.92) ? 'HTTP/1.1' : random.pick(VERSIONS);
  return random.chance(0.98) ? `${method} ${target} ${version}` : garbage(random, 60);
}

function chunked(random: Random, body: Buffer): Buffer {
  const pieces: Buffer[] = [];
  for (let at = 0; at < body.length; ) {
    const size = random.between(1, 64);
    const piece = body.subarray(at, at + size);
    const declared = random.chance(0.97)
      ? piece.length.toString(16)
      : random.pick(['', '-1', 'g', 'ffffffffffffffff', '0x5', '5;x=y']);
    pieces.push(Buffer.from(`${declared}\r\n`, 'latin1'), piece, Buffer.from('\r\n'));
    at += size;
  }
  pieces.push(
    Buffer.from(
      random.weighted([
        [8, '0\r\n\r\n'],
        [1, '0\r\nx-trailer: y\r\n\r\n'],
        [1, '0\r\n'],
        [1, ''],
        [1, `0\r\n${garbage(random)}\r\n\r\n`],
      ]),
      'latin1',
    ),
  );
  return Buffer.concat(pieces);
}

function upgradeFields(random: Random): Line[] {
  return [
    { name: 'connection', value: random.pick(['Upgrade, HTTP2-Settings', 'upgrade', 'Upgrade']) },
    { name: 'upgrade', value: random.pick(['h2c', 'websocket', 'h2c, websocket', 'x']) },
    { name: 'http2-settings', value: 'AAMAAABkAARAAAAAAAIAAAAA' },
  ];
}

function bodyOf(random: Random): { readonly fields: Line[]; readonly body: Buffer } {
  const body = random.bytes(random.below(300));
  return random.weighted<() => { fields: Line[]; body: Buffer }>([
    [10, () => ({ fields: [], body: Buffer.alloc(0) })],
    [4, () => ({ fields: [{ name: 'content-length', value: String(body.length) }], body })],
    [2, () => ({ fields: [{ name: 'content-length', value: String(body.length + random.between(1, 50)) }], body })],
    [2, () => ({ fields: [{ name: 'content-length', value: String(random.below(body.length + 1)) }], body })],
    [5, () => ({ fields: [{ name: 'transfer-encoding', value: 'chunked' }], body: chunked(random, body) })],
    [
      1,
      () => ({
        fields: [
          { name: 'transfer-encoding', value: 'chunked' },
          { name: 'content-length', value: '5' },
        ],
        body: chunked(random, body),
      }),
    ],
  ])();
}

function fieldsOf(random: Random): Line[] {
  const fields: Line[] = [{ name: 'host', value: random.chance(0.8) ? 'localhost' : authorityValue(random) }];
  if (random.chance(0.1)) fields.splice(0, 1);
  if (random.chance(0.05)) fields.push({ name: 'Host', value: authorityValue(random) });
  if (random.chance(0.4)) fields.push({ name: 'content-type', value: contentTypeValue(random) });
  if (random.chance(0.2)) fields.push({ name: 'authorization', value: badAuthorization(random).slice(0, 200) });
  if (random.chance(0.1)) fields.push(...upgradeFields(random));
  for (
    let more = random.weighted([
      [5, 0],
      [3, 1],
      [1, 4],
    ]);
    more > 0;
    more -= 1
  )
    fields.push(furtherField(random));
  if (random.chance(0.02)) {
    for (let count = random.between(10, 2500); count > 0; count -= 1) fields.push({ name: 'x-many', value: 'v' });
  }
  return fields;
}

function writeField(random: Random, { name, value }: Line): string {
  return random.weighted([
    [40, `${name}: ${value}\r\n`],
    [1, `${name}:${value}\n`],
    [1, `${name} : ${value}\r\n`],
    [1, ` ${name}: ${value}\r\n`],
    [1, `${name}\r\n`],
    [1, `${name}: ${value}\r\n folded\r\n`],
  ]);
}

function oneRequest(random: Random): Buffer {
  const { fields, body } = bodyOf(random);
  const lines = [...fieldsOf(random), ...fields].map((field) => writeField(random, field)).join('');
  const head = Buffer.from(`${requestLine(random)}\r\n${lines}\r\n`, 'latin1');
  return Buffer.concat([head, body]);
}

/** A request that a server answers and behind which the connection goes on. */
function goodRequest(random: Random): Buffer {
  const target = random.pick(['/health', '/v1/ping', '/a/v1/ping', '/', '/health?x', '/nothing', '/%2e', '//', '*']);
  const body = random.bytes(random.below(200));
  const [method, fields, bytes] = random.weighted<() => [method: string, fields: string, body: Buffer]>([
    [6, () => ['GET', '', Buffer.alloc(0)]],
    [2, () => ['HEAD', '', Buffer.alloc(0)]],
    [2, () => ['POST', `content-length: ${body.length}\r\n`, body]],
    [1, () => ['PUT', 'content-type: application/grpc\r\ncontent-length: 0\r\n', Buffer.alloc(0)]],
    [1, () => ['POST', `expect: 100-continue\r\ncontent-length: ${body.length}\r\n`, body]],
    [1, () => ['OPTIONS', 'x: y\r\n', Buffer.alloc(0)]],
  ])();
  return Buffer.concat([
    Buffer.from(`${method} ${target} HTTP/1.1\r\nhost: localhost\r\n${fields}\r\n`, 'latin1'),
    bytes,
  ]);
}

/** Makes the sequence with this number: one request, or several that do not wait for answers. */
export function http1Sequence(random: Random, index: number): Sequence {
  const breaks = random.chance(0.3);
  const count = random.weighted([
    [6, 1],
    [2, 2],
    [1, 8],
  ]);
  const steps: Step[] = [];
  for (let at = 0; at < count; at += 1) {
    const bytes = breaks ? oneRequest(random) : goodRequest(random);
    const isCut = breaks && random.chance(0.07);
    steps.push({ do: 'bytes', bytes: isCut ? bytes.subarray(0, random.below(bytes.length)) : bytes });
    if (random.chance(0.15)) steps.push({ do: 'wait' });
  }
  return {
    index,
    trusted: false,
    steps,
    ...cuts(random),
    breaks,
    ending: breaks && random.chance(0.4) ? ending(random) : undefined,
  };
}
