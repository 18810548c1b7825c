// What a server process can be asked.

/** CPU time and work of a server since it started. */
export interface ServerUsage {
  readonly cpuMicros: number;
  readonly framesReceived: number;
  /** The process's size now, without a collection before. */
  readonly rssBytes: number;
  /** Bytes of replies that wait for the network; 0 for a server that does not know. */
  readonly queuedBytes: number;
}

/** Memory of a server after a garbage collection. */
export interface ServerMemory {
  readonly rssBytes: number;
  readonly heapBytes: number;
}

/** How a server is to listen. */
export interface ListenRequest {
  readonly tls: boolean;
  /** 0 takes a free one. */
  readonly port: number;
  /** Other processes open the same port. Default: they cannot. */
  readonly reusePort?: boolean;
  /** The key that callers' tokens are signed with, PEM, where several processes are to know them. Default: a new one. */
  readonly signingKey?: string;
}

/** Where a server listens, and what callers are to say who they are with. */
export interface Listening {
  readonly port: number;
  readonly authorization: string;
}

/** Commands of a server process. */
export interface ServerCommands {
  readonly listen: { readonly argument: ListenRequest; readonly result: Listening };
  /** The length of prompts from now on, in ms, and whether @byova/media makes the audio of each anew, in pieces. */
  readonly answerWith: {
    readonly argument: { readonly promptMs: number; readonly streamed?: boolean };
    readonly result: null;
  };
  readonly usage: { readonly argument: null; readonly result: ServerUsage };
  readonly memory: { readonly argument: null; readonly result: ServerMemory };
}
