// The load's own reading and writing of headers, beside what Node's HTTP/2 makes of them.
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http2';
import type { AddressInfo } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectLoad, type LoadConnection } from '../src/load/http2/connection.ts';
import { createHeaderReader, createHeaderWriter } from '../src/load/http2/hpack.ts';
import { createHeaderTable, type Header } from '../src/load/http2/hpack-table.ts';
import { decodeHuffman } from '../src/load/http2/huffman.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

describe('createHeaderReader', () => {
  // RFC 7541, C.6.1 to C.6.3: with Huffman, a table that headers enter, are found in, and leave.
  it('reads the example of the specification', () => {
    const read = createHeaderReader();
    // Begins with the table's size, 256, which the example takes as given.
    const first = hex(
      '3fe101 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3',
    );
    expect(read(first)).toEqual([
      [':status', '302'],
      ['cache-control', 'private'],
      ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
      ['location', 'https://www.example.com'],
    ]);
    expect(read(hex('4883 640e ff c1 c0 bf'))).toEqual([
      [':status', '307'],
      ['cache-control', 'private'],
      ['date', 'Mon, 21 Oct 2013 20:13:21 GMT'],
      ['location', 'https://www.example.com'],
    ]);
  });

  it('refuses what ends too early and what is in no table', () => {
    const read = createHeaderReader();
    expect(() => read(hex('4882 64'))).toThrow('ends within a text');
    expect(() => read(hex('ff'))).toThrow('ends within a header');
    expect(() => read(hex('c8'))).toThrow('no header 72');
  });
});

describe('decodeHuffman', () => {
  it('refuses a character that no header has', () => expect(() => decodeHuffman(hex('ffff fe'))).toThrow(RangeError));
});

describe('createHeaderTable', () => {
  it('never holds more than it may, and loses the oldest first', () => {
    const table = createHeaderTable();
    const long = 'x'.repeat(1000);
    for (let n = 0; n < 5; n++) table.add([`h${n}`, long]);
    expect(table.at(62)).toEqual(['h4', long]);
    expect(table.find('h2', long, true)).toBe(64);
    expect(table.find('h1', long, true)).toBe(0);
    table.resize(0);
    expect(() => table.at(62)).toThrow('no header 62');
  });
});

describe('against the HTTP/2 of Node', () => {
  const text = fc.string({ unit: fc.mapToConstant({ num: 95, build: (n) => String.fromCharCode(32 + n) }) });
  // A backslash is the one printable character whose code is longer than the reader takes.
  const value = text.map((characters) => characters.replaceAll('\\', '/').trim());
  const name = fc.stringMatching(/^x-[a-z0-9-]{1,12}$/);
  const headers = fc.uniqueArray(fc.tuple(name, value), { selector: ([key]) => key, maxLength: 8 });
  const server = createServer();
  let connection: LoadConnection;
  let received: IncomingHttpHeaders = {};
  let answer: readonly Header[] = [];
  let sent: readonly Header[] = [];

  beforeAll(async () => {
    server.on('stream', (stream, fields) => {
      received = fields;
      stream.respond({ ':status': 200, ...Object.fromEntries(answer) }, { endStream: true });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    sent = [
      [':path', '/anything'],
      ['x-long', 'z'.repeat(900)],
      ['te', 'trailers'],
    ];
    const { port } = server.address() as AddressInfo;
    const onError = (error: Error): void => expect(error.message).toBe('the connection was closed');
    connection = await connectLoad({ port, headers: sent, onError });
  });

  afterAll(async () => {
    await connection.close();
    server.close();
  });

  const ask = (): Promise<readonly Header[]> =>
    new Promise((resolve, reject) => {
      let got: readonly Header[] = [];
      const stream = connection.open({
        onHeaders: (fields) => {
          got = fields;
        },
        onData: () => {},
        onClose: (failure) => (failure === '' ? resolve(got) : reject(new Error(failure))),
      });
      stream.halfClose();
    });

  it('reads whatever a server answers', async () => {
    await fc.assert(
      fc.asyncProperty(headers, async (fields) => {
        answer = fields;
        expect((await ask()).filter(([key]) => key !== 'date')).toEqual([[':status', '200'], ...fields]);
      }),
      { numRuns: 300 },
    );
  });

  it('is read by a server, the first time and when all of it is in the table', async () => {
    answer = [];
    for (let request = 0; request < 3; request++) {
      await ask();
      expect(received).toMatchObject(Object.fromEntries(sent));
      expect(received[':method']).toBe('POST');
    }
  });

  it('writes a header in one byte when it has been written before', () => {
    const write = createHeaderWriter();
    const fields: readonly Header[] = [[':method', 'POST'], ...sent];
    expect(write(fields).length).toBeGreaterThan(900);
    expect(write(fields)).toHaveLength(fields.length);
  });
});
