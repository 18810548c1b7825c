// A PostgreSQL of the tests' own. It refuses to run as root, so root lends it to the user that Debian's package makes.
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, globSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { findProgram, freePort, type LocalServer, until } from './local-server.ts';

function idOf(kind: '-u' | '-g'): number {
  return Number(execFileSync('id', [kind, 'postgres'], { encoding: 'utf8' }));
}

export async function startPostgres(): Promise<LocalServer> {
  const folders = globSync('/usr/lib/postgresql/*/bin').sort().reverse();
  const postgres = findProgram(
    folders.map((folder) => join(folder, 'postgres')),
    'postgresql',
  );
  const initdb = join(postgres, '../initdb');
  const user = process.getuid?.() === 0 ? { uid: idOf('-u'), gid: idOf('-g') } : {};
  const data = mkdtempSync(join(tmpdir(), 'byova-postgres-'));
  if (user.uid !== undefined) chownSync(data, user.uid, user.gid);
  const options = ['--auth=trust', '--username=byova', '--no-sync', '--encoding=UTF8', '--locale=C', '-D', data];
  execFileSync(initdb, options, { ...user, cwd: data, stdio: 'ignore' });
  const port = await freePort();
  const settings = ['-c', 'fsync=off', '-c', 'listen_addresses=127.0.0.1', '-c', `unix_socket_directories=${data}`];
  const server = spawn(postgres, ['-D', data, '-p', String(port), ...settings], {
    ...user,
    cwd: data,
    stdio: 'ignore',
  });
  const url = `postgres://byova@127.0.0.1:${port}/postgres`;
  const ready = async (): Promise<boolean> => {
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    await client.end();
    return true;
  };
  await until(ready, server, 'PostgreSQL');
  return {
    url,
    stop: async () => {
      server.kill('SIGINT');
      await once(server, 'exit');
      rmSync(data, { recursive: true, force: true });
    },
  };
}
