// The limits of a server: each with its default and what happens at it. docs/guide/operations.md has them in a table, which a test
// compares with this file.

/** Bounds of a server; each has a default, and what happens at the bound is said with it. */
export interface MediaServerLimits {
  /** Calls at a time. Further ones are refused with RESOURCE_EXHAUSTED. Default 1000. */
  readonly maxSessions?: number;
  /**
   * Calls of one customer organization at a time; refused likewise. Default: half of `maxSessions`, so that one customer cannot
   * take all of them. Raise it to `maxSessions` where the server has one customer.
   */
  readonly maxSessionsPerOrganization?: number;
  /**
   * A call with no RPC open for so long, in ms, is ended (`idle_timeout`), and so is listening to one of which nothing comes.
   * Default 600 000.
   */
  readonly idleTimeoutMs?: number;
  /** The longest call, in ms; then it is ended (`max_duration`). Default 3 600 000. */
  readonly maxSessionMs?: number;
  /** The longest that the caller waits for an answer with nothing to hear, in ms; then `onError`. Default 30 000. */
  readonly turnTimeoutMs?: number;
  /** The longest utterance, in ms; then it counts as finished. Default 60 000. */
  readonly maxUtteranceMs?: number;
  /**
   * Calls between a caller and a person that are listened to at a time. Further ones are refused with RESOURCE_EXHAUSTED.
   * Default 1000.
   */
  readonly maxConversations?: number;
  /**
   * Audio of such a call that waits to be read with `conversation.leg()`, in ms and for each reader; the oldest is dropped.
   * Default 5000.
   */
  readonly maxConversationQueueMs?: number;
  /** The largest message that is read, in bytes, unpacked; refused with RESOURCE_EXHAUSTED. Default 262 144. */
  readonly maxMessageBytes?: number;
  /** The most audio of one WAV reply, in bytes of mu-law (8000 a second); `play` then fails. Default 3 500 000. */
  readonly maxReplyBytes?: number;
  /** Entries of a call's transcript; the oldest are dropped. Default 500. */
  readonly maxTranscriptEntries?: number;
  /** A call's transcript as it is sent, in bytes, at least 1024; the oldest entries are dropped. Default 65 536. */
  readonly maxTranscriptBytes?: number;
  /** How long the handlers of `session_end` are waited for when the server closes, in ms. Default 5000. */
  readonly endGraceMs?: number;
  /** How long the session store is waited for at a time, in ms; then the call goes on without it. Default 2000. */
  readonly storeTimeoutMs?: number;
  /** The largest `session.state` that is stored, in bytes of JSON; a larger one is an `error`. Default 65 536. */
  readonly maxStateBytes?: number;
  /** Streams on one connection at a time. Default 2000: many calls share a connection, and each may hold two. */
  readonly maxConcurrentStreams?: number;
  /** TCP connections at a time. Further ones are closed at once. Default 2000. */
  readonly maxConnections?: number;
  /** TCP connections from one address at a time; closed likewise. A load balancer is one address. Default 1000. */
  readonly maxConnectionsPerAddress?: number;
  /**
   * How long a client may take for the TLS handshake, then for its HTTP/2 preface and settings, and over HTTP/1.1 from one
   * request to the next, in ms; then its connection is closed. Default 10 000.
   */
  readonly connectionSetupMs?: number;
  /** From one HTTP/2 PING of the server to the next, in ms. Default 30 000. */
  readonly keepAliveMs?: number;
  /**
   * How long the acknowledgement of a PING may take, in ms; then the connection is closed. A client that has vanished, or
   * stands in the middle of a frame, sends none. Default 20 000.
   */
  readonly keepAliveTimeoutMs?: number;
  /**
   * Streams on one connection at a time whose requests have no verified token: health checks, refused calls and what the
   * server does not know. Further ones are reset with ENHANCE_YOUR_CALM. Default 100.
   */
  readonly maxUnverifiedStreams?: number;
  /** Health checks at a time that are kept open with `Watch`. Further ones get RESOURCE_EXHAUSTED. Default 100. */
  readonly maxHealthWatches?: number;
  /** From the headers of an RPC to its first message, in ms; then it gets DEADLINE_EXCEEDED. Default 10 000. */
  readonly firstMessageMs?: number;
  /** From the first byte of a message to its last, in ms; then its RPC gets DEADLINE_EXCEEDED. Default 10 000. */
  readonly messageMs?: number;
  /**
   * Bytes that the messages of one connection may have when they are decompressed, within a minute; further compressed ones
   * get RESOURCE_EXHAUSTED. Webex compresses nothing. Default 8 388 608.
   */
  readonly maxDecompressedBytes?: number;
  /** Header fields of a request; a request with more is refused by HTTP/2. Default 256. */
  readonly maxHeaderFields?: number;
  /**
   * Audio of one reply that waits for the network, in ms, at least 1000. At the bound the source of the prompt is not pulled
   * until the client has read more. A WAV reply is one message and waits whole; see `maxReplyBytes`. Default 4000.
   */
  readonly maxQueuedReplyMs?: number;
  /**
   * Bytes of all replies of one connection that wait for the network. At the bound the sources of prompts wait for their turn;
   * half a second of audio of each RPC passes all the same. What a server says next waits behind them, so more does not make a
   * slow client faster. Default 1 048 576: two minutes of audio.
   */
  readonly maxQueuedBytesPerConnection?: number;
  /**
   * The same of all connections together, with WAV replies that are being collected. At the bound the sources of prompts wait. One
   * connection takes at most a quarter of it with WAV replies. Default 67 108 864.
   */
  readonly maxQueuedBytes?: number;
  /**
   * How long a client may take nothing of a reply, in ms, at least 1000, and up to a half longer; the time counts while no other
   * reply of the connection is in the way. Then the stream is reset, and the call goes on without the reply. Default 120 000.
   */
  readonly stalledReplyTimeoutMs?: number;
}

