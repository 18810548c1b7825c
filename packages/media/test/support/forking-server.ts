// A server that is asked to listen to calls, and a platform that forks them to it. Both are closed when the test is over.
import { type Conversation, MediaServer, type MediaServerOptions } from '@byova/media';
import { onTestFinished } from 'vitest';
import { connectForking } from './forked-call.ts';

/** What differs from the defaults. */
export type ForkingServerOptions = Partial<MediaServerOptions<undefined>>;

/** What happens once, to be waited for. */
export function once<Value>(): { readonly promise: Promise<Value>; readonly happened: (value: Value) => void } {
  const { promise, resolve } = Promise.withResolvers<Value>();
  return { promise, happened: resolve };
}

/** Starts both. `logs` has the messages of warnings and errors. */
export async function startForking(options: ForkingServerOptions = {}) {
  const logs: string[] = [];
  const log = (_fields: unknown, message: string): void => {
    if (!message.startsWith('tokens of calls')) logs.push(message);
  };
  const server = new MediaServer({
    agents: [{ id: 'demo', name: 'Demo' }],
    verify: { enforce: false },
    logger: { debug() {}, info() {}, warn: log, error: log },
    ...options,
  });
  onTestFinished(() => server.close({ graceMs: 0 }));
  const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
  const platform = connectForking(port);
  onTestFinished(() => platform.close());
  return { server, port, platform, logs };
}

/** Both, with a handler that tells its conversation and does nothing else. */
export async function startListening(options?: ForkingServerOptions) {
  const started = await startForking(options);
  const conversations: Conversation[] = [];
  const signals: AbortSignal[] = [];
  const { promise: first, happened } = once<Conversation>();
  started.server.on('conversation_audio', ({ conversation, signal }) => {
    conversations.push(conversation);
    signals.push(signal);
    happened(conversation);
  });
  return { ...started, conversations, signals, first };
}
