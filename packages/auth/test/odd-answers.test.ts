// Answers of Webex with null, empty texts and lifetimes of years.
import { expect, it } from 'vitest';
import { tokenResponseSchema } from '../src/tokens/token-set.ts';
import { webhookListSchema, webhookSchema } from '../src/webhooks/webhook.ts';

const webhook = { id: 'w1', name: 'n', targetUrl: 'https://a.example', resource: 'serviceApp', event: 'authorized' };

it('null and an empty text count as absent in an answer with tokens', () => {
  const tokens = { access_token: 'a', expires_in: 60 };
  const odd = { ...tokens, refresh_token: null, refresh_token_expires_in: null, scope: '' };
  expect(tokenResponseSchema.safeParse(odd)).toMatchObject({ success: true, data: tokens });
});

it('a lifetime of years is cut to 366 days', () => {
  const parsed = tokenResponseSchema.safeParse({ access_token: 'a', expires_in: 1e12, refresh_token_expires_in: 1e12 });
  const longest = 366 * 86_400;
  expect(parsed).toMatchObject({ data: { expires_in: longest, refresh_token_expires_in: longest } });
});

it.each([null, ''])('%j counts as absent in a webhook', (value) => {
  const odd = { ...webhook, filter: value, secret: value, status: value, created: value };
  expect(webhookSchema.safeParse(odd)).toEqual({ success: true, data: webhook });
});

it('a webhook that cannot be read fails the list', () => {
  expect(webhookListSchema.safeParse({ items: [webhook, { ...webhook, id: 5 }] }).success).toBe(false);
  expect(webhookListSchema.safeParse({ items: [webhook] }).success).toBe(true);
});