/** The defaults; `maxSessionsPerOrganization` depends on `maxSessions`. */
export const DEFAULT_LIMITS: Readonly<Required<Omit<MediaServerLimits, 'maxSessionsPerOrganization'>>> = Object.freeze({
  maxSessions: 1000,
  idleTimeoutMs: 600_000,
  maxSessionMs: 3_600_000,
  turnTimeoutMs: 30_000,
  maxUtteranceMs: 60_000,
  maxConversations: 1000,
  maxConversationQueueMs: 5000,
  maxMessageBytes: 262_144,
  maxReplyBytes: 3_500_000,
  maxTranscriptEntries: 500,
  maxTranscriptBytes: 65_536,
  endGraceMs: 5000,
  storeTimeoutMs: 2000,
  maxStateBytes: 65_536,
  maxConcurrentStreams: 2000,
  maxConnections: 2000,
  maxConnectionsPerAddress: 1000,
  connectionSetupMs: 10_000,
  keepAliveMs: 30_000,
  keepAliveTimeoutMs: 20_000,
  maxUnverifiedStreams: 100,
  maxHealthWatches: 100,
  firstMessageMs: 10_000,
  messageMs: 10_000,
  maxDecompressedBytes: 8_388_608,
  maxHeaderFields: 256,
  maxQueuedReplyMs: 4000,
  maxQueuedBytesPerConnection: 1_048_576,
  maxQueuedBytes: 67_108_864,
  stalledReplyTimeoutMs: 120_000,
});

/** The limits, complete. */
export type ResolvedLimits = Readonly<Required<MediaServerLimits>>;

/** Completes limits that were checked. */
export function resolveLimits(given: MediaServerLimits = {}): ResolvedLimits {
  // An explicit undefined means the default, as an absent member does.
  const set = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const limits = { ...DEFAULT_LIMITS, ...set };
  const maxSessionsPerOrganization = given.maxSessionsPerOrganization ?? Math.ceil(limits.maxSessions / 2);
  return Object.freeze({ ...limits, maxSessionsPerOrganization });
}
