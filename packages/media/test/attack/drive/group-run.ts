// Sends the sequences of one group: on one connection, and on a further one behind each sequence that ended it.

import type { Group, Sequence } from '../sequence/sequence.ts';
import type { AttackedServer } from '../server/attacked-server.ts';
import type { Tokens } from '../server/verifying-platform.ts';
import { AttackingSocket } from './attacking-socket.ts';
import { BytesAttacker } from './bytes-attacker.ts';
import { type ConnectionReport, Http2Attacker } from './http2-attacker.ts';

/** What became of a group. */
export interface GroupOutcome {
  /** Sequences that the server has read, or whose connection was ended by them. */
  readonly run: number;
  /** How the server ended a connection for no sequence that may end it: code and text of its GOAWAY. */
  readonly lostBy: string | undefined;
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
  #lostBy: string | undefined;
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

  get stopped(): boolean {
    return this.#stopped;
  }

  /** Breaks the connection off, and ends the run. */
  stop(): void {
    this.#stopped = true;
    this.#socket?.destroy();
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
    let last: Sequence | undefined;
    while (at < sequences.length) {
      const first = at;
      while (sequences[at]?.breaks === false && !socket.isClosed) at += 1;
      const harmless = sequences.slice(first, at);
      await Promise.all(harmless.map((sequence) => attacker.send(sequence)));
      // Settled before the next is sent: the loss of the connection is then owed to that one alone.
      if (!(await attacker.read())) {
        this.#lose(attacker.report);
        // A connection that was lost before anything was sent on it will be lost again.
        if (at === from) at = sequences.length;
        break;
      }
      this.#run += harmless.length;
      last = sequences[at];
      if (last === undefined) break;
      at += 1;
      await attacker.send(last);
      this.#run += 1;
      if (last.ending !== undefined || !(await attacker.read())) break;
    }
    this.#leaked.push(...attacker.report.leaked);
    await socket.end(last?.ending ?? ending);
    return at;
  }

  #lose({ goAway, goAwayText }: ConnectionReport): void {
    if (this.#stopped) return;
    this.#lostBy = goAway === undefined ? 'no GOAWAY' : `GOAWAY ${goAway} ${goAwayText}`;
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
    // A handshake that the server refused, for no protocol that it knows was offered, will be refused again.
    if (at === from) return sequences.length;
    this.#run += at - from;
    if (attacker.leaked && last !== undefined) this.#leaked.push(last.index);
    return at;
  }
}
