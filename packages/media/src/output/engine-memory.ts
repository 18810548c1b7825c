// How much Node's HTTP/2 may hold of one connection: so much that the server's own bounds are the ones that act.

import { HOLDING_SHARE } from './output-budget.ts';

/** The limits that decide it. */
export interface EngineLimits {
  readonly maxQueuedBytesPerConnection: number;
  readonly maxQueuedBytes: number;
  readonly maxReplyBytes: number;
  readonly maxConcurrentStreams: number;
}

/**
 * What a stream may hold beside the queued audio of its connection, in bytes: its headers, 64 KiB at most while they arrive; half
 * a second of audio that each RPC may have in any case; objects of nghttp2 and Node.
 */
const STREAM_BYTES = 98_304;

const BYTES_PER_MB = 1_000_000;

/**
 * The `maxSessionMemory` of a connection, in MB as Node wants it. Node's default, 10 MB, is what forty prompts of half a
 * minute come to. At its bound Node refuses every new stream with ENHANCE_YOUR_CALM, and after a hundred of those it ends
 * the connection with all its calls. So its bound must be beyond the server's own, at which sources wait and no call is lost.
 *
 * Node counts what streams have handed to nghttp2 and the socket has not taken, the memory of nghttp2, headers of requests and
 * what is being read. The first is counted by the budget of the connection as well, from an earlier moment to the same one; a
 * WAV reply may go beyond it by its length, once. The others are bounded by the number of streams: nghttp2 keeps the table of
 * headers to 4 KiB, and ends a connection that resets streams too often, floods it with frames that want an answer, or sends
 * headers without end. What a client sends and the server has not read is bounded by the windows that it was given. Twice the
 * sum leaves room for what a change of Node may add, and is still a bound for what is in none of these.
 */
export function engineMemoryMb(limits: EngineLimits): number {
  const { maxQueuedBytesPerConnection, maxQueuedBytes, maxReplyBytes, maxConcurrentStreams } = limits;
  const held = maxQueuedBytes * HOLDING_SHARE + maxReplyBytes;
  const bytes = maxQueuedBytesPerConnection + held + maxConcurrentStreams * STREAM_BYTES;
  return Math.ceil((2 * bytes) / BYTES_PER_MB);
}
