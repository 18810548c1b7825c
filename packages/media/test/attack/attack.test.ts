// Attacks a server with generated sequences on each frame path, over HTTP/2 and HTTP/1, in clear text and over TLS. `run.ts` does
// the same for as long as is wanted.
import { afterAll, beforeAll, expect, it } from 'vitest';
import { FRAME_PATHS } from '../support/frame-path.ts';
import { Attack } from './drive/attack.ts';
import { reproduce } from './drive/reproduce.ts';
import { VerifyingPlatform } from './server/verifying-platform.ts';

/** Sequences in all, and the time that they may take: a slow machine sends fewer, and prints how many. */
const SEQUENCES = 100_000;
const TIME_LIMIT_MS = Number(process.env['ATTACK_SECONDS'] ?? 120) * 1000;

/** Sequences that every machine reaches on each frame path, even beside other tests. */
const LEAST_SEQUENCES = 200;

/** Another one each day, and the same for all runs of a day, so that a failure can be repeated. */
const SEED = Number(process.env['ATTACK_SEED'] ?? new Date().toISOString().slice(0, 10).replaceAll('-', ''));

let platform: VerifyingPlatform;
beforeAll(async () => {
  platform = await VerifyingPlatform.start();
});
afterAll(() => platform.close());

it.each(FRAME_PATHS)(
  'a server whose frames go by %s outlives generated sequences, lets none in and keeps nothing of them',
  async (framePath) => {
    const { sequences, connections, elapsedMs, findings } = await new Attack({
      platform,
      framePath,
      seed: SEED,
      sequences: SEQUENCES / FRAME_PATHS.length,
      timeLimitMs: TIME_LIMIT_MS / FRAME_PATHS.length,
    }).run();
    process.stdout.write(
      `${framePath}: ${sequences} sequences on ${connections} connections in ${(elapsedMs / 1000).toFixed(0)} s, seed ${SEED}\n`,
    );
    for (const finding of findings) await reproduce(finding, platform, framePath);
    expect(findings.map((finding) => finding.format())).toEqual([]);
    expect(sequences).toBeGreaterThan(LEAST_SEQUENCES);
  },
  600_000,
);
