// The process around one server: `node server-process.ts <name>`. It counts its own CPU time and memory.
import { setImmediate as turnOfLoop } from 'node:timers/promises';
import { serveCommands } from '../ipc.ts';
import type { BenchServer } from './bench-server.ts';
import type { ServerCommands } from './server-commands.ts';
import type { ServerName } from './server-names.ts';

// Only the server under test is loaded: the others' code would count in its memory.
const STARTERS: Readonly<Record<ServerName, () => Promise<BenchServer>>> = {
  byova: async () => (await import('./byova.ts')).startByova(),
  connect: async () => (await import('./connect.ts')).startConnect(),
  'grpc-js': async () => (await import('./grpc-js.ts')).startGrpcJs(),
  http2: async () => (await import('./http2.ts')).startHttp2(),
};

const name = process.argv[2] as ServerName;
let server: BenchServer | undefined;

serveCommands<ServerCommands>(
  {
    async listen() {
      server = await STARTERS[name]();
      return { port: server.port };
    },
    usage() {
      const { user, system } = process.cpuUsage();
      return { cpuMicros: user + system, framesReceived: server?.framesReceived() ?? 0 };
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
