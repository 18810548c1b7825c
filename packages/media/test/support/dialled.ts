// Servers to dial, closed after each test, and prompts for them.
import { afterEach } from 'vitest';
import { MediaServer, type MediaServerOptions, prompt } from '../../src/index.ts';
import { DialError } from '../../src/testing/index.ts';

export const welcome = prompt.tone({ frequencyHz: 440, durationMs: 1200 });
export const menu = prompt.tone({ frequencyHz: 550, durationMs: 2400 });
export const goodbye = prompt.tone({ frequencyHz: 330, durationMs: 900 });

/** What is said in them. */
export const texts = [
  [welcome, 'Welcome to the bank'],
  [menu, 'Press 1 for billing'],
  [goodbye, 'Goodbye'],
] as const;

const servers: MediaServer[] = [];
afterEach(() => Promise.all(servers.splice(0).map((server) => server.close())));

/** Makes a server with one agent, `demo`. */
export function createServerWith(options: Partial<MediaServerOptions<undefined>> = {}): MediaServer {
  const server = new MediaServer({ agents: [{ id: 'demo', name: 'Demo' }], ...options });
  servers.push(server);
  return server;
}

/** What a call fails with. */
export function failureOf(promise: Promise<unknown>): Promise<DialError> {
  return promise.then(
    () => {
      throw new Error('it did not fail');
    },
    (error: unknown) => {
      if (error instanceof DialError) return error;
      throw error;
    },
  );
}
