// `pnpm --filter @byova/bench run verification`: what the token of a call costs, as a ratio to one RS256 verification by jose, and
// what tokens cost that are made to cost much.
import { JwsVerifier } from '@byova/datasources/jws';
import { compactVerify, importJWK } from 'jose';
import { spread } from '../statistics.ts';
import { createTokens, DATASOURCE_URL, ISSUER } from './tokens.ts';

const quick = process.argv.includes('--quick');
const [ROUNDS, FRESH, SEEN, TRIES] = quick ? [1, 20, 500, 5] : [7, 300, 30_000, 200];

const tokens = await createTokens();
const key = await importJWK(tokens.jwk, 'RS256');
const verifier = new JwsVerifier({
  dataSources: [{ url: DATASOURCE_URL }],
  issuers: [ISSUER],
  cacheSize: 10_000,
  fetch: async () => new Response(JSON.stringify({ keys: [tokens.jwk] })),
});

async function perItem(count: number, work: (index: number) => unknown): Promise<number> {
  const started = performance.now();
  for (let index = 0; index < count; index += 1) await work(index);
  return ((performance.now() - started) * 1000) / count;
}
/** Without an `await` per item: what is measured has no promise. */
function perItemSync<Item>(items: readonly Item[], work: (item: Item) => unknown): number {
  const started = performance.now();
  for (const item of items) work(item);
  return ((performance.now() - started) * 1000) / items.length;
}
/** The token as the headers of so many requests bring it: texts of their own, of which the engine has not kept a hash. */
function presented(token: string, count: number): readonly string[] {
  const bytes = Buffer.from(token);
  return Array.from({ length: count }, () => bytes.toString('latin1'));
}

const seen = tokens.good('seen');
await verifier.verify(seen);
// Made once: their garbage would be collected while something else is measured.
const again = presented(seen, SEEN);
const rows = ['RS256 by jose', 'a token not seen before', 'a seen token, verify()', 'a seen token, recall()'] as const;
const figures = new Map<string, number[]>(rows.map((row) => [row, []]));
for (let round = 0; round <= ROUNDS; round += 1) {
  const fresh = Array.from({ length: FRESH }, (_, index) => tokens.good(`${round}-${index}`));
  const measured = [
    await perItem(FRESH, (index) => compactVerify(fresh[index] ?? '', key, { algorithms: ['RS256'] })),
    await perItem(FRESH, (index) => verifier.verify(fresh[index] ?? '')),
    await perItem(SEEN, (index) => verifier.verify(again[index] ?? '')),
    perItemSync(again, (token) => verifier.recall(token)),
  ];
  // The first round warms up.
  if (round === 0) continue;
  for (const [index, row] of rows.entries()) figures.get(row)?.push(measured[index] ?? Number.NaN);
}

const base = figures.get('RS256 by jose') ?? [];
process.stdout.write(
  `µs, median of ${ROUNDS} rounds (least to greatest); share of one RS256 verification in the same round\n\n`,
);
for (const [row, values] of figures) {
  const { median, min, max } = spread(values);
  const share = spread(values.map((value, round) => value / (base[round] ?? Number.NaN))).median;
  process.stdout.write(
    `${row.padEnd(26)} ${median.toFixed(2).padStart(8)} (${min.toFixed(2)} to ${max.toFixed(2)})  ${(share * 100).toFixed(1)} %\n`,
  );
}

process.stdout.write(`\nms to refuse, once keys are cached: the median and the slowest of ${TRIES}\n\n`);
for (const [name, token] of tokens.hostile) {
  const times: number[] = [];
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const started = performance.now();
    const refused = await verifier.verify(token).then(
      () => false,
      () => true,
    );
    times.push(performance.now() - started);
    if (!refused) throw new Error(`${name} was let in`);
  }
  const { median, max } = spread(times);
  process.stdout.write(`${name.padEnd(30)} ${median.toFixed(3).padStart(8)}  ${max.toFixed(3).padStart(8)}\n`);
}
