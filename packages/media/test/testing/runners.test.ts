// The kit in another test runner than this one: it needs none.
import { execFile } from 'node:child_process';
import { resolve } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const file = resolve(import.meta.dirname, '../fixtures/runners/billing.node-test.ts');

it('runs under node:test, and lets the process end by itself', async () => {
  const { NODE_OPTIONS: _options, NODE_TEST_CONTEXT: _context, ...env } = process.env;
  const args = ['--conditions=@byova/source', '--test', '--test-reporter=tap', file];
  const { stdout } = await promisify(execFile)(process.execPath, args, { env, timeout: 20_000 });
  expect(stdout).toMatch(/^# tests 2$/m);
  expect(stdout).toMatch(/^# pass 2$/m);
});
