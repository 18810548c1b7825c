// What the headers of a gRPC request say about how it is read: its encoding and its deadline.
import type { IncomingHttpHeaders } from 'node:http2';
import type { MessageEncoding } from './frame-reader.ts';
import { LaneError } from './lane-error.ts';

/** What the lane takes from the headers of a request. */
export interface LaneRequest {
  readonly encoding: MessageEncoding;
  /** Undefined when the client waits as long as it takes. */
  readonly timeoutMs: number | undefined;
  /** Whether the request says how long it is: then HTTP/2 has to see all of it, to hold it to that. */
  readonly declaresLength: boolean;
}

const TIMEOUT = /^(\d{1,8})([HMSmun])$/;

const UNIT_MS: ReadonlyMap<string, number> = new Map([
  ['H', 3_600_000],
  ['M', 60_000],
  ['S', 1000],
  ['m', 1],
  ['u', 0.001],
  ['n', 0.000_001],
]);

function one(value: string | readonly string[] | undefined): string | undefined {
  return typeof value === 'object' ? value[0] : value;
}

/** The deadline of a `grpc-timeout`, in ms. gRPC has no bound for it; a longer one than `maxMs` counts as `maxMs`. */
export function readTimeout(value: string | readonly string[] | undefined, maxMs: number): number | undefined {
  const text = one(value);
  if (text === undefined) return undefined;
  const [, count, unit = ''] = TIMEOUT.exec(text) ?? [];
  if (count === undefined) throw new LaneError('invalid_argument', 'The timeout of the request cannot be read.');
  return Math.min(Number(count) * (UNIT_MS.get(unit) ?? 0), maxMs);
}

/**
 * Reads the headers of a request.
 *
 * @throws LaneError when it cannot be served
 */
export function readRequestHeaders(headers: IncomingHttpHeaders, maxTimeoutMs: number): LaneRequest {
  const encoding = one(headers['grpc-encoding']) ?? 'identity';
  if (encoding !== 'identity' && encoding !== 'gzip') {
    throw new LaneError('unimplemented', 'The compression of the request is not known. Use identity or gzip.');
  }
  return {
    encoding,
    timeoutMs: readTimeout(headers['grpc-timeout'], maxTimeoutMs),
    declaresLength: headers['content-length'] !== undefined,
  };
}
