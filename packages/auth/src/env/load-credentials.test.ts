import { expect, it } from 'vitest';
import { loadCredentialsFromEnv } from './load-credentials.ts';

const all = {
  WEBEX_INTEGRATION_CLIENT_ID: ' C1 ',
  WEBEX_INTEGRATION_CLIENT_SECRET: 's1',
  WEBEX_SA_CLIENT_ID: 'C2',
  WEBEX_SA_CLIENT_SECRET: 's2',
};

it('reads what the Python SDK reads, by the same names and with the same default', () => {
  expect(loadCredentialsFromEnv(all)).toEqual({
    integration: { clientId: 'C1', clientSecret: 's1', redirectUri: 'http://127.0.0.1:8765/callback' },
    serviceApp: { clientId: 'C2', clientSecret: 's2' },
    http: {},
    sandbox: undefined,
    webhook: undefined,
  });
});

it('reads the optional ones', () => {
  expect(
    loadCredentialsFromEnv({
      ...all,
      WEBEX_INTEGRATION_REDIRECT_URI: 'https://a/cb',
      WEBEX_API_URL: 'http://127.0.0.1:1/v1',
      WEBEX_ORG_ID: 'o',
      WEBEX_SA_REFRESH_TOKEN: 'r',
      WEBEX_WEBHOOK_TARGET_URL: 'https://a/wh',
      WEBEX_WEBHOOK_SECRET: 'sixteen characters',
    }),
  ).toMatchObject({
    integration: { redirectUri: 'https://a/cb' },
    http: { baseUrl: 'http://127.0.0.1:1/v1' },
    sandbox: { organization: 'o', refreshToken: 'r' },
    webhook: { targetUrl: 'https://a/wh', secret: 'sixteen characters' },
  });
});

it('names everything that is missing, and an organization alone is no sandbox', () => {
  expect(() => loadCredentialsFromEnv({ WEBEX_SA_CLIENT_ID: 'C2', WEBEX_SA_CLIENT_SECRET: '  ' })).toThrow(
    /WEBEX_INTEGRATION_CLIENT_ID, WEBEX_INTEGRATION_CLIENT_SECRET, WEBEX_SA_CLIENT_SECRET/,
  );
  expect(loadCredentialsFromEnv({ ...all, WEBEX_ORG_ID: 'o' }).sandbox).toBeUndefined();
  expect(() => loadCredentialsFromEnv({ ...all, WEBEX_SA_REFRESH_TOKEN: 'r' })).toThrow(/WEBEX_ORG_ID/);
  expect(() => loadCredentialsFromEnv({ ...all, WEBEX_WEBHOOK_SECRET: 's' })).toThrow(/WEBEX_WEBHOOK_TARGET_URL/);
});
