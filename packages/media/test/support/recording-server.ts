// HTTP/2 servers that record what they see of each stream: the lane, tapped or on Node's streams, and bare node:http2 beside it.
import { readFileSync } from 'node:fs';
import { createServer as createHttp2Server, type Http2Server, type ServerHttp2Stream } from 'node:http2';
import { type AddressInfo, createServer as createTcpServer, type Server, type Socket } from 'node:net';
import { createServer as createTlsServer } from 'node:tls';
import { createLaneRpc, type LaneRpc, type LaneRpcParts } from '../../src/grpc/lane/lane-rpc.ts';
import { MessageWatch } from '../../src/grpc/lane/message-watch.ts';
import { notifyClosed } from '../../src/grpc/lane/stream-listener.ts';
import type { ReadPacer } from '../../src/http2/read-pacer.ts';
import { bindSession, CONNECTION_WINDOW_BYTES, TappedConnection } from '../../src/http2/tapped-connection.ts';
import { OutputBudget } from '../../src/output/output-budget.ts';
import { frame } from './raw-grpc.ts';

const HEAD_BYTES = 5;
const MAX_MESSAGE_BYTES = 1_048_576;

/** What reads a connection. */
export type RecordingKind = 'node:http2' | 'streams' | 'tap' | 'tap over TLS';

/** What a server saw of each stream, by id: `message …` for each, then `half-close` or `cancel`. */
export type Records = ReadonlyMap<number, readonly string[]>;

/** The record of a message. */
export function messageRecord(message: Uint8Array): string {
  return `message ${Buffer.from(message).toString('latin1')}`;
}

type Record = (fact: string) => void;

const PARTS: LaneRpcParts = {
  maxMessageBytes: MAX_MESSAGE_BYTES,
  maxDecompressedBytes: MAX_MESSAGE_BYTES,
  budget: OutputBudget.unbounded(),
  watch: new MessageWatch({ firstMessageMs: 600_000, messageMs: 600_000 }),
  onOver() {},
  onLimit() {},
  onFault(error) {
    throw error;
  },
};

/** Answers each message with itself, so that frames leave while others come. */
function serveByLane(stream: ServerHttp2Stream, record: Record): void {
  const rpc: LaneRpc = createLaneRpc(stream, PARTS);
  stream.on('close', () => notifyClosed(stream));
  rpc.start(
    {
      message(bytes, start, end) {
        const message = Buffer.from(bytes.subarray(start, end));
        record(messageRecord(message));
        rpc.send([frame(message)], false);
        return true;
      },
      halfClose() {
        record('half-close');
        rpc.complete();
      },
      cancel: () => record('cancel'),
      release() {},
    },
    { encoding: 'identity', timeoutMs: undefined, declaresLength: false },
  );
}

/** The same with what Node's HTTP/2 hands to anyone: the oracle. */
function serveByNode(stream: ServerHttp2Stream, record: Record): void {
  let rest: Buffer = Buffer.alloc(0);
  let ended = false;
  stream.on('data', (piece: Buffer) => {
    rest = Buffer.concat([rest, piece]);
    while (rest.length >= HEAD_BYTES) {
      const end = HEAD_BYTES + rest.readUInt32BE(1);
      if (rest.length < end) return;
      record(messageRecord(rest.subarray(HEAD_BYTES, end)));
      rest = rest.subarray(end);
    }
  });
  stream.on('end', () => {
    if (stream.aborted) return;
    ended = true;
    record(rest.length === 0 ? 'half-close' : 'cancel');
    stream.respond({ ':status': 200 }, { endStream: true });
  });
  stream.on('close', () => {
    if (!ended) record('cancel');
  });
}

/** A server on a port of its own. */
export class RecordingServer {
  readonly #tcp: Server;
  readonly #http2: Http2Server = createHttp2Server({ settings: { maxConcurrentStreams: 10_000 } });
  readonly #tapped: boolean;
  readonly #pacer: ReadPacer | undefined;
  #socket: Socket | undefined;
  #records = new Map<number, string[]>();
  #openStreams = 0;
  #sessionOpen = false;
  #wake: (() => void) | undefined;

  constructor(kind: RecordingKind, pacer?: ReadPacer) {
    this.#tapped = kind === 'tap' || kind === 'tap over TLS';
    this.#pacer = pacer;
    const attach = (socket: Socket): void => this.#attach(socket);
    const pem = (name: string): Buffer => readFileSync(new URL(`../fixtures/tls/${name}`, import.meta.url));
    this.#tcp =
      kind === 'tap over TLS'
        ? createTlsServer({ key: pem('server.key'), cert: pem('server.pem'), ALPNProtocols: ['h2'] }, attach)
        : createTcpServer(attach);
    this.#http2.on('session', (session) => {
      this.#sessionOpen = true;
      session.setLocalWindowSize(CONNECTION_WINDOW_BYTES);
      session.on('error', () => {});
      session.once('close', () => {
        this.#sessionOpen = false;
        this.#wake?.();
      });
    });
    this.#http2.on('stream', (stream) => {
      const facts: string[] = [];
      this.#records.set(stream.id ?? 0, facts);
      this.#openStreams += 1;
      stream.on('error', () => {});
      (kind === 'node:http2' ? serveByNode : serveByLane)(stream, (fact) => void facts.push(fact));
      stream.on('close', () => {
        this.#openStreams -= 1;
        this.#wake?.();
      });
    });
  }

  #attach(socket: Socket): void {
    socket.on('error', () => {});
    this.#socket = socket;
    if (!this.#tapped) {
      this.#http2.emit('connection', socket);
      return;
    }
    const connection = new TappedConnection(socket, this.#pacer);
    this.#http2.once('session', (session) => bindSession(session, connection));
    this.#http2.emit('connection', connection);
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#tcp.listen(0, '127.0.0.1', resolve));
    return (this.#tcp.address() as AddressInfo).port;
  }

  /** Bytes that were read from the latest connection, as long as it is not tapped. */
  get readBytes(): number {
    return this.#socket?.bytesRead ?? 0;
  }

  /** Resolves when connections that clients have closed are over here, too. */
  async ended(): Promise<void> {
    while (this.#sessionOpen || this.#openStreams > 0) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Gives what was seen, and forgets it. */
  take(): Records {
    const records = this.#records;
    this.#records = new Map();
    return records;
  }

  close(): void {
    this.#tcp.close();
  }
}
