// Three customers in three regions of Webex, one server: their administrators authorize the app, calls of all are taken, the
// keys of one region change, and one customer leaves. Fails at the first step that is not as it must be.
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { generateEncryptionKey } from '@byova/auth';
import { type CallReport, placeCall, startPlatform } from '@byova/simulator';
import { startServer } from './server-process.ts';

const CUSTOMERS = [
  { organization: '96abc2aa-3dcc-11e5-a152-fe34819cdc9a', region: 'us' },
  { organization: '0d5a3a5e-97f1-4a86-9d3b-2a8f1d3c7e11', region: 'eu' },
  { organization: '7c9e6679-7425-40de-944b-e07fc1f90ae7', region: 'ca' },
] as const;

function check(what: string, found: unknown, expected: unknown): void {
  if (isDeepStrictEqual(found, expected)) return;
  console.error(`Not as it must be: ${what}. ${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`);
  process.exit(1);
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

const platform = await startPlatform({ consent: 'approve', refreshTokens: 'rotating' });
const directory = mkdtempSync(join(tmpdir(), 'byova-multi-tenant-'));
const [webPort, port] = [await freePort(), await freePort()];
const server = startServer({
  WEBEX_API_URL: platform.apiUrl,
  WEBEX_ISSUERS: Object.values(platform.issuers).join(','),
  WEBEX_INTEGRATION_CLIENT_ID: platform.integration.clientId,
  WEBEX_INTEGRATION_CLIENT_SECRET: platform.integration.clientSecret,
  WEBEX_INTEGRATION_REDIRECT_URI: 'http://127.0.0.1:0/callback',
  WEBEX_SA_CLIENT_ID: platform.serviceApp.clientId,
  WEBEX_SA_CLIENT_SECRET: platform.serviceApp.clientSecret,
  WEBEX_WEBHOOK_TARGET_URL: `http://127.0.0.1:${webPort}/webhooks`,
  WEBEX_WEBHOOK_SECRET: 'the secret of the webhook',
  BYOVA_TOKEN_STORE_KEY: generateEncryptionKey(),
  BYOVA_DATASOURCE_URL: 'https://concierge.example.com:443',
  TOKEN_DIRECTORY: directory,
  WEB_PORT: String(webPort),
  PORT: String(port),
});

/** A call of a customer, with the token that Webex presents; or with another customer's. */
function call(organization: string, token = platform.callToken(organization)): Promise<CallReport> {
  return placeCall({
    target: `http://127.0.0.1:${port}`,
    organization,
    token,
    pace: 'fast',
    script: [{ expect: 'transfer' }],
  });
}

console.log('1. The server starts, and a person authorizes the Integration');
await fetch((await server.line(/^open /)).slice('open '.length));
await server.line(/^listening on /);

console.log('2. Three customers authorize the app, in three regions');
for (const { organization, region } of CUSTOMERS) {
  await platform.authorizeApp(organization, { region });
  await server.line(new RegExp(`^data source created ${organization} `));
}
check('each has one data source', platform.dataSources.length, CUSTOMERS.length);

console.log('3. Calls of all three');
const reports = await Promise.all(CUSTOMERS.map(({ organization }) => call(organization)));
for (const [index, report] of reports.entries()) {
  check('the call was transferred', [report.outcome, report.violations], ['transferred', []]);
  check('to its own front desk', report.terminal?.metadata, {
    queue: `front desk of ${CUSTOMERS[index]?.organization}`,
  });
}

console.log("4. A call with another customer's token, and one without any");
const [first, second, third] = CUSTOMERS.map(({ organization }) => organization) as [string, string, string];
check('a borrowed token is refused', (await call(first, platform.callToken(second))).outcome, 'failed');
check('no token is refused', (await call(first, 'none')).outcome, 'failed');
await server.line(/^refused malformed$/);

console.log('5. The keys of a region change');
await platform.rotateKeys('eu', { keepOld: false });
check('calls of that region go on', (await call(second)).outcome, 'transferred');

console.log('6. A customer leaves');
const token = platform.callToken(third);
check('until then its calls are taken', (await call(third, token)).outcome, 'transferred');
await platform.deauthorizeApp(third);
const leftAt = performance.now();
let last = await call(third, token);
while (last.outcome !== 'failed' && performance.now() - leftAt < 1000) last = await call(third, token);
const ms = Math.round(performance.now() - leftAt);
check('within a second its calls are refused', last.outcome, 'failed');
console.log(`            refused ${ms} ms after it left`);
await server.line(new RegExp(`^data source gone ${third} deauthorized$`));
check('those of the others are not', (await call(first)).outcome, 'transferred');

check('the server ends well', await server.end(), 0);
await platform.close();
rmSync(directory, { recursive: true });
console.log('All steps were as they must be.');
