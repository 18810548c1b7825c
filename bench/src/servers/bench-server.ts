// What the process around a server needs of it, and what a server is told when it starts.

/** Key and certificate of a server, PEM. */
export interface ServerTls {
  readonly key: string;
  readonly cert: string;
}

/** How a server is started. */
export interface ServerSettings {
  /** Speaks TLS with these; in clear without. */
  readonly tls: ServerTls | undefined;
  /** 0 takes a free one. */
  readonly port: number;
  /** Other processes open the same port; only of use to @byova/media. */
  readonly reusePort: boolean;
}

/** A server under test, listening on a port of 127.0.0.1 until its process ends. */
export interface BenchServer {
  readonly port: number;
  /** Caller audio frames that have arrived so far. */
  framesReceived(): number;
  /** Bytes of replies that wait for the network, where the server knows. */
  queuedBytes?(): number;
  /** From now on answers with prompts of this length, in ms. `streamed`: made anew for each call; only @byova/media knows how. */
  answerWith(promptMs: number, streamed: boolean): void;
}
