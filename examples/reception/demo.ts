// The demo: starts the reception, places three calls through the simulator in real time, with real speech and digits,
// prints both sides, writes the first call to demo-call.wav, and fails if any step was not as it must be.
import { writeFileSync } from 'node:fs';
import { type CallReport, type CallStep, formatTimelineEntry, placeCall } from '@byova/simulator';
import { createReception } from './create-server.ts';
import { check, checkRecording } from './demo-checks.ts';

const server = createReception();
/** What the server's handlers saw, beside what the caller did and heard. */
const seen = (what: string): void => console.log(`${' '.repeat(12)}server: ${what}`);
server.on('turn_started', ({ turn }) => seen(`turn ${turn.number} (${turn.kind})`));
server.on('barge_in', ({ event }) => seen(`the caller interrupted by ${event.by} after ${event.heardMs} ms`));
server.on('session_end', ({ event, session }) =>
  seen(`the call ended (${event.reason}); choices: ${session.state.choices.join(', ') || 'none'}`),
);
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });

async function call(title: string, script: readonly CallStep[]): Promise<CallReport> {
  console.log(`\n${title}`);
  const report = await placeCall({
    target: `http://127.0.0.1:${port}`,
    organization: 'demo-organization',
    pace: 'real_time',
    script,
    onTimeline: (entry) => console.log(formatTimelineEntry(entry)),
  });
  check(`${title}: no step failed`, report.outcome !== 'failed', report.failure?.message);
  check(`${title}: the contract was kept`, report.violations.length === 0, JSON.stringify(report.violations));
  return report;
}

const voice = (name: string): string => new URL(`./caller/${name}.wav`, import.meta.url).pathname;

const first = await call('Call 1: interrupts, asks for the hours, then goes through billing', [
  { wait: 2500 },
  { say: voice('hours') },
  { expect: 'prompt', withinMs: 5000 },
  { wait: 2000 },
  { press: '1' },
  { expect: 'prompt', withinMs: 3000 },
  { wait: 1000 },
  { press: '4711#' },
  { expect: 'prompt', withinMs: 3000 },
  { wait: 500 },
  { press: '1' },
  { expect: 'transfer', withinMs: 8000, metadata: { queue: 'billing', account_ends_in: '11' } },
]);
check('Call 1 was transferred', first.outcome === 'transferred');
check(
  'Call 1 cut a prompt',
  first.timeline.some((entry) => entry.kind === 'prompt_cut'),
);
check('Call 1 told nobody the account number', !JSON.stringify(first.terminal).includes('4711'));

const second = await call('Call 2: says "support", and what it is about', [
  { waitForPrompt: {} },
  { say: voice('support') },
  { expect: 'prompt', withinMs: 5000 },
  { waitForPrompt: {} },
  { say: voice('invoice') },
  { expect: 'transfer', withinMs: 8000, metadata: { queue: 'support' } },
]);
check('Call 2 was transferred', second.outcome === 'transferred');
check('Call 2 left a message', String(second.terminal?.metadata?.['summary']).startsWith('Left a message'));

const third = await call('Call 3: says nothing', [{ expect: 'end', withinMs: 40_000 }]);
check('Call 3 was ended', third.outcome === 'ended');

writeFileSync('demo-call.wav', first.recording);
checkRecording(first.recording);
await server.close();
const left = server.stats;
check('nothing is left open', left.sessions + left.turns + left.rpcs + left.connections === 0, JSON.stringify(left));
console.log(`\nAll steps were as they must be. demo-call.wav holds call 1: caller left, agent right.`);
