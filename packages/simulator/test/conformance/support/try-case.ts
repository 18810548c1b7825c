// Runs one case against a server with one defect.
import type { ConformanceOptions, ConformanceResult } from '../../../src/index.ts';
import { runConformance } from '../../../src/index.ts';
import { type DemoServerOptions, startDemoServer } from './demo-server.ts';

/** What the server of these tests needs of silence before it takes an utterance as complete. */
export const END_SILENCE_MS = 500;

/** Runs it; the result must be there. */
export async function tryCase(
  id: string,
  server: DemoServerOptions,
  options: Partial<ConformanceOptions> = {},
): Promise<ConformanceResult> {
  using demo = await startDemoServer(server);
  const report = await runConformance({
    target: demo.target,
    mode: server.mode ?? 'wav',
    endSilenceMs: END_SILENCE_MS,
    replyMs: 1500,
    loadCalls: 10,
    only: [id],
    ...options,
  });
  const [result] = report.results;
  if (result === undefined) throw new Error(`there is no result for ${id}`);
  return result;
}
