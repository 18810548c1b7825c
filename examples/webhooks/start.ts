// Starts the handler under one of four frameworks.
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebhookHandler } from '@byova/auth';
import { serve } from '@hono/node-server';
import { createApp as createExpressApp } from './express.ts';
import { createApp as createFastifyApp } from './fastify.ts';
import { createApp as createHonoApp } from './hono.ts';
import { createApp as createNodeApp } from './node-http.ts';

export const FRAMEWORKS = ['node', 'express', 'fastify', 'hono'] as const;
export type Framework = (typeof FRAMEWORKS)[number];

/** A server that is listening. */
export interface Running {
  readonly port: number;
  stop(): Promise<void>;
}

export async function start(framework: Framework, handler: WebhookHandler, port: number): Promise<Running> {
  if (framework === 'fastify') {
    const app = createFastifyApp(handler);
    await app.listen({ port });
    return { port: (app.server.address() as AddressInfo).port, stop: () => app.close() };
  }
  const server =
    framework === 'hono'
      ? serve({ fetch: createHonoApp(handler).fetch, port })
      : framework === 'express'
        ? createServer(createExpressApp(handler)).listen(port)
        : createNodeApp(handler).listen(port);
  if (!server.listening) await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      await closed;
    },
  };
}
