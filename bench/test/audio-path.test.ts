// The command tells every figure; how large it is depends on the machine.
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

it('pnpm --filter @byova/bench run audio-path: what a frame and a reply cost, beside another source', async () => {
  const main = fileURLToPath(new URL('../src/audio-path/main.ts', import.meta.url));
  const source = fileURLToPath(new URL('../../packages/media/src', import.meta.url));
  const args = ['--conditions=@byova/source', main, '--quick', '--against', source];
  const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
  // MB/s, ns, share and garbage, each for two sources.
  const frames = stdout.match(/^\S.*?( +\d+){4}( +\d+\.\d\d){2}( +\d+){2}$/gm);
  expect(frames).toHaveLength(21);
  for (const step of ['mu-law to samples', 'resampler, 24 to 8 kHz', 'speech detector, mu-law', 'lane: a CHUNK']) {
    expect(frames?.some((row) => row.startsWith(`${step} `))).toBe(true);
  }
  expect(stdout.match(/^(WAV|CHUNKs) of \d+ s.*?( +\d+\.\d\d){2}( +\d+){2}$/gm)).toHaveLength(10);
  expect(stdout.match(/^play of .*?( +\d+\.\d\d){2}$/gm)).toHaveLength(2);
});
