// The webhook handler in a Hono app, which speaks fetch already.
import type { WebhookHandler } from '@byova/auth';
import { Hono } from 'hono';

export function createApp(handler: WebhookHandler): Hono {
  const app = new Hono();
  app.all('/webhooks', (context) => handler(context.req.raw));
  return app;
}
