// The device grant: the two codes, the polls, and the page on which a person types.
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type Platform, SimulatorError, startPlatform } from '../../src/index.ts';
import { ask, basic, fakeClock, form, lives, proof } from './support/http.ts';

const GRANT = 'urn:ietf:params:oauth:grant-type:device_code';
const SCOPE = 'spark:applications_token';

let clock: ReturnType<typeof fakeClock>;
let platform: Platform;

beforeEach(async () => {
  clock = fakeClock();
  platform = await startPlatform({ clock });
});
afterEach(() => platform.close());

const start = (change: Record<string, string> = {}) =>
  form(`${platform.apiUrl}/device/authorize`, { client_id: platform.integration.clientId, scope: SCOPE, ...change });

async function poll(code: string, headers: Record<string, string> = basic(platform.integration)) {
  const fields = { grant_type: GRANT, device_code: code };
  const { status, json } = await form(`${platform.apiUrl}/device/token`, fields, headers);
  return { status, code: json.errors?.[0]?.description, json };
}

it('starts with two codes and a page', async () => {
  const { json } = await start();
  expect(json).toEqual({
    device_code: expect.any(String),
    user_code: expect.stringMatching(/^[A-Z]{4}-[A-Z]{4}$/),
    verification_uri: `${platform.url}/device`,
    verification_uri_complete: `${platform.url}/device?user_code=${json.user_code}`,
    expires_in: 300,
    interval: 2,
  });
  expect(platform.secrets).toContain(json.device_code);
});

it('waits with 428 until the person has decided, and gives tokens once', async () => {
  const { device_code, user_code } = (await start()).json;
  expect(await poll(device_code)).toMatchObject({ status: 428, code: 'authorization_pending' });
  platform.approveDevice(user_code);
  const { status, json } = await poll(device_code);
  expect([status, json.scope]).toEqual([200, SCOPE]);
  expect(await lives(platform, json.access_token)).toBe(true);
  expect(await poll(device_code)).toMatchObject({ status: 400, code: 'invalid_grant' });
});

it('wants five seconds more of a device that polls too often', async () => {
  const { device_code } = (await start()).json;
  await poll(device_code);
  clock.advance(1000);
  expect(await poll(device_code)).toMatchObject({ status: 400, code: 'slow_down' });
  clock.advance(2000);
  expect(await poll(device_code)).toMatchObject({ code: 'slow_down' });
  clock.advance(12_000);
  expect(await poll(device_code)).toMatchObject({ status: 428, code: 'authorization_pending' });
});

it('tells that the person refused, and that the code has expired', async () => {
  const denied = (await start()).json;
  platform.denyDevice(denied.user_code);
  expect(await poll(denied.device_code)).toMatchObject({ status: 400, code: 'access_denied' });
  const late = (await start()).json;
  clock.advance(300_000);
  expect(await poll(late.device_code)).toMatchObject({ status: 400, code: 'expired_token' });
  expect(() => platform.approveDevice(late.user_code)).toThrow(SimulatorError);
  expect(() => platform.denyDevice('none')).toThrow(SimulatorError);
});

it('refuses clients, scopes and requests that are wrong', async () => {
  const { device_code } = (await start()).json;
  for (const change of [{ client_id: 'C0' }, { client_id: platform.serviceApp.clientId }, { scope: 'spark:all' }]) {
    expect((await start(change)).status).toBe(400);
  }
  expect(await poll(device_code, {})).toMatchObject({ status: 401, code: 'invalid_client' });
  expect(await poll(device_code, basic(platform.serviceApp))).toMatchObject({ code: 'invalid_grant' });
  expect(await poll('unknown')).toMatchObject({ code: 'invalid_grant' });
  const url = `${platform.apiUrl}/device/token`;
  // Secret and id in the form are no Basic.
  const inForm = { grant_type: GRANT, device_code, ...proof(platform.integration) };
  expect((await form(url, inForm)).status).toBe(401);
  expect((await form(url, { grant_type: 'x', device_code }, basic(platform.integration))).status).toBe(400);
  expect((await form(url, { grant_type: GRANT }, basic(platform.integration))).status).toBe(400);
});

it('has a page where the person types the code', async () => {
  const { device_code, user_code, verification_uri, verification_uri_complete } = (await start()).json;
  const { status, text } = await ask(verification_uri_complete);
  expect(status).toBe(200);
  expect(text).toContain(`value="${user_code}"`);
  expect((await ask(`${verification_uri}?user_code=${encodeURIComponent('"><script>')}`)).text).not.toContain(
    '<script',
  );
  expect((await form(verification_uri, { user_code: 'WRONG', decision: 'approve' })).status).toBe(400);
  expect((await form(verification_uri, { user_code })).status).toBe(400);
  const typed = { user_code: ` ${user_code.toLowerCase()} `, decision: 'approve' };
  expect((await form(verification_uri, typed)).status).toBe(200);
  expect((await form(verification_uri, typed)).status).toBe(400);
  expect((await poll(device_code)).status).toBe(200);

  const refused = (await start()).json;
  expect((await form(verification_uri, { user_code: refused.user_code, decision: 'deny' })).status).toBe(200);
  expect((await poll(refused.device_code)).code).toBe('access_denied');
});
