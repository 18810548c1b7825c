// A caller's HTTP/2 connection that costs as little as it can: all requests have the same headers, messages are copied into
// one buffer for all calls, and answers are read without an object for each frame. What a peer may rely on is kept: windows
// both ways, the limit on streams, SETTINGS, PING, RST_STREAM and GOAWAY.
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect as connectTls } from 'node:tls';
import { DEFAULT_WINDOW, FLAG, FRAME, PREFACE, SETTING } from './frame-format.ts';
import { createFrameReader } from './frame-reader.ts';
import { createFrameWriter } from './frame-writer.ts';
import { createHeaderReader, createHeaderWriter } from './hpack.ts';
import { DEFAULT_TABLE_BYTES, type Header } from './hpack-table.ts';
import { ReceiveWindows, WIDE, type WindowPolicy } from './receive-windows.ts';
import { createStream, type LoadStream, type OpenStream, type StreamHost, type StreamListener } from './stream.ts';

const SETTING_BYTES = 6;
const PING_BYTES = 8;

/** Where to connect to, and with what. */
export interface ConnectionOptions {
  readonly port: number;
  /** The authority to trust, PEM: speaks TLS. */
  readonly authority?: string | undefined;
  /** What the server may have on the way; see {@link ReceiveWindows}. Default: as much as hardly ever holds it back. */
  readonly windows?: WindowPolicy;
  /** Of every request, beside the method, the scheme and the authority. */
  readonly headers: readonly Header[];
  /** Called when the connection is lost; its streams have ended before. */
  readonly onError: (error: Error) => void;
}

/** A connection. */
export interface LoadConnection {
  /** Opens a request. */
  open(listener: StreamListener): LoadStream;
  /** Closes the connection, whatever is open on it. */
  close(): Promise<void>;
}

