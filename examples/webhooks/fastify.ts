// The webhook handler in a Fastify app: in a plugin of its own, so that only there bodies are left as bytes.
import type { WebhookHandler } from '@byova/auth';
import fastify, { type FastifyInstance } from 'fastify';

export function createApp(handler: WebhookHandler): FastifyInstance {
  const app = fastify({ bodyLimit: 65_536 });
  app.register(async (webhooks) => {
    webhooks.removeAllContentTypeParsers();
    webhooks.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
    webhooks.all('/webhooks', async (incoming, reply) => {
      const request = new Request(`http://localhost${incoming.url}`, {
        method: incoming.method,
        headers: incoming.headers as Record<string, string>,
        ...(Buffer.isBuffer(incoming.body) ? { body: new Uint8Array(incoming.body) } : {}),
      });
      return reply.send(await handler(request));
    });
  });
  return app;
}
