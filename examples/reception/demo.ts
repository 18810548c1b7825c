// The demo: goes the whole way to a first call against a local Webex, starts the reception, places three calls in real time,
// with real speech and digits and the token that Webex presents, prints both sides, writes the first call to demo-call.wav, and
// fails if any step was not as it must be. Between two calls the token is renewed; with one that has ended a call is refused.
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { type CallReport, type CallStep, formatTimelineEntry, placeCall } from '@byova/simulator';
import { createReception } from './create-server.ts';
import { check, checkEqual, checkRecording } from './demo-checks.ts';
import { CUSTOMER, startLocalWebex } from './local-webex.ts';
import { promptsIn, repliesIn } from './prompts-in.ts';

console.log('The way to a first call');
const webex = await startLocalWebex((step) => console.log(`${' '.repeat(12)}${step}`));
const server = createReception({ verify: webex.verify });

/** What the server's handlers saw of the call, for the checks. */
interface ServerSide {
  readonly interruptedBy: string[];
  choices: readonly string[];
  ended: string | undefined;
}
let side: ServerSide = { interruptedBy: [], choices: [], ended: undefined };

/** The server's side is printed beside what the caller did and heard. */
const seen = (what: string): void => console.log(`${' '.repeat(12)}server: ${what}`);
server.on('turn_started', ({ turn }) => seen(`turn ${turn.number} (${turn.kind})`));
server.on('barge_in', ({ event }) => {
  side.interruptedBy.push(event.by);
  seen(`the caller interrupted by ${event.by} after ${event.heardMs} ms`);
});
server.on('session_end', ({ event, session }) => {
  side.choices = session.state.choices;
  side.ended = event.reason;
  seen(`the call ended (${event.reason}); choices: ${side.choices.join(', ') || 'none'}`);
});
const { port } = await server.listen({ host: '127.0.0.1', port: 0 });

async function call(title: string, script: readonly CallStep[]): Promise<CallReport> {
  console.log(`\n${title}`);
  side = { interruptedBy: [], choices: [], ended: undefined };
  const report = await placeCall({
    target: `http://127.0.0.1:${port}`,
    organization: CUSTOMER,
    token: webex.platform.callToken(CUSTOMER), // what Webex presents with the call
    pace: 'real_time',
    script,
    onTimeline: (entry) => console.log(formatTimelineEntry(entry)),
  });
  const heard = report.prompts.map((prompt) =>
    promptsIn(prompt)
      .filter((part) => part.heard)
      .map(({ name }) => name)
      .join(', '),
  );
  console.log(`${' '.repeat(12)}heard: ${heard.join(' | ')}`);
  check(`${title}: no step failed`, report.outcome !== 'failed', report.failure?.message);
  check(`${title}: the contract was kept`, report.violations.length === 0, JSON.stringify(report.violations));
  return report;
}

const voice = (name: string): string => fileURLToPath(new URL(`./caller/${name}.wav`, import.meta.url));
const ACCOUNT = '284719';

const first = await call('Call 1: interrupts the welcome, asks for the hours, then goes through billing', [
  { expect: 'prompt', withinMs: 3000 },
  { wait: 700 },
  { say: voice('hours') },
  { expect: 'prompt', withinMs: 5000 },
  { wait: 3500 },
  { press: '1' },
  { expect: 'prompt', withinMs: 3000 },
  { wait: 1000 },
  { press: `${ACCOUNT}#` },
  { expect: 'prompt', withinMs: 3000 },
  { wait: 2500 },
  { press: '1' },
  { expect: 'transfer', withinMs: 8000, metadata: { queue: 'billing', account_ends_in: ACCOUNT.slice(-2) } },
]);
const welcome = first.prompts[0];
check('call 1 was transferred', first.outcome === 'transferred', first.outcome);
check('the welcome was cut by speech', welcome?.cutBy === 'speech', `Cut by ${welcome?.cutBy}.`);
check(
  'the welcome fell silent within a second of the caller speaking',
  (first.latencies.bargeInMs[0] ?? Infinity) < 1000,
);
checkEqual('what call 1 was answered', repliesIn(first.prompts), [
  'welcome menu',
  'hours menu',
  'account',
  'ends-in 1 9 correct',
  'connect',
]);
checkEqual('what the server understood in call 1', side.choices, ['hours', 'billing']);
check('the server saw the interruption', side.interruptedBy[0] === 'speech', side.interruptedBy.join(', '));
check('the server saw the transfer', side.ended === 'transferred', side.ended);
const told = JSON.stringify([first.terminal, first.summary, first.transcript, first.customEvents]);
check('nobody was told the account number', !told.includes(ACCOUNT), told);

const before = webex.platform.callToken(CUSTOMER);
await webex.renew();
console.log('\nThe token of the data source was renewed: Webex presents another from now on');
check('the token is another', webex.platform.callToken(CUSTOMER) !== before);

const second = await call('Call 2: says "support" over the menu, and what it is about', [
  { expect: 'prompt', withinMs: 3000 },
  { wait: 4000 },
  { say: voice('support') },
  { expect: 'prompt', withinMs: 5000 },
  { waitForPrompt: {} },
  { say: voice('invoice') },
  { expect: 'transfer', withinMs: 8000, metadata: { queue: 'support' } },
]);
check('call 2 was transferred', second.outcome === 'transferred', second.outcome);
checkEqual('what call 2 was answered', repliesIn(second.prompts), ['welcome menu', 'concern', 'connect']);
checkEqual('what the server understood in call 2', side.choices, ['support']);
const summary = String(second.terminal?.metadata['summary']);
check('call 2 left a message of some seconds', /^Left a message of [3-6] s$/.test(summary), summary);

const third = await call('Call 3: says nothing', [{ expect: 'end', withinMs: 40_000 }]);
check('call 3 was ended', third.outcome === 'ended', third.outcome);
checkEqual('what call 3 was answered', repliesIn(third.prompts), ['welcome menu', 'menu', 'goodbye']);
check('the server saw the end', side.ended === 'ended', side.ended);

webex.platform.expireTokens(CUSTOMER);
const refusals: string[] = [];
server.on('call_refused', ({ event }) => refusals.push(event.reason));
console.log('\nCall 4: comes with a token that has ended');
const fourth = await placeCall({
  target: `http://127.0.0.1:${port}`,
  organization: CUSTOMER,
  token: webex.platform.callToken(CUSTOMER),
  script: [{ wait: 100 }],
});
console.log(
  `${' '.repeat(12)}server: refused (${refusals.join(', ')}); the caller was told: ${fourth.failure?.message.split('\n')[0]}`,
);
check('call 4 was refused', fourth.outcome === 'failed', fourth.outcome);
checkEqual('why call 4 was refused', refusals, ['expired']);

writeFileSync('demo-call.wav', first.recording);
checkRecording(first.recording);
await server.close();
await webex.close();
const left = server.stats;
check('nothing is left open', left.sessions + left.turns + left.rpcs + left.connections === 0, JSON.stringify(left));
console.log('\nAll steps were as they must be. demo-call.wav holds call 1: caller left, agent right.');
