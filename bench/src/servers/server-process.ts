// The process around one server: `node server-process.ts <name>`. It counts its own CPU time and memory.
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { SERVER_TLS } from '../certificate.ts';
import { serveCommands } from '../ipc.ts';
import { ORGANIZATION } from '../organization.ts';
import { createTokens, type Tokens } from '../verification/tokens.ts';
import type { BenchServer, ServerSettings } from './bench-server.ts';
import type { ServerCommands } from './server-commands.ts';
import type { ServerName } from './server-names.ts';

// Only the server under test is loaded: the others' code would count in its memory.
const STARTERS: Readonly<Record<ServerName, (settings: ServerSettings, tokens: Tokens) => Promise<BenchServer>>> = {
  byova: async (settings, tokens) => (await import('./byova.ts')).startByova(tokens, 'streams', settings),
  'byova-tap': async (settings, tokens) => (await import('./byova.ts')).startByova(tokens, 'tap', settings),
  'byova-connect': async (settings, tokens) => (await import('./byova.ts')).startByova(tokens, 'connect', settings),
  lane: async (settings) => (await import('./lane.ts')).startLane(settings),
  connect: async (settings) => (await import('./connect.ts')).startConnect(settings),
  'grpc-js': async (settings) => (await import('./grpc-js.ts')).startGrpcJs(settings),
  http2: async (settings) => (await import('./http2.ts')).startHttp2(settings),
};

const name = process.argv[2] as ServerName;
let server: BenchServer | undefined;

serveCommands<ServerCommands>(
  {
    async listen({ tls, port, reusePort = false, signingKey }) {
      const tokens = await createTokens(signingKey);
      server = await STARTERS[name]({ tls: tls ? SERVER_TLS : undefined, port, reusePort }, tokens);
      return { port: server.port, authorization: tokens.good('1', ORGANIZATION) };
    },
    answerWith({ promptMs, streamed = false }) {
      server?.answerWith(promptMs, streamed);
      return null;
    },
    usage() {
      const { user, system } = process.cpuUsage();
      return {
        cpuMicros: user + system,
        framesReceived: server?.framesReceived() ?? 0,
        rssBytes: process.memoryUsage.rss(),
        queuedBytes: server?.queuedBytes?.() ?? 0,
      };
    },
    async memory() {
      // Twice, with a turn of the loop between: finalizers of the first pass free what the second one collects.
      globalThis.gc?.();
      await turnOfLoop();
      globalThis.gc?.();
      const { rss, heapUsed } = process.memoryUsage();
      return { rssBytes: rss, heapBytes: heapUsed };
    },
  },
  () => process.exit(0),
);
