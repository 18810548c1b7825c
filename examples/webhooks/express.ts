// The webhook handler in an Express app. `express.raw` on this route alone: a JSON parser would lose the bytes that were signed.
import type { WebhookHandler } from '@byova/auth';
import express, { type Express } from 'express';

export function createApp(handler: WebhookHandler): Express {
  const app = express();
  app.all('/webhooks', express.raw({ type: () => true, limit: '64kb' }), async (incoming, outgoing) => {
    const hasBody = Buffer.isBuffer(incoming.body);
    const request = new Request(`http://localhost${incoming.url}`, {
      method: incoming.method,
      headers: incoming.headers as Record<string, string>,
      ...(hasBody ? { body: new Uint8Array(incoming.body) } : {}),
    });
    const response = await handler(request);
    outgoing
      .status(response.status)
      .set(Object.fromEntries(response.headers))
      .send(await response.text());
  });
  // Whatever parses bodies for the rest of the app comes after the webhooks.
  app.use(express.json());
  return app;
}
