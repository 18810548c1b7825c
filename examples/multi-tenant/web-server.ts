// Fetch-style handlers by path, on node:http.
import { once } from 'node:events';
import { createServer } from 'node:http';
import { Readable } from 'node:stream';

type Handler = (request: Request) => Promise<Response>;

export async function serveWeb(
  port: number,
  routes: Readonly<Record<string, Handler>>,
): Promise<{ close(): Promise<void> }> {
  const server = createServer(async (incoming, outgoing) => {
    const url = new URL(incoming.url ?? '/', 'http://localhost');
    const handler = routes[url.pathname] ?? (async () => new Response(null, { status: 404 }));
    const headers = new Headers();
    for (const [name, value] of Object.entries(incoming.headers)) headers.set(name, String(value));
    const { method = 'GET' } = incoming;
    // The body as it comes: the webhook handler verifies its bytes.
    const body = method === 'GET' ? {} : { body: Readable.toWeb(incoming) as ReadableStream, duplex: 'half' as const };
    const response = await handler(new Request(url, { method, headers, ...body }));
    outgoing.writeHead(response.status, Object.fromEntries(response.headers));
    outgoing.end(await response.text());
  }).listen(port);
  await once(server, 'listening');
  return {
    close: async () => {
      server.close();
      server.closeIdleConnections();
      await once(server, 'close');
    },
  };
}
