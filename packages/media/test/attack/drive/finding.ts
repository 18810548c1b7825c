// What an attack has found: a fault of the server, how often it was seen, and the sequences that provoke it.

import { formatGroup, type Group } from '../sequence/sequence.ts';
import type { Fault } from '../server/attacked-server.ts';

/** What an attack holds against a server. */
export interface FoundFault {
  readonly kind:
    | Fault['kind']
    /** The server's program answered a request without a valid token. */
    | 'leaked'
    /** The server ended a connection though none of its sequences breaks the protocol. */
    | 'connection_ended'
    /** The server has neither answered nor ended a connection. */
    | 'stalled'
    /** The server did not serve the next call. */
    | 'not_serving'
    /** Sessions, RPCs, connections or memory were left when all had ended. */
    | 'left_behind';
  readonly text: string;
}

/** Two faults with the same key have the same cause: their kind, message and first frames are the same. */
export function keyOf({ kind, text }: FoundFault): string {
  if (kind === 'let_in') return `${kind} ${text.split(' ', 1)[0]}`;
  const lines = text.split('\n');
  const frames = lines.filter((line) => line.trimStart().startsWith('at ')).slice(0, 4);
  // Numbers of streams, ports and bytes differ from one occurrence to the next.
  const message = (lines[0] ?? '').slice(0, 120).replaceAll(/\d+/g, '0');
  return [kind, message, ...frames.map((line) => line.trim())].join('\n');
}

/** A kind of fault that an attack has found. */
export class Finding {
  readonly fault: FoundFault;
  readonly key: string;
  /** How long after the start of the attack it was seen first, in ms. */
  readonly afterMs: number;
  /** The groups that ran when it was seen first, the likeliest first. */
  readonly suspects: readonly Group[];
  count = 1;
  /** The smallest group that is known to provoke it. */
  reproduction: Group | undefined;

  constructor(fault: FoundFault, afterMs: number, suspects: readonly Group[]) {
    this.fault = fault;
    this.key = keyOf(fault);
    this.afterMs = afterMs;
    this.suspects = suspects;
  }

  /** Writes it for a person. */
  format(): string {
    const { fault, count, afterMs, reproduction, suspects } = this;
    const seen = `${fault.kind}, seen ${count} times, first after ${(afterMs / 1000).toFixed(1)} s`;
    const numbers = suspects.slice(0, 12).map(({ number }) => number);
    const sequences =
      reproduction === undefined
        ? `not reproduced; groups that ran: ${numbers.join(', ')}`
        : `provoked by ${formatGroup(reproduction)}`;
    return `${seen}\n${fault.text}\n${sequences}`;
  }
}
