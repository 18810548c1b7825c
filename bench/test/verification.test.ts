// The command tells every figure; how large it is depends on the machine.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('pnpm --filter @byova/bench run verification: what a token costs, seen and unseen, good and hostile', async () => {
  const main = fileURLToPath(new URL('../src/verification/main.ts', import.meta.url));
  const args = ['--conditions=@byova/source', main, '--quick'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
  for (const row of ['RS256 by jose', 'a token not seen before', 'a seen token, verify()', 'a seen token, recall()']) {
    expect(stdout).toMatch(new RegExp(`^${row.replaceAll(/[()]/g, '\\$&')} +\\d+\\.\\d\\d .*%$`, 'm'));
  }
  expect(stdout.match(/^.+ \d+\.\d{3} +\d+\.\d{3}$/gm)).toHaveLength(12);
});
