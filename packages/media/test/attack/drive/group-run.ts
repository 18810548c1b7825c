// Sends the sequences of one group: on one connection, and on a further one behind each sequence that ended it.

import type { Group, Sequence } from '../sequence/sequence.ts';
import type { AttackedServer } from '../server/attacked-server.ts';
import type { Tokens } from '../server/verifying-platform.ts';
import { AttackingSocket } from './attacking-socket.ts';
import { BytesAttacker } from './bytes-attacker.ts';
import { Http2Attacker } from './http2-attacker.ts';

/** What became of a group. */
export interface GroupOutcome {
  /** Sequences that the server has read, or whose connection was ended by them. */
  readonly run: number;
  /** Sequences that were on a connection which the server ended for no sequence that may end it. */
  readonly lost: readonly Sequence[];
  /** Code and text of the GOAWAY by which it did. */
  readonly lostBy: string;
  /** Sequences without a token to which the server's program answered. */
  readonly leaked: readonly number[];
  readonly connections: number;
}

/** A group that is being run. */
export class GroupRun {
  readonly group: Group;
  readonly #server: AttackedServer;
  readonly #tokens: Tokens;
  #socket: AttackingSocket | undefined;
  #run = 0;
  #connections = 0;
  #lost: Sequence[] = [];
  #lostBy = '';
  #leaked: number[] = [];
  #stopped = false;

  constructor(group: Group, server: AttackedServer, tokens: Tokens) {
    this.group = group;
    this.#server = server;
    this.#tokens = tokens;
  }

  /** When the server sent something last, in ms of `performance.now()`; undefined without a connection. */
  get progressAtMs(): number | undefined {
    return this.#socket?.progressAtMs;
  }

  /** Breaks the connection off. */
  breakOff(): void {
    this.#socket?.destroy();
  }

  /** Ends the run as soon as it can. */
  stop(): void {
    this.#stopped = true;
    this.breakOff();
  }

  async run(): Promise<GroupOutcome> {
    const { sequences, opening } = this.group;
    for (let at = 0; at < sequences.length && !this.#stopped && this.#server.alive; ) {
      const port = opening.tls ? this.#server.tlsPort : this.#server.clearPort;
      // Raw bytes are those of the handshake, too.
      const tls = opening.tls && opening.protocol !== 'raw';
      this.#socket = await AttackingSocket.open({ tls, alpn: opening.alpn }, port);
      this.#connections += 1;
      at = await (opening.protocol === 'http2' ? this.#http2(this.#socket, at) : this.#bytes(this.#socket, at));
    }
    return {
      run: this.#run,
      lost: this.#lost,
      lostBy: this.#lostBy,
      leaked: this.#leaked,
      connections: this.#connections,
    };
  }

  /** Sends on a connection from the sequence at `from` on; gives the position of the first one that was not sent. */
  async #http2(socket: AttackingSocket, from: number): Promise<number> {
    const { sequences, opening, ending } = this.group;
    const attacker = new Http2Attacker(socket, opening, this.#tokens);
    let at = from;
    /** Sent, and not known to be read. */
    let unread: Sequence[] = [];
    let sending: Promise<void>[] = [];
    for (; at < sequences.length && !socket.isClosed; at += 1) {
      const sequence = sequences[at];
      if (sequence === undefined) break;
      if (sequence.breaks) {
        await Promise.all(sending);
        sending = [];
        if (!(await attacker.read())) break;
        this.#run += unread.length + 1;
        unread = [];
        await attacker.send(sequence);
        at += 1;
        if (sequence.ending !== undefined) {
          await socket.end(sequence.ending);
          this.#leaked.push(...attacker.report.leaked);
          return at;
        }
        if (!(await attacker.read())) break;
        at -= 1;
      } else {
        unread.push(sequence);
        sending.push(attacker.send(sequence));
      }
    }
    await Promise.all(sending);
    if (unread.length > 0) {
      if (await attacker.read()) {
        this.#run += unread.length;
      } else if (!this.#stopped) {
        this.#lost.push(...unread);
        this.#lostBy = `${attacker.report.goAway ?? 'no GOAWAY'} ${attacker.report.goAwayText}`;
      }
    }
    this.#leaked.push(...attacker.report.leaked);
    await socket.end(ending);
    return at;
  }

  /** Sends until a sequence that may end the connection; gives the position of the first one that was not sent. */
  async #bytes(socket: AttackingSocket, from: number): Promise<number> {
    const { sequences, ending } = this.group;
    const attacker = new BytesAttacker(socket, this.#tokens);
    let last: Sequence | undefined;
    let at = from;
    for (; at < sequences.length && last?.breaks !== true && !socket.isClosed; at += 1) {
      last = sequences[at];
      if (last !== undefined) await attacker.send(last);
    }
    await socket.end(last?.ending ?? ending);
    this.#run += at - from;
    if (attacker.leaked && last !== undefined) this.#leaked.push(last.index);
    return at;
  }
}
