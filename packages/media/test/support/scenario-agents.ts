// The agents that the scenarios in test/scenarios call: one way of using a session each.
import { MediaServer, prompt } from '../../src/index.ts';
import { framePath } from './frame-path.ts';

const tone = (frequencyHz: number, durationMs: number) => prompt.tone({ frequencyHz, durationMs });
const question = tone(440, 1500);
const reply = tone(660, 600);

/** Makes the server. */
export function createScenarioServer(): MediaServer {
  const names = ['pin', 'shielded', 'echo', 'patient', 'events'];
  const server = new MediaServer({
    agents: names.map((id) => ({ id, name: id })),
    verify: { enforce: false },
    framePath,
  });
  server.on('session_start', async ({ session }) => {
    switch (session.agent.id) {
      case 'pin': {
        const pin = await session.collectDigits({ prompt: question, max: 4, terminator: '#', interDigitMs: 2000 });
        const digits = pin.status === 'ok' ? pin.digits : '';
        await session.transfer({ name: pin.status, metadata: { digits, ...session.parameters } });
        return;
      }
      case 'shielded': {
        await session.play(question, { bargeIn: false });
        const answer = await session.collectDigits({ max: 1 });
        await session.end({ name: answer.status === 'ok' ? answer.digits : answer.status });
        return;
      }
      case 'echo':
        for (let next = question; ; next = reply) await session.listen({ prompt: next });
      case 'patient':
        for (let asked = 0; asked < 2; asked += 1) await session.listen({ prompt: question, noInputMs: 2000 });
        await session.end({ name: 'no_input' });
        return;
      default:
        await session.play(question);
    }
  });
  server.on('custom_event', ({ event, session }) => {
    const { vendorConfig } = session;
    session.emit('found', { ...event.parameters, vendorConfig });
  });
  return server;
}
