// The end of an RPC: its status, and whether the server sent it or grpc-js made it on this side.
import { type ClientDuplexStream, type Metadata, status as statusCodes } from '@grpc/grpc-js';
import type { RpcStatus } from './messages.ts';

/** Calls back once with the status of an RPC. */
export function listenForStatus<Request, Response>(
  rpc: ClientDuplexStream<Request, Response>,
  onStatus: (status: RpcStatus) => void,
): void {
  let answered = false;
  rpc.once('metadata', () => {
    answered = true;
  });
  // The status says all that an error does, and an error without a listener would end the process.
  rpc.on('error', () => undefined);
  rpc.on('status', ({ code, details, metadata }: { code: number; details: string; metadata: Metadata }) => {
    onStatus({
      code,
      name: statusCodes[code] ?? String(code),
      details: code === statusCodes.OK ? '' : details,
      // A refusal without headers before it carries those of HTTP; a status that grpc-js makes has none.
      answered: answered || Object.keys(metadata.getMap()).length > 0,
    });
  });
}
