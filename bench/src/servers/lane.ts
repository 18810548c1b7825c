// The frame path of @byova/media alone on node:http2: framing, decoding and encoding as the server has them, and behind them
// what the other bare servers do. What is between this and the whole server is sessions, turns, detection and handlers.
import { once } from 'node:events';
import { createServer } from 'node:http2';
import type { AddressInfo } from 'node:net';
import { createLane } from '../../../packages/media/src/grpc/lane/lane.ts';
import type { AgentResponse } from '../../../packages/media/src/wire/response.ts';
import { promptWav } from '../audio.ts';
import type { BenchServer } from './bench-server.ts';
import { createTurnEar } from './turn-ear.ts';

const REPLY: AgentResponse = { type: 'final', prompts: [{ audio: promptWav(), bargeIn: true }] };

const DAY_MS = 24 * 60 * 60 * 1000;

/** Starts the server. */
export async function startLane(): Promise<BenchServer> {
  let frames = 0;
  const lane = createLane({
    maxMessageBytes: 1_048_576,
    maxTimeoutMs: DAY_MS,
    shutdownSignal: new AbortController().signal,
    service: {
      openRpc(output) {
        const ear = createTurnEar();
        return {
          begin: () => true,
          continues: () => true,
          audio(bytes) {
            frames++;
            if (!ear.hears(bytes)) return;
            output.send(REPLY);
            output.complete();
          },
          digits() {},
          event({ type }) {
            if (type === 'session_start') output.send(REPLY);
          },
          empty() {},
          halfClose: () => output.complete(),
          cancel() {},
        };
      },
      listAgents: async () => [],
    },
  });
  const server = createServer();
  server.on('stream', (stream, headers) => {
    // A caller who hangs up resets the stream: nothing to do, but without a listener it would end the process.
    stream.on('error', () => {});
    lane.serve(stream, headers, undefined);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    framesReceived: () => frames,
  };
}
