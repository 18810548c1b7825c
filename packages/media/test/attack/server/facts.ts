// What the attacked server and the attacker agree on: the names that tell calls with a token from calls without one, and the
// messages between the two processes.

/** The organization of the valid token. */
export const ORGANIZATION = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';

/** The organization that requests without a valid token ask for: nothing of the server's program may ever see it. */
export const OUTSIDER = '0bad0bad-3dcc-11e5-a152-fe34819cdc9a';

export const DATA_SOURCE_URL = 'https://va.example.com:443';
export const VOICE_SCHEMA = '5397013b-7920-4ffc-807c-e8a3e0a18f43';
export const FORK_SCHEMA = '523e1b7f-4693-47bc-b84e-a7b7a505fb0b';

/** Start of the conversation ids of requests without a valid token. */
export const OUTSIDER_CALL = 'outsider-';

/** Start of the conversation ids of the calls that prove that the server serves: they are transferred. */
export const PROBE_CALL = 'probe-';

/** Part of every answer that the server's program gives: none of it may reach a request without a valid token. */
export const SECRET = 'secret-of-the-agent';

/** How the process of the server is configured, as JSON in the environment. */
export interface ServerConfiguration {
  readonly framePath: string;
  readonly issuers: readonly string[];
  /** Whether the process goes on after an exception that nothing caught: for a survey of all faults. */
  readonly survives: boolean;
}

/** The variable of {@link ServerConfiguration}. */
export const CONFIGURATION_VARIABLE = 'ATTACKED_SERVER';

/** What the server's process holds, after a collection of garbage. */
export interface ServerFigures {
  readonly heapBytes: number;
  readonly externalBytes: number;
  readonly rssBytes: number;
  /** Both ports together. */
  readonly stats: {
    readonly sessions: number;
    readonly turns: number;
    readonly conversations: number;
    readonly rpcs: number;
    readonly connections: number;
  };
  readonly started: number;
  readonly ended: number;
  readonly forks: number;
  readonly refused: number;
}

/** What the server's process reports. */
export type ServerMessage =
  | { readonly type: 'listening'; readonly clearPort: number; readonly tlsPort: number }
  | { readonly type: 'crash'; readonly kind: 'uncaughtException' | 'unhandledRejection'; readonly stack: string }
  /** The server's program was reached without a valid token. */
  | { readonly type: 'let_in'; readonly what: string; readonly id: string; readonly organization: string }
  | { readonly type: 'figures'; readonly figures: ServerFigures };
