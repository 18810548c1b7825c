#!/usr/bin/env node
// The command `byova-sim`.
import { main } from './cli/main.ts';

const stop = new AbortController();
process.once('SIGINT', () => stop.abort());

process.exitCode = await main(process.argv.slice(2), {
  environment: process.env,
  input: process.stdin,
  output: process.stdout,
  errors: process.stderr,
  signal: stop.signal,
});
