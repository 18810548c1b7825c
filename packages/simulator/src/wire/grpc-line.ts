// The line to the agent over gRPC.
import { Client, Metadata } from '@grpc/grpc-js';
import type { CallTls } from '../call/call-options.ts';
import { channelCredentials } from './channel-credentials.ts';
import { decodeResponse } from './decode-response.ts';
import { encodeRequest, type RequestIdentity } from './encode-request.ts';
import { listenForStatus } from './listen-for-status.ts';
import type { AgentLine, AgentResponse, CallerMessage } from './messages.ts';
import { parseTarget } from './target.ts';

const METHOD = '/com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/ProcessCallerInput';

/** What a line is made from. */
export interface GrpcLineOptions {
  readonly target: string;
  readonly tls: CallTls | undefined;
  readonly token: string | undefined;
  /** Starts the `trackingid` of every RPC. */
  readonly trackingPrefix: string;
  readonly identity: RequestIdentity;
}

/** Makes the line of one call. Connects with the first RPC. Throws `INVALID_OPTION`. */
export function createGrpcLine(options: GrpcLineOptions): AgentLine {
  const { address, secure } = parseTarget(options.target);
  // A connection of its own: a call must not be helped by one that an earlier call opened.
  const client = new Client(address, channelCredentials(secure, options.tls), { 'grpc.use_local_subchannel_pool': 1 });
  let opened = 0;
  return {
    open(listener) {
      opened += 1;
      const metadata = new Metadata();
      metadata.set('trackingid', `${options.trackingPrefix}_${opened}`);
      if (options.token !== undefined) metadata.set('authorization', `Bearer ${options.token}`);
      const rpc = client.makeBidiStreamRequest<CallerMessage, AgentResponse>(
        METHOD,
        (message) => Buffer.from(encodeRequest(options.identity, message)),
        decodeResponse,
        metadata,
      );
      rpc.on('data', (response: AgentResponse) => listener.onResponse(response));
      listenForStatus(rpc, (status) => listener.onStatus(status));
      return {
        send: (message) => void rpc.write(message),
        halfClose: () => void rpc.end(),
        cancel: () => rpc.cancel(),
        get backlog() {
          return rpc.writableLength;
        },
      };
    },
    close() {
      client.close();
    },
  };
}
