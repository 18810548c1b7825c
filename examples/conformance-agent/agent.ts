// The agent of the conformance cases. PORT, AUDIO_MODE=wav|chunk, FRAME_PATH=streams|tap|connect and BYOVA_VERIFY=off come from the
// environment; prints `listening on <port>` when ready, and facts that a test must see from inside as lines of JSON.
import { stdout } from 'node:process';
import { type AudioMode, MediaServer, type MediaServerOptions, verifyFromEnv } from '@byova/media';
import { demo } from './demo.ts';
import { countTimers, liveTimers } from './live-timers.ts';
import { again } from './prompts.ts';
import { special } from './special.ts';
import { tell } from './tell.ts';

if (process.env['COUNT_TIMERS'] === '1') countTimers();

// MediaServer refuses any other value.
const framePath = (process.env['FRAME_PATH'] ?? 'streams') as NonNullable<MediaServerOptions['framePath']>;
const audioMode: AudioMode = process.env['AUDIO_MODE'] === 'wav' ? 'wav' : 'chunk';

const server = new MediaServer({
  agents: [
    { id: 'demo', name: 'Demo', default: true },
    ...Object.keys(special).map((id) => ({ id, name: `Demo: ${id}` })),
  ],
  verify: verifyFromEnv(),
  audioMode,
  framePath,
  input: { mode: 'voice_dtmf', dtmf: { length: 4, interDigitMs: 3000, terminator: '#' } },
  errorPrompt: again,
  onError: 'continue',
  limits: { turnTimeoutMs: 1500 },
  logger: {
    debug() {},
    info() {},
    warn: (fields, message) => tell({ level: 'warn', message, ...fields, err: String(fields['err']) }),
    error: (fields, message) => tell({ level: 'error', message, ...fields, err: String(fields['err']) }),
  },
});

server.on('session_start', (context) => (special[context.session.agent.id]?.start ?? demo.start)(context));
server.on('utterance', (context) => (special[context.session.agent.id]?.utterance ?? demo.utterance)(context));
server.on('dtmf_input', (context) => {
  tell({ dtmf: context.session.id, ...context.event });
  return (special[context.session.agent.id]?.digits ?? demo.digits)(context);
});
server.on('no_input', demo.noInput);
// The implicit session of a call whose start was not seen: told, and otherwise served like any other.
server.on('session_resumed', ({ event, session }) => tell({ resumed: session.id, kind: event.kind }));
server.on('custom_event', (context) => {
  if (context.event.name === 'stats') {
    globalThis.gc?.();
    const { heapUsed } = process.memoryUsage();
    tell({ stats: server.stats, askedBy: context.session.id, heapBytes: heapUsed, timers: liveTimers() });
  } else {
    tell({ customEvent: context.session.id, ...context.event });
  }
  demo.custom(context);
});
// A call between a caller and a person: how much came of each leg, and how it ended.
server.on('conversation_audio', async ({ conversation }) => {
  const reason = await conversation.ended;
  const legs = Object.fromEntries(conversation.legs.map(({ role, audioMs }) => [role, audioMs]));
  tell({ conversation: conversation.id, reason, legs });
});
server.on('session_end', ({ event, session }) => tell({ sessionEnd: session.id, reason: event.reason }));

const { port } = await server.listen({ host: '127.0.0.1', port: Number(process.env['PORT'] ?? 50_051) });
stdout.write(`listening on ${port}\n`);

process.once('SIGTERM', async () => {
  await server.drain({ graceMs: 2000, lastMs: 1000 });
  tell({ closed: true });
});
process.on('unhandledRejection', (error) => tell({ unhandledRejection: String(error) }));
