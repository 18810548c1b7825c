// The core under everything at once: made-up handlers, and RPCs, half-closes, resets and silences in any order. Seeded:
// BYOVA_SEED takes another path, BYOVA_RUNS a longer one.
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { conversation, violationsOf } from '../support/random/conversation.ts';

const seed = Number(process.env['BYOVA_SEED'] ?? 20_261_121);
const numRuns = Number(process.env['BYOVA_RUNS'] ?? 10_000);

it('answers every RPC, ends every call once and leaves nothing behind, whatever happens', async () => {
  process.stdout.write(`random conversations: ${numRuns} runs, seed ${seed}\n`);
  await fc.assert(
    fc.asyncProperty(conversation, async (made) => {
      expect(await violationsOf(made)).toEqual([]);
    }),
    { seed, numRuns },
  );
}, 300_000);
