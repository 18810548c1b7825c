// Trials by chance, as many as there is time for, each of which can be repeated.
import { picker } from '../support/random.ts';

/** How long one test tries, in ms: `BYOVA_ARBITRARY_MS`. */
export const RUN_MS: number = Number(process.env['BYOVA_ARBITRARY_MS'] ?? 8000);

const seed = Number(process.env['BYOVA_SEED'] ?? Date.now() % 2 ** 31);

/** Runs rounds until the time is over; `pick` gives a whole number from 0 to below its argument. */
export async function rounds(
  name: string,
  round: (pick: (below: number) => number, n: number) => Promise<void>,
): Promise<void> {
  const untilMs = performance.now() + RUN_MS;
  let n = 0;
  for (; n === 0 || performance.now() < untilMs; n += 1) {
    try {
      await round(picker(seed + n), n);
    } catch (error) {
      process.stdout.write(`${name}: failed in round ${n}; BYOVA_SEED=${seed + n} has it first\n`);
      throw error;
    }
  }
  process.stdout.write(`${name}: ${n} rounds, seed ${seed}\n`);
}
