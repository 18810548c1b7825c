// A receiver of webhooks that keeps the exact bytes.
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

/** What arrived. */
export interface Received {
  readonly path: string;
  readonly body: Buffer;
  readonly headers: IncomingHttpHeaders;
}

/** A receiver. */
export interface Receiver extends AsyncDisposable {
  readonly url: string;
  readonly received: readonly Received[];
  /** Resolves once so many have arrived. */
  arrived(count: number): Promise<void>;
  /** What it answers from now on; `undefined` for nothing at all. */
  answer: number | undefined;
}

/** Starts a receiver on a free port. */
export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  let waiting: (() => void)[] = [];
  const server = createServer(async (message, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of message as AsyncIterable<Buffer>) chunks.push(chunk);
    received.push({ path: message.url ?? '', body: Buffer.concat(chunks), headers: message.headers });
    for (const look of waiting) look();
    if (receiver.answer === undefined) return;
    response.writeHead(receiver.answer, receiver.answer === 302 ? { location: '/elsewhere' } : {}).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}`,
    received,
    arrived: (count) =>
      new Promise((resolve) => {
        const look = (): void => {
          if (received.length >= count) resolve();
        };
        waiting = [...waiting, look];
        look();
      }),
    answer: 200,
    [Symbol.asyncDispose]: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return receiver;
}
