// A bare node:http2 responder: gRPC's framing by hand, protobuf-es for the messages. The floor under every server here.
import type { ServerHttp2Stream } from 'node:http2';
import { create, fromBinary, toBinary } from '@bufbuild/protobuf';
import { CallerEventType, VoiceVARequestSchema, VoiceVAResponseSchema } from '../contract.ts';
import { createEnvelopeReader, envelope } from '../grpc-envelope.ts';
import { TURNS } from '../utterance.ts';
import { bareReply } from './bare-reply.ts';
import type { BenchServer, ServerSettings } from './bench-server.ts';
import { createHttp2, listenLocally } from './open-http2.ts';
import { createTurnEar } from './turn-ear.ts';

/** Starts the server. */
export async function startHttp2({ tls, port }: ServerSettings): Promise<BenchServer> {
  let frames = 0;
  let reply = create(VoiceVAResponseSchema, bareReply(TURNS.typical.promptMs));

  function serve(stream: ServerHttp2Stream): void {
    const ear = createTurnEar();
    stream.respond({ ':status': 200, 'content-type': 'application/grpc' }, { waitForTrailers: true });
    stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }));
    const say = () => stream.write(envelope(toBinary(VoiceVAResponseSchema, reply)));
    const reader = createEnvelopeReader((message) => {
      const { voiceVaInputType: input } = fromBinary(VoiceVARequestSchema, message);
      if (input.case === 'audioInput') {
        frames++;
        if (!ear.hears(input.value.callerAudio)) return;
        say();
        stream.end();
      } else if (input.case === 'eventInput' && input.value.eventType === CallerEventType.SESSION_START) {
        say();
      }
    });
    stream.on('data', (piece: Buffer) => reader.push(piece, 0));
    stream.on('end', () => stream.end());
    // A caller who hangs up resets the stream: nothing to do, but without a listener it would end the process.
    stream.on('error', () => stream.destroy());
  }

  const server = createHttp2(tls);
  server.on('stream', serve);
  return {
    port: await listenLocally(server, port),
    framesReceived: () => frames,
    answerWith(promptMs) {
      reply = create(VoiceVAResponseSchema, bareReply(promptMs));
    },
  };
}
