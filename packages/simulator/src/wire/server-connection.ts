// One connection to a server, on which any of its methods is called, with any token or none.
import { Client, Metadata } from '@grpc/grpc-js';
import type { CallTls } from '../call/call-options.ts';
import { channelCredentials } from './channel-credentials.ts';
import { listenForStatus } from './listen-for-status.ts';
import type { RpcStatus } from './messages.ts';
import type { WireMethod } from './methods.ts';
import { parseTarget } from './target.ts';

/** A wait for a connection goes on after this one is closed, and keeps the process; so it is made of short ones. */
const LOOK_MS = 200;

/** What a connection is made from. */
export interface ServerConnectionOptions {
  readonly target: string;
  readonly tls: CallTls | undefined;
  /** Starts the `trackingid` of every RPC. */
  readonly trackingPrefix: string;
}

/** Told what arrives on an RPC. */
export interface ServerRpcListener<Response> {
  onResponse(response: Response): void;
  onStatus(status: RpcStatus): void;
}

/** An RPC of any method. */
export interface ServerRpc<Request> {
  send(request: Request): void;
  halfClose(): void;
  cancel(): void;
}

/** A connection. */
export interface ServerConnection {
  /** Connects, again where it has to. Whether that was possible in the time. */
  connect(withinMs: number): Promise<boolean>;
  /** Opens an RPC. The whole value of its `authorization` is given; `undefined` sends none. */
  open<Request, Response>(
    method: WireMethod<Request, Response>,
    authorization: string | undefined,
    listener: ServerRpcListener<Response>,
  ): ServerRpc<Request>;
  close(): void;
}

function isReady(client: Client, withinMs: number): Promise<boolean> {
  return new Promise((resolve) => client.waitForReady(Date.now() + withinMs, (error) => resolve(error === undefined)));
}

/** Makes a connection; the first use of it connects. Throws `INVALID_OPTION`. */
export function createServerConnection(options: ServerConnectionOptions): ServerConnection {
  const { address, secure } = parseTarget(options.target);
  const client = new Client(address, channelCredentials(secure, options.tls), {
    // A connection of its own, and every failure shown: nothing may be repaired behind a case's back.
    'grpc.use_local_subchannel_pool': 1,
    'grpc.enable_retries': 0,
    'grpc.max_reconnect_backoff_ms': 1000,
  });
  let opened = 0;
  let closed = false;
  return {
    async connect(withinMs) {
      for (let left = withinMs; left > 0 && !closed; left -= LOOK_MS) {
        if (await isReady(client, Math.min(left, LOOK_MS))) return true;
      }
      return false;
    },
    open(method, authorization, listener) {
      opened += 1;
      const metadata = new Metadata();
      metadata.set('trackingid', `${options.trackingPrefix}_${opened}`);
      if (authorization !== undefined) metadata.set('authorization', authorization);
      const rpc = client.makeBidiStreamRequest(
        method.path,
        (request: Parameters<typeof method.encode>[0]) => Buffer.from(method.encode(request)),
        (bytes: Buffer) => method.decode(bytes),
        metadata,
      );
      rpc.on('data', (response: ReturnType<typeof method.decode>) => listener.onResponse(response));
      listenForStatus(rpc, (status) => listener.onStatus(status));
      return {
        send: (request) => void rpc.write(request),
        halfClose: () => void rpc.end(),
        cancel: () => rpc.cancel(),
      };
    },
    close() {
      closed = true;
      client.close();
    },
  };
}
