// The process that plays the callers. Plain node:http2 and frames encoded beforehand, so that it costs little beside
// the server, and the same for every server.
import { once } from 'node:events';
import { type ClientHttp2Session, connect } from 'node:http2';
import { serveCommands } from '../ipc.ts';
import { type Crowd, startCrowd } from './crowd.ts';
import { conversationId, createFrameFactory } from './frames.ts';
import type { LoadCommands } from './load-commands.ts';
import { createRecorder } from './recorder.ts';

const recorder = createRecorder();
const makeFrames = createFrameFactory();
const runId = `${Date.now().toString(16)}-${process.pid}`;
let authorization: string | undefined;
let conversations = 0;
let connections: ClientHttp2Session[] = [];
let crowds: Crowd[] = [];

async function open(port: number): Promise<ClientHttp2Session> {
  const connection = connect(`http://127.0.0.1:${port}`);
  connection.on('error', (error) => recorder.failed(`connection: ${error.message}`));
  // Until the server's settings are here, Node takes it to allow 100 streams and holds back the others.
  await once(connection, 'remoteSettings');
  return connection;
}

serveCommands<LoadCommands>(
  {
    async connect({ port, connections: count, authorization: token }) {
      authorization = token;
      connections = await Promise.all(Array.from({ length: count }, () => open(port)));
      return null;
    },
    async start(request) {
      const crowd = startCrowd({
        ...request,
        connections,
        authorization,
        recorder,
        nextConversation: () => makeFrames(conversationId(runId, ++conversations)),
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
    async disperse() {
      await Promise.all(crowds.map((crowd) => crowd.disperse()));
      crowds = [];
      return null;
    },
    async disconnect() {
      await Promise.all(connections.map((connection) => new Promise<void>((done) => connection.close(() => done()))));
      connections = [];
      return null;
    },
  },
  () => process.exit(0),
);
