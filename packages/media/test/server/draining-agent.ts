// The program that sigterm.test.ts stops while it holds calls: counts keys, and hands over at 9. GRACE_MS is its deadline.
import { MediaServer, prompt } from '@byova/media';
import { framePath } from '../support/frame-path.ts';

const tone = prompt.tone({ frequencyHz: 440, durationMs: 200 });
const server = new MediaServer({
  agents: [{ id: 'counter', name: 'Counter' }],
  verify: { enforce: false },
  input: { dtmf: { length: 1 }, noInputMs: 2000 },
  framePath,
  state: () => ({ keys: '' }),
});

let calls = 0;
server.on('session_start', ({ session }) => {
  calls += 1;
  if (calls === 50) process.stdout.write('fifty calls\n');
  return session.play(tone, { bargeIn: false });
});
server.on('no_input', ({ session }) => session.play(tone, { bargeIn: false }));
server.on('dtmf_input', async ({ event, session }) => {
  session.state.keys += event.digits;
  if (event.digits === '9') await session.transfer({ metadata: { keys: session.state.keys } });
  else await session.play(tone, { bargeIn: false });
});
server.on('draining', () => void process.stdout.write('draining\n'));

const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`listening on ${port}\n`);
process.once('SIGTERM', () => server.drain({ graceMs: Number(process.env['GRACE_MS']) }));
