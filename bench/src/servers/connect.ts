// A bare Connect handler on node:http2, with protobuf-es: what the contract costs with nothing around it but Connect.
import { once } from 'node:events';
import { createServer, type Http2Server } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { create } from '@bufbuild/protobuf';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { CallerEventType, type VoiceVARequest, VoiceVAResponseSchema, VoiceVirtualAgent } from '../contract.ts';
import { BARE_REPLY } from './bare-reply.ts';
import type { BenchServer } from './bench-server.ts';
import { createTurnEar } from './turn-ear.ts';

/** Starts the server. */
export async function startConnect(): Promise<BenchServer> {
  let frames = 0;
  const reply = create(VoiceVAResponseSchema, BARE_REPLY);

  async function* processCallerInput(requests: AsyncIterable<VoiceVARequest>) {
    const ear = createTurnEar();
    for await (const { voiceVaInputType: input } of requests) {
      if (input.case === 'audioInput') {
        frames++;
        if (!ear.hears(input.value.callerAudio)) continue;
        yield reply;
        return;
      }
      if (input.case === 'eventInput' && input.value.eventType === CallerEventType.SESSION_START) yield reply;
    }
  }

  const server: Http2Server = createServer(
    connectNodeAdapter({
      connect: false,
      grpcWeb: false,
      routes: (router) => void router.rpc(VoiceVirtualAgent.method.processCallerInput, processCallerInput),
    }),
  );
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    framesReceived: () => frames,
  };
}
