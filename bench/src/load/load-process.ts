// The process that plays the callers, the same for every server. It speaks just enough HTTP/2, by itself: a client of Node's
// costs as much as a server, and would be at its end before the servers are.
import { TEST_AUTHORITY } from '../certificate.ts';
import { serveCommands } from '../ipc.ts';
import { type Crowd, startCrowd } from './crowd.ts';
import { connectLoad, type LoadConnection } from './http2/connection.ts';
import type { LoadCommands } from './load-commands.ts';
import { conversationId } from './messages.ts';
import { createRecorder } from './recorder.ts';
import { rpcHeaders } from './rpc.ts';

const recorder = createRecorder();
const runId = `${Date.now().toString(16)}-${process.pid}`;
let conversations = 0;
let connections: LoadConnection[] = [];
let crowds: Crowd[] = [];

serveCommands<LoadCommands>(
  {
    async connect({ port, connections: count, authorization, tls }) {
      const open = () =>
        connectLoad({
          port,
          authority: tls ? TEST_AUTHORITY : undefined,
          headers: rpcHeaders(authorization),
          onError: (error) => recorder.failed(`connection: ${error.message}`),
        });
      connections = await Promise.all(Array.from({ length: count }, open));
      return null;
    },
    async start(request) {
      const crowd = startCrowd({
        ...request,
        connections,
        recorder,
        nextId: () => conversationId(runId, ++conversations),
      });
      crowds.push(crowd);
      await crowd.underWay;
      return null;
    },
    begin() {
      recorder.begin();
      return null;
    },
    end: () => recorder.end(),
    async wake({ atOnce }) {
      const sleeping = crowds;
      crowds = [];
      const share = Math.ceil(atOnce / sleeping.length);
      const all = await Promise.all(sleeping.map((crowd) => crowd.wake(share)));
      return {
        answered: all.reduce((sum, { answered }) => sum + answered, 0),
        firstFailure: all.find(({ firstFailure }) => firstFailure !== '')?.firstFailure ?? '',
      };
    },
    async disperse() {
      await Promise.all(crowds.map((crowd) => crowd.disperse()));
      crowds = [];
      return null;
    },
    async disconnect() {
      await Promise.all(connections.map((connection) => connection.close()));
      connections = [];
      return null;
    },
  },
  () => process.exit(0),
);
