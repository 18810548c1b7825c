// How a server is opened, drained and closed, and what it says of itself.
import type { PlaySource } from '../prompt/prompt.ts';
import type { LeaveAction } from '../session/call-environment.ts';
import type { TlsOptions } from './tls.ts';

/** Where a server listens. */
export interface ServerListenOptions {
  /** The port; 0 takes a free one. Default 50051. */
  readonly port?: number;
  /** The address. Default `'0.0.0.0'`. */
  readonly host?: string;
  /**
   * Whether other processes may listen on the same port, so that the kernel deals out connections among them: one process
   * for each core. On Linux, FreeBSD and a few more; elsewhere `listen` rejects. Default false.
   */
  readonly reusePort?: boolean;
  /** TLS, with a check of the client's certificate if wanted. Default: clear text, for use behind a load balancer. */
  readonly tls?: TlsOptions;
}

/** Where a server is listening. */
export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** How a server is closed. */
export interface CloseOptions {
  /** How long turns that are open may take to finish, in ms. Default 5000. */
  readonly graceMs?: number;
}

/** How a server lets its calls finish. */
export interface DrainOptions {
  /** How long calls may go on, in ms. Default 300 000: five minutes. */
  readonly graceMs?: number;
  /** What becomes of those that are left then. Default `'transfer'`. */
  readonly atDeadline?: LeaveAction;
  /** What their callers hear first. Default: nothing. */
  readonly prompt?: PlaySource;
  /** How long those may take to be told, in ms: a call between two turns is told on its next. Default 10 000. */
  readonly lastMs?: number;
}

/** What a server holds now. */
export interface ServerStats {
  /** Calls. */
  readonly sessions: number;
  /** RPCs of calls that are open. */
  readonly turns: number;
  /** Calls between a caller and a person that are listened to. */
  readonly conversations: number;
  /** gRPC requests that are open, health checks included. */
  readonly rpcs: number;
  /** Connections that are open. */
  readonly connections: number;
  /** Bytes of replies that wait for the network: little, unless clients read more slowly than agents speak. */
  readonly queuedBytes: number;
}
