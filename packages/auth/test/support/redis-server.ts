// A Redis of the tests' own.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Redis } from 'ioredis';
import { findProgram, freePort, type LocalServer, until } from './local-server.ts';

export async function startRedis(): Promise<LocalServer> {
  const port = await freePort();
  const program = findProgram(['/usr/bin/redis-server', '/usr/bin/valkey-server'], 'redis-server');
  const server = spawn(program, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], {
    stdio: 'ignore',
  });
  const url = `redis://127.0.0.1:${port}`;
  const client = new Redis(url, { lazyConnect: true, retryStrategy: () => 25, maxRetriesPerRequest: null });
  client.on('error', () => {});
  await until(async () => (await client.ping()) === 'PONG', server, 'Redis');
  client.disconnect();
  return {
    url,
    stop: async () => {
      server.kill();
      await once(server, 'exit');
    },
  };
}
