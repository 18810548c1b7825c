// The process of the callers, with the line that delays what they and the server say.
import { type Relay, startRelay } from '../../../packages/media/test/support/relay.ts';
import { serveCommands } from '../ipc.ts';
import { connectLoad, type LoadConnection } from '../load/http2/connection.ts';
import { DEFAULT_WINDOW } from '../load/http2/frame-format.ts';
import type { WindowPolicy } from '../load/http2/receive-windows.ts';
import { conversationId, createMessages } from '../load/messages.ts';
import { rpcHeaders } from '../load/rpc.ts';
import { percentiles } from '../statistics.ts';
import { TURNS } from '../utterance.ts';
import { type CallOutcome, makePromptedCall } from './prompted-call.ts';
import type { PlaceRequest, PromptsCommands, WindowName } from './prompts-commands.ts';

const POLICIES: Readonly<Record<WindowName, WindowPolicy>> = {
  '64k': { streamBytes: DEFAULT_WINDOW, connectionBytes: DEFAULT_WINDOW },
  dynamic: 'dynamic',
};

const runId = `${Date.now().toString(16)}-${process.pid}`;
const messages = createMessages(TURNS.hurried);
let calls = 0;
let relay: Relay | undefined;
let connection: LoadConnection | undefined;
let placed = 0;
let outcomes: CallOutcome[] = [];
let beganAt = 0;
let lastAt = 0;

async function connect({ port, authorization, windows, roundTripMs }: PlaceRequest): Promise<LoadConnection> {
  if (roundTripMs > 0) relay = await startRelay({ targetPort: port, latencyMs: roundTripMs / 2 });
  return connectLoad({
    port: relay?.port ?? port,
    windows: POLICIES[windows],
    headers: rpcHeaders(authorization),
    onError() {},
  });
}

function begin(on: LoadConnection, promptMs: number): Promise<CallOutcome> {
  calls += 1;
  return makePromptedCall({ connection: on, messages, id: conversationId(runId, calls), promptMs });
}

serveCommands<PromptsCommands>(
  {
    async place(request) {
      connection = await connect(request);
      // The first call brings the token, which the server then knows.
      await begin(connection, 0);
      outcomes = [];
      placed = request.calls;
      beganAt = performance.now();
      lastAt = beganAt;
      for (let call = 0; call < placed; call += 1) {
        void begin(connection, request.promptMs).then((outcome) => {
          outcomes.push(outcome);
          lastAt = performance.now();
        });
      }
      return null;
    },
    outcome() {
      const count = (result: CallOutcome['result']) => outcomes.filter((outcome) => outcome.result === result).length;
      const heard = outcomes.filter(({ result }) => result === 'finished');
      return {
        open: placed - outcomes.length,
        finished: heard.length,
        refused: count('refused'),
        lost: count('lost'),
        firstFailure: outcomes.find(({ failure }) => failure !== '')?.failure ?? '',
        seconds: (lastAt - beganAt) / 1000,
        firstAudioMs: percentiles(heard.map(({ firstAudioMs }) => firstAudioMs)),
        silenceMs: percentiles(heard.map(({ silenceMs }) => silenceMs)),
      };
    },
    async leave() {
      await connection?.close();
      await relay?.close();
      connection = undefined;
      relay = undefined;
      return null;
    },
  },
  () => process.exit(0),
);
