// One replica of a fleet as a process: an agent that counts the turns of each call in session.state, and tells what it has
// counted with the transfer. Killed without warning by the test.
import { Redis } from 'ioredis';
import { MediaServer, prompt, type Session } from '../../src/index.ts';
import { RedisSessionStore } from '../../src/redis.ts';

/** What a replica tells the test. */
export type ReplicaMessage = { readonly port: number } | { readonly error: string };

/** What is counted in each call. */
export interface CallRecord {
  turns: number;
  digits: string;
  processes: number[];
}

const [redisUrl = '', lastTurn = ''] = process.argv.slice(2);
const tell = (message: ReplicaMessage): void => void process.send?.(message);

const server = new MediaServer<CallRecord>({
  agents: [{ id: 'counter', name: 'Counter' }],
  verify: { enforce: false },
  state: () => ({ turns: 0, digits: '', processes: [] }),
  store: new RedisSessionStore({ client: new Redis(redisUrl) }),
});

const count = async (session: Session<CallRecord>): Promise<void> => {
  session.state.turns += 1;
  session.state.processes.push(process.pid);
  const { turns, digits, processes } = session.state;
  if (turns === Number(lastTurn)) await session.transfer({ metadata: { turns, digits, processes } });
  else void session.play(prompt.tone({ frequencyHz: 440, durationMs: 100 }));
};
server.on('session_start', ({ session }) => count(session));
server.on('dtmf_input', ({ event, session }) => {
  session.state.digits += event.digits;
  return count(session);
});
server.on('error', ({ event }) => tell({ error: event.error.code }));

const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
// The test that started it has ended, however that was.
process.once('disconnect', () => process.exit());
tell({ port });
