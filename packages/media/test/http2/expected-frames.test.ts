// Reading that is put off, and what is not: over a real socket, with a pacer that is let go by hand.
import { connect, createServer, type Socket } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { PREFACE_BYTES } from '../../src/http2/frames.ts';
import type { PacedReader, ReadPacer } from '../../src/http2/read-pacer.ts';
import { TappedConnection } from '../../src/http2/tapped-connection.ts';

const STREAM = 1;
const HEAD_BYTES = 9;
/** 20 ms of audio and what is around it. */
const PAYLOAD_BYTES = 200;

/** DATA of the stream. */
function dataFrame(fill: number): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES + PAYLOAD_BYTES);
  bytes.fill(fill, HEAD_BYTES);
  bytes.writeUIntBE(PAYLOAD_BYTES, 0, 3);
  bytes.writeUInt32BE(STREAM, 5);
  return bytes;
}

/** A connection whose time stands still until it is moved. */
async function start(intervalMs: number) {
  const held: PacedReader[] = [];
  let nowMs = 1000;
  const pacer: ReadPacer = { intervalMs, now: () => nowMs, hold: (reader) => void held.push(reader) };
  const server = createServer();
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as { port: number };
  const client = connect(port, '127.0.0.1');
  client.setNoDelay(true);
  const connection = new TappedConnection(await accepted, pacer);
  // As Node's HTTP/2 listens.
  connection.on('data', () => {});
  let taken = 0;
  /** What frames were read into. */
  const places = new Set<ArrayBufferLike>();
  connection.tap(STREAM, {
    owedBytes: 0,
    behind: false,
    onData(bytes, from, to) {
      taken += to - from;
      places.add(bytes.buffer);
    },
  });
  onTestFinished(() => {
    client.destroy();
    connection.destroy();
    server.close();
  });
  let sent = 0;
  const test = {
    connection,
    held,
    places,
    write: (bytes: Buffer) => void client.write(bytes),
    /** Sends frames, and resolves when they have been taken. */
    async send(count: number): Promise<void> {
      sent += count;
      client.write(Buffer.concat(Array.from({ length: count }, () => dataFrame(0))));
      await expect.poll(() => taken / PAYLOAD_BYTES, { interval: 1 }).toBe(sent);
    },
    /** Sends frames that are not taken. */
    async sendInVain(count: number): Promise<void> {
      const before = taken;
      sent += count;
      client.write(Buffer.concat(Array.from({ length: count }, () => dataFrame(0))));
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(taken).toBe(before);
    },
    passMs(ms: number): void {
      nowMs += ms;
    },
  };
  client.write(Buffer.alloc(PREFACE_BYTES));
  // So many frames in so short a time that reading is put off.
  await test.send(100);
  expect(held).toHaveLength(1);
  return test;
}

it('reads a busy connection when the pacer lets it, and not before, each time into the same buffer', async () => {
  const { held, places, send, sendInVain } = await start(5);
  await sendInVain(3);
  held[0]?.readOn();
  await send(2);
  expect(held).toHaveLength(2);
  // Three reads.
  expect(places.size).toBe(1);
});

it('reads as it comes what is expected, from shortly before it is due until it is there', async () => {
  const { connection, held, send, sendInVain, passMs } = await start(5);
  const due = connection.expect() ?? Number.NaN;
  held[0]?.readOn();
  await send(1);
  expect(held).toHaveLength(2);
  passMs(15);
  held[1]?.readOn();
  for (let piece = 0; piece < 5; piece += 1) await send(1);
  expect(held).toHaveLength(2);
  connection.arrived(due);
  await send(1);
  expect(held).toHaveLength(3);
  await sendInVain(1);
});

it('watches for each that is expected', async () => {
  const { connection, held, send, passMs } = await start(5);
  const due = connection.expect() ?? Number.NaN;
  passMs(8);
  connection.expect();
  passMs(8);
  held[0]?.readOn();
  await send(1);
  connection.arrived(due);
  await send(1);
  // The second is due in twelve ms.
  expect(held).toHaveLength(2);
  passMs(8);
  held[1]?.readOn();
  await send(1);
  expect(held).toHaveLength(2);
});

it('hands on copies of what nobody takes', async () => {
  const { connection, held, write } = await start(5);
  const passed: Buffer[] = [];
  connection.on('data', (bytes: Buffer) => passed.push(bytes));
  connection.release(STREAM);
  connection.pause();
  // Each is read by itself, to where the one before it was, while nobody reads what is handed on.
  const sent = [1, 2, 3].map(dataFrame);
  for (const bytes of sent) {
    held.at(-1)?.readOn();
    write(bytes);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  connection.resume();
  await expect.poll(() => Buffer.concat(passed)).toEqual(Buffer.concat(sent));
});

it('does not watch for long for what does not come', async () => {
  const { connection, held, send, passMs } = await start(5);
  connection.expect();
  passMs(34);
  held[0]?.readOn();
  await send(1);
  expect(held).toHaveLength(1);
  passMs(2);
  await send(1);
  expect(held).toHaveLength(2);
});

it('takes frames also while HTTP/2 does not read, but for streams of which something may wait to be read', async () => {
  const { connection, held, write, send } = await start(5);
  connection.pause();
  held[0]?.readOn();
  await send(1);
  // A stream that is tapped meanwhile: what came of it before would be overtaken.
  const other = STREAM + 2;
  let taken = 0;
  connection.tap(other, {
    owedBytes: 0,
    behind: false,
    onData(_bytes, from, to) {
      taken += to - from;
    },
  });
  const frame = dataFrame(0);
  frame.writeUInt32BE(other, 5);
  held.at(-1)?.readOn();
  write(frame);
  await expect.poll(() => connection.readableLength).toBe(frame.length);
  expect(taken).toBe(0);
  connection.resume();
  await expect.poll(() => connection.readableLength).toBe(0);
  held.at(-1)?.readOn();
  write(frame);
  await expect.poll(() => taken).toBe(PAYLOAD_BYTES);
  // From here on it overtakes nothing.
  connection.pause();
  held.at(-1)?.readOn();
  write(frame);
  await expect.poll(() => taken).toBe(2 * PAYLOAD_BYTES);
});
