// The agent of all customers: what it does for a call depends on whose it is, which the verified token says.
import { MediaServer, prompt, type VerifyOptions } from '@byova/media';

export function createAgent(verify: VerifyOptions): MediaServer {
  const server = new MediaServer({ agents: [{ id: 'concierge', name: 'Concierge' }], verify });
  server.on('session_start', async ({ session }) => {
    await session.play(prompt.tone({ frequencyHz: 523, durationMs: 300 }), { bargeIn: false });
    await session.transfer({ metadata: { queue: `front desk of ${session.organization}` } });
  });
  server.on('call_refused', ({ event }) => console.log(`refused ${event.reason}`));
  return server;
}
