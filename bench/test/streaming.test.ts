// The command tells every figure; how large it is depends on the machine.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it("pnpm --filter @byova/bench run streaming: from a source's first piece to the client, for all three servers", async () => {
  const main = fileURLToPath(new URL('../src/streaming/main.ts', import.meta.url));
  const args = ['--conditions=@byova/source', main, '--quick'];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
  for (const row of ['bare node:http2', 'bare grpc-js', '@byova/media']) {
    expect(stdout).toMatch(new RegExp(`^${row} +\\d+\\.\\d\\d +\\d+\\.\\d\\d$`, 'm'));
  }
});
