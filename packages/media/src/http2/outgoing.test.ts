// What is put together for the socket, and what is not.
import { Writable } from 'node:stream';
import { expect, it } from 'vitest';
import { createOutgoing } from './outgoing.ts';

/** A socket that keeps what it is given as it is given, and has written it when it is told so. */
function openSocket() {
  const writes: Uint8Array[] = [];
  const waiting: ((error?: Error) => void)[] = [];
  const socket = new Writable({
    highWaterMark: 1_000_000,
    write(bytes: Uint8Array, _encoding, done) {
      writes.push(bytes);
      waiting.push(done);
    },
  });
  socket.on('error', () => {});
  const written = async (error?: Error): Promise<void> => {
    waiting.shift()?.(error);
    await new Promise((resolve) => setImmediate(resolve));
  };
  return { socket, writes, written };
}

const piece = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill);

it('writes together what is sent together, gives its copies back, and tells each when that was written', async () => {
  const { socket, writes, written } = openSocket();
  const outgoing = createOutgoing();
  const told: number[] = [];
  const pieces = [piece(9, 1), piece(16_384, 2), piece(9, 3), piece(700, 4)];
  outgoing.open();
  for (const [index, bytes] of pieces.entries()) outgoing.add(bytes, () => told.push(index));
  outgoing.writeTo(socket);
  expect(writes).toHaveLength(1);
  expect(Buffer.from(writes[0] ?? [])).toEqual(
    Buffer.concat([piece(9, 1), piece(16_384, 2), piece(9, 3), piece(700, 4)]),
  );
  // What is small is not worth giving back.
  expect(pieces.map(({ length }) => length)).toEqual([9, 0, 9, 700]);
  expect(told).toEqual([]);
  await written();
  expect(told).toEqual([0, 1, 2, 3]);
});

it('does not touch what has not been written yet', async () => {
  const { socket, writes, written } = openSocket();
  const outgoing = createOutgoing();
  const send = (fill: number): void => {
    outgoing.open();
    outgoing.add(piece(9, fill), undefined);
    outgoing.add(piece(20, fill), undefined);
    outgoing.writeTo(socket);
  };
  send(1);
  send(2);
  expect(Buffer.from(writes[0] ?? [])).toEqual(Buffer.alloc(29, 1));
  await written();
  expect(Buffer.from(writes[1] ?? [])).toEqual(Buffer.alloc(29, 2));
  // What was written is written over, what was not is not.
  send(3);
  expect(writes[1]?.buffer).not.toBe(writes[0]?.buffer);
  expect(Buffer.from(writes[1] ?? [])).toEqual(Buffer.alloc(29, 2));
  await written();
  expect(writes[2]?.buffer).toBe(writes[0]?.buffer);
});

it('writes one by one what is too much to be put together', async () => {
  const { socket, writes, written } = openSocket();
  const outgoing = createOutgoing();
  let told = 0;
  outgoing.open();
  const tell = (): void => {
    told += 1;
  };
  for (let index = 0; index < 5; index += 1) outgoing.add(piece(16_384, index), tell);
  outgoing.writeTo(socket);
  for (let index = 0; index < 5; index += 1) await written();
  expect(writes.map(({ length }) => length)).toEqual([0, 0, 0, 0, 0]);
  expect(told).toBe(5);
});

it('takes nothing that belongs to nothing else, and tells of what could not be written', async () => {
  const { socket, written } = openSocket();
  const outgoing = createOutgoing();
  expect(outgoing.add(piece(9, 1), undefined)).toBe(false);
  outgoing.open();
  outgoing.writeTo(socket);
  expect(outgoing.add(piece(9, 1), undefined)).toBe(false);
  const told: unknown[] = [];
  outgoing.open();
  for (const fill of [1, 2]) outgoing.add(piece(9, fill), (error) => told.push(error?.message));
  outgoing.writeTo(socket);
  await written(new Error('the connection broke'));
  expect(told).toEqual(['the connection broke', 'the connection broke']);
});
