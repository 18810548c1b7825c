// A client that does not read: the source of a reply is not pulled further than a set amount, and is told to stop when the
// client goes. Over plain HTTP/2, so that the client's window is what stops the server.
import { connect } from 'node:http2';
import { MediaServer } from '@byova/media';
import { expect, it, onTestFinished } from 'vitest';
import { framePath } from '../support/frame-path.ts';
import { eventRequest } from '../support/grpc-client.ts';

const PATH = '/com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/ProcessCallerInput';
const PIECE_BYTES = 1600;
/** What the server queues, what the client's window and the socket take, and a piece on its way. */
const MOST_BYTES = 262_144 + 65_535 + 65_536 + 10 * PIECE_BYTES;

it('a slow client stops the source, and a client that goes ends it', async () => {
  let pulled = 0;
  let returned = false;
  let aborted: unknown;
  const { promise: stopped, resolve: stop } = Promise.withResolvers<void>();
  const server = new MediaServer({ agents: [{ id: 'demo', name: 'Demo' }], verify: { enforce: false }, framePath });
  onTestFinished(() => server.close({ graceMs: 0 }));
  server.on('session_start', ({ session }) =>
    session.play(async function* ({ signal }) {
      signal.addEventListener('abort', () => {
        aborted = signal.reason;
      });
      try {
        for (;;) {
          pulled += PIECE_BYTES;
          yield new Uint8Array(PIECE_BYTES).fill(0x55);
        }
      } finally {
        returned = true;
        stop();
      }
    }),
  );
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const connection = connect(`http://127.0.0.1:${port}`);
  onTestFinished(() => connection.destroy());
  const stream = connection.request({
    ':method': 'POST',
    ':path': PATH,
    'content-type': 'application/grpc',
    te: 'trailers',
  });
  stream.on('error', () => {});
  // Paused: what arrives stays in the window, which is never opened again.
  stream.pause();
  const message = eventRequest('slow', 1);
  const prefix = Buffer.alloc(5);
  prefix.writeUInt32BE(message.length, 1);
  stream.end(Buffer.concat([prefix, message]));

  let before = -1;
  while (pulled !== before || pulled === 0) {
    before = pulled;
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
  expect(pulled).toBeGreaterThan(65_535);
  expect(pulled).toBeLessThan(MOST_BYTES);
  expect(returned).toBe(false);

  stream.close(8);
  await stopped;
  expect(aborted).toMatchObject({ code: 'CALL_ABORTED' });
  expect(pulled).toBeLessThan(MOST_BYTES);
});
