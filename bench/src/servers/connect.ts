// A bare Connect handler on node:http2, with protobuf-es: what the contract costs with nothing around it but Connect.
import { create } from '@bufbuild/protobuf';
import { connectNodeAdapter } from '@connectrpc/connect-node';
import { CallerEventType, type VoiceVARequest, VoiceVAResponseSchema, VoiceVirtualAgent } from '../contract.ts';
import { TURNS } from '../utterance.ts';
import { bareReply } from './bare-reply.ts';
import type { BenchServer, ServerSettings } from './bench-server.ts';
import { createHttp2, listenLocally } from './open-http2.ts';
import { createTurnEar } from './turn-ear.ts';

/** Starts the server. */
export async function startConnect({ tls, port }: ServerSettings): Promise<BenchServer> {
  let frames = 0;
  let reply = create(VoiceVAResponseSchema, bareReply(TURNS.typical.promptMs));

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

  const server = createHttp2(tls);
  server.on(
    'request',
    connectNodeAdapter({
      connect: false,
      grpcWeb: false,
      routes: (router) => void router.rpc(VoiceVirtualAgent.method.processCallerInput, processCallerInput),
    }),
  );
  return {
    port: await listenLocally(server, port),
    framesReceived: () => frames,
    answerWith(promptMs) {
      reply = create(VoiceVAResponseSchema, bareReply(promptMs));
    },
  };
}
