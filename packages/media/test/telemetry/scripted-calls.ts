// Calls over real sockets in which everything happens that is measured: an interruption, speech, secret digits, a handler that
// fails on them, a caller who says nothing, a call that is not taken, tokens that are not there.
import { type MediaPlugin, MediaServer, prompt } from '@byova/media';
import { type CallReport, type CallStep, placeCall } from '@byova/simulator';
import { onTestFinished } from 'vitest';
import { framePath } from '../support/frame-path.ts';

/** What must be found in no metric and no span. */
export const SECRETS = ['4711', 'conversation-1', 'organization-1', 'cannot book', 'Tracking'];

const speech = new URL('../fixtures/speech/support-m7.wav', import.meta.url).pathname;

/** A server with a plugin, and its calls. `onDigits` runs in the handler of the first call, after its digits have come. */
export async function startScripted(plugin: MediaPlugin, onDigits: () => void = () => {}) {
  const server = new MediaServer({
    agents: [{ id: 'demo', name: 'Demo' }],
    verify: { datasourceUrl: 'https://va.example.com:443', enforce: false },
    limits: { maxSessions: 5 },
    framePath,
  });
  onTestFinished(() => server.close({ graceMs: 0 }));
  server.use(plugin);
  server.use({ name: 'closed', admit: ({ id }) => (id === 'refused' ? { reason: 'full_moon' } : undefined) });
  server.on('session_start', async ({ session }) => {
    if (session.id === 'quiet') {
      await session.listen({ prompt: prompt.tone({ frequencyHz: 440, durationMs: 60 }), noInputMs: 200, retries: 0 });
      await session.end();
      return;
    }
    await session.listen({ prompt: prompt.tone({ frequencyHz: 440, durationMs: 5000 }) });
    const tone = prompt.tone({ frequencyHz: 500, durationMs: 100 });
    const answer = await session.collectDigits({ prompt: tone, max: 4, sensitive: true });
    onDigits();
    if (answer.status === 'ok') throw new Error(`cannot book ${answer.digits}`);
  });
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const call = (script: readonly CallStep[], conversationId: string): Promise<CallReport> =>
    placeCall({
      target: `http://127.0.0.1:${port}`,
      organization: 'organization-1',
      conversationId,
      pace: 'real_time',
      script,
    });

  return {
    server,
    /** Places the calls, all at once; gives how they ended. */
    async play(): Promise<string[]> {
      const reports = await Promise.all([
        call(
          [
            { expect: 'prompt' },
            { wait: 300 },
            { say: speech },
            { waitForPrompt: {} },
            { press: '4711' },
            { expect: 'transfer', name: 'agent_error' },
          ],
          'conversation-1',
        ),
        call([{ expect: 'end' }], 'quiet'),
        call([{ expect: 'prompt' }], 'refused'),
      ]);
      // The last RPC of a call is told to be over when its stream has closed.
      while (server.stats.rpcs > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      return reports.map(({ outcome, failure }) => `${outcome}${outcome === 'failed' ? '' : (failure?.message ?? '')}`);
    },
  };
}
