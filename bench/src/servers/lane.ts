// The frame path of @byova/media alone on node:http2: framing, decoding and encoding as the server has them, and behind them
// what the other bare servers do. What is between this and the whole server is sessions, turns, detection and handlers.
import { Lane } from '../../../packages/media/src/grpc/lane/lane.ts';
import { OutputBudget } from '../../../packages/media/src/output/output-budget.ts';
import { DEFAULT_LIMITS } from '../../../packages/media/src/server/limits.ts';
import { mintAdmission } from '../../../packages/media/src/wire/gate.ts';
import { createHealthRegistry } from '../../../packages/media/src/wire/health-registry.ts';
import type { AgentResponse } from '../../../packages/media/src/wire/response.ts';
import { promptWav } from '../audio.ts';
import { TURNS } from '../utterance.ts';
import type { BenchServer, ServerSettings } from './bench-server.ts';
import { createHttp2, listenLocally } from './open-http2.ts';
import { createTurnEar } from './turn-ear.ts';

function answer(promptMs: number): AgentResponse {
  return { type: 'final', prompts: [{ audio: promptWav(promptMs), bargeIn: true }] };
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** Starts the server. */
export async function startLane({ tls, port }: ServerSettings): Promise<BenchServer> {
  let frames = 0;
  let reply = answer(TURNS.typical.promptMs);
  const lane = new Lane({
    limits: DEFAULT_LIMITS,
    budget: OutputBudget.unbounded(),
    onLimit() {},
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
            output.send(reply);
            output.complete();
          },
          digits() {},
          event({ type }) {
            if (type === 'session_start') output.send(reply);
          },
          empty() {},
          halfClose: () => output.complete(),
          cancel() {},
        };
      },
      listAgents: async () => [],
    },
    forks: { openFork: () => undefined },
    health: createHealthRegistry(),
    onFault(error) {
      throw error;
    },
  });
  const admission = mintAdmission(undefined);
  const server = createHttp2(tls);
  server.on('stream', (stream, headers) => {
    // A caller who hangs up resets the stream: nothing to do, but without a listener it would end the process.
    stream.on('error', () => {});
    lane.serve(stream, headers, 'process_caller_input', admission);
  });
  return {
    port: await listenLocally(server, port),
    framesReceived: () => frames,
    answerWith(promptMs) {
      reply = answer(promptMs);
    },
  };
}
