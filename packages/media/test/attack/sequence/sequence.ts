// A sequence: what one attacker sends in the life of one stream, one request or one connection. It is data, so that it can be
// printed, repeated and shrunk.
import type { BlockField } from '../wire/hpack.ts';

/** A stream of the sequence's own, counted from 0, or any stream of the connection by its id. */
export type StreamReference = { readonly own: number } | { readonly id: number };

/** What a sequence does next. */
export type Step =
  | {
      readonly do: 'headers';
      readonly stream: StreamReference;
      readonly fields: readonly BlockField[];
      readonly endStream: boolean;
      /** Bytes appended to the header block as they are. */
      readonly tail?: Uint8Array;
      /** How many CONTINUATION frames follow. Default: as few as the length needs. */
      readonly continuations?: number;
      readonly padding?: number;
      /** Whether the frame carries a priority. */
      readonly priority?: boolean;
    }
  | {
      readonly do: 'data';
      readonly stream: StreamReference;
      readonly bytes: Uint8Array;
      readonly endStream: boolean;
      readonly padding?: number;
    }
  | {
      readonly do: 'frame';
      readonly type: number;
      readonly flags: number;
      readonly stream: StreamReference;
      readonly payload: Uint8Array;
      readonly declaredBytes?: number;
    }
  | { readonly do: 'bytes'; readonly bytes: Uint8Array }
  /** Waits until the server has read what was sent so far. Other sequences of the connection go on meanwhile. */
  | { readonly do: 'wait' };

/** How a connection ends: FIN; RST; close with whatever the kernel sends for it; left open without another byte. */
export type Ending = 'fin' | 'reset' | 'destroy' | 'leave';

/** A sequence. */
export interface Sequence {
  /** Its number in the run. */
  readonly index: number;
  /** Whether it has a valid token. Nothing of one that has none may reach the server's program. */
  readonly trusted: boolean;
  readonly steps: readonly Step[];
  /** Where what is written at once is cut into several writes, as fractions of its length. */
  readonly cuts: readonly number[];
  /** Turns of the event loop between two of these writes. */
  readonly pauseTurns: number;
  /** Whether a correct server may end the connection for it. */
  readonly breaks: boolean;
  /** How it ends its connection; undefined when it leaves the connection to the next sequence. */
  readonly ending: Ending | undefined;
}

/** What speaks on a connection. `'raw'` is bytes alone, with nothing before them. */
export type Protocol = 'http2' | 'http1' | 'raw';

/** How a connection begins. */
export interface Opening {
  readonly tls: boolean;
  readonly protocol: Protocol;
  /** Over TLS: the protocols that the client offers, or undefined for none. */
  readonly alpn: readonly string[] | undefined;
  /** Settings that an HTTP/2 client announces. */
  readonly settings: readonly (readonly [id: number, value: number])[];
  /** Whether the client acknowledges the server's settings. */
  readonly acknowledges: boolean;
}

/** Sequences that share a connection as far as none of them ends it; those behind go on on the next. */
export interface Group {
  readonly number: number;
  readonly opening: Opening;
  readonly sequences: readonly Sequence[];
  readonly ending: Ending;
}

/** Writes a group as JSON; bytes are hex. */
export function formatGroup(group: Group): string {
  return JSON.stringify(group, (_key, value: unknown) => {
    if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
    if (typeof value === 'object' && value !== null && 'type' in value && 'data' in value && value.type === 'Buffer') {
      return Buffer.from(value.data as number[]).toString('hex');
    }
    return value;
  });
}
