// The whole program, as a person runs it, with a local Webex.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { generateEncryptionKey } from '@byova/auth';
import { startPlatform } from '@byova/simulator';
import { expect, it } from 'vitest';

const orgId = '96abc2aa-3dcc-11e5-a152-fe34819cdc9a';

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  return typeof address === 'object' ? (address?.port ?? 0) : 0;
}

it('is authorized, makes its webhooks, and follows an organization that comes and goes', async () => {
  await using platform = await startPlatform({ consent: 'approve' });
  const port = await freePort();
  const directory = mkdtempSync(join(tmpdir(), 'byova-webhooks-'));
  const child = spawn(process.execPath, ['--conditions=@byova/source', 'main.ts', 'express'], {
    cwd: new URL('../', import.meta.url),
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...process.env,
      PORT: String(port),
      TOKEN_DIRECTORY: directory,
      BYOVA_TOKEN_STORE_KEY: generateEncryptionKey(),
      WEBEX_API_URL: platform.apiUrl,
      WEBEX_INTEGRATION_CLIENT_ID: platform.integration.clientId,
      WEBEX_INTEGRATION_CLIENT_SECRET: platform.integration.clientSecret,
      WEBEX_INTEGRATION_REDIRECT_URI: 'http://127.0.0.1:0/callback',
      WEBEX_SA_CLIENT_ID: platform.serviceApp.clientId,
      WEBEX_SA_CLIENT_SECRET: platform.serviceApp.clientSecret,
      WEBEX_WEBHOOK_TARGET_URL: `http://127.0.0.1:${port}/webhooks`,
      WEBEX_WEBHOOK_SECRET: 'the secret of the webhook',
    },
  });
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line.replace(/^open .*/, 'open').replace(String(port), 'PORT'));
    if (line.startsWith('open ')) await fetch(line.slice('open '.length));
    if (line.startsWith('webhooks: ')) void platform.authorizeApp(orgId);
    if (line.startsWith('minted ')) void platform.deauthorizeApp(orgId);
    if (line.startsWith('deauthorized ')) child.kill('SIGTERM');
  }
  const [code] = child.exitCode === null ? await once(child, 'exit') : [child.exitCode];
  expect(code).toBe(0);
  expect(lines).toEqual([
    'listening on PORT',
    'open',
    'webhooks: 2 created, 0 unchanged',
    `authorized ${orgId}`,
    `minted ${orgId}`,
    `deauthorized ${orgId}`,
  ]);
  rmSync(directory, { recursive: true });
});