/** Connects to a server on 127.0.0.1; resolves when its settings are here. */
export async function connectLoad(options: ConnectionOptions): Promise<LoadConnection> {
  const { port, authority, onError } = options;
  const address = { host: '127.0.0.1', port };
  const socket =
    authority === undefined
      ? connectTcp(address)
      : connectTls({ ...address, ca: authority, servername: 'localhost', ALPNProtocols: ['h2'] });
  await once(socket, authority === undefined ? 'connect' : 'secureConnect');
  socket.setNoDelay(true);

  const writer = createFrameWriter(socket);
  const readHeaders = createHeaderReader();
  const streams = new Map<number, OpenStream>();
  const blocked = new Set<OpenStream>();
  const ready = Promise.withResolvers<void>();
  const headers: readonly Header[] = [
    [':method', 'POST'],
    [':scheme', authority === undefined ? 'http' : 'https'],
    [':authority', `localhost:${port}`],
    ...options.headers,
  ];
  const writeHeaders = createHeaderWriter();
  const firstBlock = writeHeaders(headers);
  const laterBlock = writeHeaders(headers);
  let nextId = 1;
  let maxStreams = Number.POSITIVE_INFINITY;
  let initialWindow = DEFAULT_WINDOW;
  /** Why nothing more is opened; empty while the connection is in order. */
  let refused = '';
  let lost = false;

  const host: StreamHost = {
    writer,
    window: DEFAULT_WINDOW,
    full: false,
    block: (stream) => void blocked.add(stream),
    forget(stream) {
      blocked.delete(stream);
      streams.delete(stream.id);
    },
  };

  function fail(error: Error): void {
    if (lost) return;
    lost = true;
    refused = error.message;
    ready.reject(error);
    for (const stream of [...streams.values()]) stream.end(`connection: ${error.message}`);
    onError(error);
    socket.destroy();
  }

  function sendUpdate(streamId: number, bytes: number): void {
    const at = writer.append(FRAME.windowUpdate, 0, streamId, 4);
    writer.bytes.writeUInt32BE(bytes, at);
  }

  const windows = new ReceiveWindows(options.windows ?? WIDE, {
    update: sendUpdate,
    ping: () => void writer.append(FRAME.ping, 0, 0, PING_BYTES),
    announce: sendStreamWindow,
  });

  function sendStreamWindow(bytes: number): void {
    const settings = writer.append(FRAME.settings, 0, 0, 2 * SETTING_BYTES);
    writer.bytes.writeUInt16BE(SETTING.enablePush, settings);
    writer.bytes.writeUInt32BE(0, settings + 2);
    writer.bytes.writeUInt16BE(SETTING.initialWindow, settings + SETTING_BYTES);
    writer.bytes.writeUInt32BE(bytes, settings + SETTING_BYTES + 2);
  }

  function unblock(): void {
    host.full = false;
    for (const stream of blocked) {
      if (stream.flush()) blocked.delete(stream);
      else if (host.full) return;
    }
  }

  function takeSettings(payload: Buffer): void {
    for (let at = 0; at + SETTING_BYTES <= payload.length; at += SETTING_BYTES) {
      const value = payload.readUInt32BE(at + 2);
      const setting = payload.readUInt16BE(at);
      if (setting === SETTING.tableBytes && value < DEFAULT_TABLE_BYTES) {
        throw new RangeError('The server keeps a smaller table of headers than this connection writes for.');
      }
      if (setting === SETTING.maxStreams) maxStreams = value;
      if (setting !== SETTING.initialWindow) continue;
      for (const stream of streams.values()) stream.window += value - initialWindow;
      initialWindow = value;
    }
    writer.append(FRAME.settings, FLAG.ack, 0, 0);
    unblock();
    ready.resolve();
  }

  function takeUpdate(streamId: number, bytes: number): void {
    if (streamId === 0) {
      host.window += bytes;
      unblock();
      return;
    }
    const stream = streams.get(streamId);
    if (stream === undefined) return;
    stream.window += bytes;
    if (!host.full && blocked.has(stream) && stream.flush()) blocked.delete(stream);
  }

  function takeHeaders(flags: number, streamId: number, payload: Buffer): void {
    if ((flags & FLAG.endHeaders) === 0 || flags & (FLAG.padded | FLAG.priority)) {
      throw new RangeError('Headers in several frames, padded or with a priority are not expected.');
    }
    // Read even when no stream waits for them: the next ones may refer to them.
    const received = readHeaders(payload);
    const stream = streams.get(streamId);
    stream?.takeHeaders(received);
    if (flags & FLAG.endStream) stream?.finish();
  }

  function takeGoaway(payload: Buffer): void {
    const last = payload.readUInt32BE(0) & 0x7fffffff;
    refused ||= 'the server is going away';
    for (const stream of [...streams.values()]) if (stream.id > last) stream.end(refused);
  }

  let at = 0;
  const read = createFrameReader({
    onData(streamId, piece, last) {
      windows.onData(piece.length);
      const stream = streams.get(streamId);
      if (stream === undefined) return;
      windows.onStreamData(stream, piece.length);
      if (piece.length > 0) stream.listener.onData(piece, at);
      if (last) stream.finish();
    },
    onFrame(type, flags, streamId, payload) {
      if (type === FRAME.headers) takeHeaders(flags, streamId, payload);
      else if (type === FRAME.windowUpdate) takeUpdate(streamId, payload.readUInt32BE(0) & 0x7fffffff);
      else if (type === FRAME.rstStream) streams.get(streamId)?.end(`reset with code ${payload.readUInt32BE(0)}`);
      else if (type === FRAME.settings && (flags & FLAG.ack) === 0) takeSettings(payload);
      else if (type === FRAME.goaway) takeGoaway(payload);
      else if (type === FRAME.continuation) throw new RangeError('CONTINUATION is not expected.');
      else if (type === FRAME.ping && (flags & FLAG.ack) !== 0) windows.onPong();
      else if (type === FRAME.ping) {
        const room = writer.append(FRAME.ping, FLAG.ack, 0, payload.length);
        writer.bytes.set(payload, room);
      }
    },
  });
  socket.on('data', (piece: Buffer) => {
    at = performance.now();
    try {
      read(piece);
    } catch (error) {
      fail(error instanceof Error ? error : new Error(String(error)));
    }
  });
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('closed by the server')));

  socket.write(PREFACE);
  windows.open();
  await ready.promise;

  return {
    open(listener) {
      const stream = createStream(host, nextId, initialWindow, listener);
      if (refused !== '' || streams.size >= maxStreams) {
        queueMicrotask(() =>
          stream.end(refused === '' ? `the server allows ${maxStreams} streams at a time` : refused),
        );
        return stream;
      }
      const block = nextId === 1 ? firstBlock : laterBlock;
      const room = writer.append(FRAME.headers, FLAG.endHeaders, nextId, block.length);
      writer.bytes.set(block, room);
      streams.set(nextId, stream);
      nextId += 2;
      return stream;
    },
    async close() {
      if (socket.destroyed) return;
      lost = true;
      refused = 'the connection was closed';
      socket.destroy();
      await once(socket, 'close');
    },
  };
}
