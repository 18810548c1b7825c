// An HTTP/2 client that sends sequences on one connection. A PING behind them tells when the server has read them.

import { cutAt, renderStep } from '../sequence/render-steps.ts';
import type { Opening, Sequence, StreamReference } from '../sequence/sequence.ts';
import { SECRET } from '../server/facts.ts';
import type { Tokens } from '../server/verifying-platform.ts';
import { FLAG, FRAME, FrameScanner, frame, PREFACE, type ReadFrame, settingsPayload, uint32 } from '../wire/frames.ts';
import { type AttackingSocket, turn } from './attacking-socket.ts';

/** Bytes of DATA after which the client gives back the connection's flow control. */
const CREDIT_BYTES = 16_384;

const SECRET_BYTES = Buffer.from(SECRET);

/** What the server's side did with a connection. */
export interface ConnectionReport {
  /** Code of the GOAWAY that the server sent; undefined for none. */
  goAway: number | undefined;
  /** Text of that GOAWAY. */
  goAwayText: string;
  /** Sequences without a token to which the server's program answered. */
  readonly leaked: number[];
  headers: number;
  data: number;
  resets: number;
}

/** A connection of an attacker. */
export class Http2Attacker {
  readonly report: ConnectionReport = {
    goAway: undefined,
    goAwayText: '',
    leaked: [],
    headers: 0,
    data: 0,
    resets: 0,
  };
  readonly #socket: AttackingSocket;
  readonly #opening: Opening;
  readonly #tokens: Tokens;
  readonly #owners = new Map<number, Sequence>();
  readonly #pings = new Map<number, () => void>();
  readonly #lost: Promise<false>;
  #nextStream = 1;
  #nextPing = 1;
  #owedBytes = 0;
  /** Ends with the write that is going on: bytes of two sequences must not mix within a frame. */
  #writing: Promise<void> = Promise.resolve();

  constructor(socket: AttackingSocket, opening: Opening, tokens: Tokens) {
    this.#socket = socket;
    this.#opening = opening;
    this.#tokens = tokens;
    this.#lost = socket.closed.then((): false => false);
    const scanner = new FrameScanner((received) => this.#take(received));
    socket.onData = (bytes) => scanner.push(bytes);
    if (opening.protocol === 'raw') return;
    socket.send(
      Buffer.concat([
        PREFACE,
        frame({ type: FRAME.settings, stream: 0, payload: settingsPayload(opening.settings) }),
        // Replies are audio: the connection's window must not be what holds them up.
        frame({ type: FRAME.windowUpdate, stream: 0, payload: uint32(1 << 24) }),
      ]),
    );
  }

  #take({ type, flags, stream, payload }: ReadFrame): void {
    switch (type) {
      case FRAME.data: {
        this.report.data += 1;
        const owner = this.#owners.get(stream);
        if (owner?.trusted === false && payload.includes(SECRET_BYTES)) this.report.leaked.push(owner.index);
        this.#owedBytes += payload.length;
        if (this.#owedBytes < CREDIT_BYTES) return;
        this.#answer(frame({ type: FRAME.windowUpdate, stream: 0, payload: uint32(this.#owedBytes) }));
        this.#owedBytes = 0;
        return;
      }
      case FRAME.headers:
        this.report.headers += 1;
        return;
      case FRAME.rstStream:
        this.report.resets += 1;
        return;
      case FRAME.settings:
        if ((flags & FLAG.ack) === 0 && this.#opening.acknowledges) {
          this.#answer(frame({ type: FRAME.settings, flags: FLAG.ack, stream: 0 }));
        }
        return;
      case FRAME.ping: {
        if (payload.length !== 8) return;
        if ((flags & FLAG.ack) === 0) {
          // Kept alive: only what a sequence does may end the connection.
          this.#answer(frame({ type: FRAME.ping, flags: FLAG.ack, stream: 0, payload }));
          return;
        }
        const number = payload.readUInt32BE(4);
        this.#pings.get(number)?.();
        this.#pings.delete(number);
        return;
      }
      case FRAME.goAway:
        if (payload.length < 8) return;
        this.report.goAway = payload.readUInt32BE(4);
        this.report.goAwayText = payload.toString('latin1', 8);
        return;
      default:
    }
  }

  /** Writes a frame that the protocol asks for, behind the write that is going on. */
  #answer(bytes: Buffer): void {
    void this.#write([bytes], 0);
  }

  /** Resolves when the server has read what was sent so far: true, or false when the connection has ended. */
  async read(): Promise<boolean> {
    if (this.#socket.isClosed) return false;
    const number = this.#nextPing;
    this.#nextPing += 1;
    const answered = new Promise<true>((resolve) => this.#pings.set(number, () => resolve(true)));
    const payload = Buffer.concat([uint32(0xfeed), uint32(number)]);
    await this.#write([frame({ type: FRAME.ping, stream: 0, payload })], 0);
    return Promise.race([answered, this.#lost]);
  }

  /** Writes pieces one after the other, with nothing between. */
  #write(pieces: readonly Buffer[], pauseTurns: number): Promise<void> {
    const write = async (): Promise<void> => {
      for (const [at, piece] of pieces.entries()) {
        if (at > 0) for (let turns = 0; turns < pauseTurns; turns += 1) await turn();
        await this.#socket.write(piece);
      }
    };
    const written = this.#writing.then(write);
    this.#writing = written;
    return written;
  }

  /** Sends a sequence; resolves when it is written. */
  async send(sequence: Sequence): Promise<void> {
    const own = new Map<number, number>();
    const idOf = (reference: StreamReference): number => {
      if ('id' in reference) return reference.id;
      const known = own.get(reference.own);
      if (known !== undefined) return known;
      const id = this.#nextStream;
      this.#nextStream += 2;
      own.set(reference.own, id);
      this.#owners.set(id, sequence);
      return id;
    };
    const { steps, cuts, pauseTurns } = sequence;
    for (let at = 0; at <= steps.length; ) {
      const wait = steps.findIndex((step, index) => index >= at && step.do === 'wait');
      const end = wait < 0 ? steps.length : wait;
      const bytes = Buffer.concat(steps.slice(at, end).map((step) => renderStep(step, idOf, this.#tokens)));
      if (bytes.length > 0) await this.#write(cuts.length === 0 ? [bytes] : cutAt(bytes, cuts), pauseTurns);
      if (wait < 0) return;
      if (!(await this.read())) return;
      at = end + 1;
    }
  }
}
