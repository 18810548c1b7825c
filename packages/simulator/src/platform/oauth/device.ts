// The device grant: `POST /v1/device/authorize`, `POST /v1/device/token`, and the page where a person types the code.
// Webex answers 428, not 400, while the person has not decided.
import { HttpError } from '../http/http-error.ts';
import { document, markup } from '../http/markup.ts';
import { json, page, type Reply } from '../http/reply.ts';
import { readForm } from '../http/request.ts';
import type { Route } from '../http/router.ts';
import type { Clients } from './clients.ts';
import { DEVICE_CODE_SECONDS, type DeviceStore, type Poll } from './device-store.ts';
import { tokenReply } from './token-reply.ts';
import type { Subject, TokenStore } from './token-store.ts';

const DEVICE_GRANT = 'urn:ietf:params:oauth:grant-type:device_code';

const REFUSALS: Readonly<Record<Extract<Poll, string>, readonly [status: number, message: string]>> = {
  authorization_pending: [428, 'The person has not decided yet.'],
  slow_down: [400, 'The device polls too often; it must wait five seconds longer from now on.'],
  access_denied: [400, 'The person refused.'],
  expired_token: [400, 'The device code has expired.'],
  invalid_grant: [400, 'The device code is unknown or used.'],
};

interface Parts {
  readonly clients: Clients;
  readonly devices: DeviceStore;
  readonly tokens: TokenStore;
  readonly developer: Subject;
}

function refuse(oauthCode: string, message: string, status = 400): HttpError {
  return new HttpError(status, message, { oauthCode });
}

function codePage(userCode: string, problem: string): Reply {
  const content = markup`<p>${problem}</p>
<form method="post" action="/device">
<p><label>Code on the device: <input name="user_code" value="${userCode}" autocomplete="off" required></label></p>
<button name="decision" value="approve">Allow</button>
<button name="decision" value="deny">Refuse</button>
</form>`;
  return page(document('Connect a device', content), { status: problem === '' ? 200 : 400 });
}

/** The routes. */
export function deviceRoutes({ clients, devices, tokens, developer }: Parts): readonly Route[] {
  return [
    {
      method: 'POST',
      path: '/v1/device/authorize',
      handler: (request) => {
        const form = readForm(request);
        const client = clients.find(form.get('client_id') ?? '');
        if (client?.kind !== 'integration') throw refuse('invalid_client', 'The client_id belongs to no Integration.');
        const scopes = [...new Set((form.get('scope') ?? '').split(' ').filter((scope) => scope !== ''))];
        if (scopes.length === 0 || scopes.some((scope) => !client.scopes.includes(scope))) {
          throw refuse('invalid_scope', 'scope is missing, or the Integration is not registered for all of it.');
        }
        const { deviceCode, userCode, intervalSeconds } = devices.create(client, scopes);
        const verification = `${request.origin}/device`;
        const body = {
          device_code: deviceCode,
          user_code: userCode,
          verification_uri: verification,
          verification_uri_complete: `${verification}?user_code=${userCode}`,
          expires_in: DEVICE_CODE_SECONDS,
          interval: intervalSeconds,
        };
        return json(body, { headers: { 'cache-control': 'no-store' } });
      },
    },
    {
      method: 'POST',
      path: '/v1/device/token',
      handler: (request) => {
        const form = readForm(request);
        const client = clients.authenticateBasic(request);
        if (form.get('grant_type') !== DEVICE_GRANT) {
          throw refuse('unsupported_grant_type', `grant_type must be ${DEVICE_GRANT}.`);
        }
        const code = form.get('device_code');
        if (code === null || code === '') throw refuse('invalid_request', 'device_code is missing.');
        const poll = devices.poll(client, code);
        if (typeof poll === 'string') {
          const [status, message] = REFUSALS[poll];
          throw refuse(poll, message, status);
        }
        return tokenReply(tokens.issue(client, developer, poll.scopes), poll.scopes);
      },
    },
    { method: 'GET', path: '/device', handler: ({ query }) => codePage(query.get('user_code') ?? '', '') },
    {
      method: 'POST',
      path: '/device',
      handler: (request) => {
        const form = readForm(request);
        const userCode = form.get('user_code') ?? '';
        const decision = form.get('decision');
        if (decision !== 'approve' && decision !== 'deny') return codePage(userCode, 'The decision is missing.');
        if (!devices.decide(userCode, decision === 'approve' ? 'approved' : 'denied')) {
          return codePage(userCode, 'No device waits for this code.');
        }
        const title = decision === 'approve' ? 'The device is connected' : 'The device was refused';
        return page(document(title, markup`<p>You can close this page.</p>`));
      },
    },
  ];
}
