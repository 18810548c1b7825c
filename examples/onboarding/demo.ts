// Onboards two customers against a local Webex, end to end, and fails at the first step that is not as it must be: the person
// authorizes the Integration, two administrators authorize the Service App, the partner's process is killed and started
// again, and one customer leaves.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { generateEncryptionKey } from '@byova/auth';
import { startPlatform } from '@byova/simulator';
import { startPartner } from './partner-process.ts';

const FIRST = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';
const SECOND = '0d5a3a5e-97f1-4a86-9d3b-2a8f1d3c7e11';

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
const directory = mkdtempSync(join(tmpdir(), 'byova-onboarding-'));
const port = await freePort();
const environment = {
  WEBEX_API_URL: platform.apiUrl,
  WEBEX_INTEGRATION_CLIENT_ID: platform.integration.clientId,
  WEBEX_INTEGRATION_CLIENT_SECRET: platform.integration.clientSecret,
  WEBEX_INTEGRATION_REDIRECT_URI: 'http://127.0.0.1:0/callback',
  WEBEX_SA_CLIENT_ID: platform.serviceApp.clientId,
  WEBEX_SA_CLIENT_SECRET: platform.serviceApp.clientSecret,
  WEBEX_WEBHOOK_TARGET_URL: `http://127.0.0.1:${port}/webhooks`,
  WEBEX_WEBHOOK_SECRET: 'the secret of the webhook',
  BYOVA_TOKEN_STORE_KEY: generateEncryptionKey(),
  TOKEN_DIRECTORY: directory,
};
const customer = (organization: string): object => ({ organization, state: 'authorized', works: true });

console.log('1. The partner starts, and a person authorizes the Integration');
let partner = startPartner(port, environment);
const url = (await partner.line(/^open /)).slice('open '.length);
await fetch(url); // the person's browser, which ends at the partner's page
await partner.line(/^ready$/);
check('both webhooks were made', partner.lines.includes('webhooks: 2 created, 0 updated, 0 unchanged'), true);

console.log('2. The administrators of two customers authorize the Service App');
for (const organization of [FIRST, SECOND]) {
  const [delivery] = await platform.authorizeApp(organization);
  check('the webhook was accepted', delivery?.status, 202);
  await partner.line(new RegExp(`^minted ${organization}$`));
}
check('both tokens work', await partner.customers(), [customer(SECOND), customer(FIRST)]);
const files = readdirSync(directory, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const onDisk = files.map((file) => readFileSync(join(file.parentPath, file.name), 'utf8')).join('\n');
check('records are on the disk', files.length > 2, true);
check(
  'nothing on the disk is readable',
  platform.secrets.filter((secret) => onDisk.includes(secret)),
  [],
);

console.log('3. The process is killed, and started again');
await partner.kill();
platform.clearJournal();
partner = startPartner(port, environment);
await partner.line(/^ready$/);
check('nobody was asked to authorize again', partner.lines, ['webhooks: 0 created, 0 updated, 2 unchanged', 'ready']);
check('both tokens still work', await partner.customers(), [customer(SECOND), customer(FIRST)]);
check('no token was asked for', platform.requests({ path: /token$/ }).length, 0);
platform.expireAccessTokens();
check('and renew themselves when Webex refuses them', await partner.customers(), [customer(SECOND), customer(FIRST)]);

console.log('4. One customer leaves');
await platform.deauthorizeApp(FIRST);
await partner.line(new RegExp(`^deauthorized ${FIRST}$`));
check('the other one stays', await partner.customers(), [customer(SECOND)]);

check('the partner ends well', await partner.end(), 0);
await platform.close();
rmSync(directory, { recursive: true });
console.log('All steps were as they must be.');
