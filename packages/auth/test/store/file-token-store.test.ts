// What only the file store promises: encryption bound to the key, tampering told of, keys that can be changed, folders for one.
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { FileTokenStore, generateEncryptionKey } from '../../src/index.ts';

const secret = 'refresh-token-of-tenant-a';
const key = generateEncryptionKey();
let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'byova-file-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
});

const open = (encryption: ConstructorParameters<typeof FileTokenStore>[0]['encryption'] = key): FileTokenStore =>
  new FileTokenStore({ directory, ...(encryption === undefined ? {} : { encryption }) });

function files(folder = join(directory, 'records')): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}
const theFile = (): string => {
  const [path, ...others] = files();
  if (path === undefined || others.length > 0) throw new Error(`${others.length + 1} files`);
  return path;
};

describe('what is on the disk', () => {
  it('holds no value in the clear, and belongs to its owner alone', async () => {
    await open().set('tenant/a', { refreshToken: secret }, { expectedVersion: undefined });
    expect(readFileSync(theFile(), 'utf8')).not.toContain(secret);
    expect(statSync(theFile()).mode & 0o777).toBe(0o600);
    expect(statSync(join(directory, 'records')).mode & 0o777).toBe(0o700);
  });

  it('is one file per record, however often it is written', async () => {
    const store = open();
    let version = await store.set('a', 0, { expectedVersion: undefined });
    for (let n = 1; n < 20; n += 1) version = await store.set('a', n, { expectedVersion: version });
    expect(files()).toHaveLength(1);
    expect(files(join(directory, 'drafts'))).toEqual([]);
  });

  it('is cleared of drafts that a killed process left an hour ago, and of no younger ones', async () => {
    mkdirSync(join(directory, 'drafts'), { recursive: true });
    for (const name of ['old', 'young']) writeFileSync(join(directory, 'drafts', name), 'half a rec');
    utimesSync(join(directory, 'drafts', 'old'), 1, 1);
    await open().get('a');
    expect(readdirSync(join(directory, 'drafts'))).toEqual(['young']);
  });
});

describe('tampering', () => {
  it.each([
    [
      'a flipped bit',
      (text: string) => text.replace(/.$/m, (last) => (last === 'A' ? 'B' : 'A')).replace(/\n$/, 'x\n'),
    ],
    ['a cut end', (text: string) => text.slice(0, -20)],
    ['nothing at all', () => ''],
    ['another format', () => '{"accessToken":"forged"}'],
  ])('%s is told of at every call, and changes nothing', async (_, change) => {
    const store = open();
    const version = await store.set('a', { refreshToken: secret }, { expectedVersion: undefined });
    writeFileSync(theFile(), change(readFileSync(theFile(), 'utf8')));
    const tampered = { code: 'STORE_TAMPERED' };
    await expect(store.get('a')).rejects.toMatchObject(tampered);
    await expect(store.set('a', 2, { expectedVersion: version })).rejects.toMatchObject(tampered);
    await expect(store.set('a', 2, { expectedVersion: undefined })).rejects.toMatchObject(tampered);
    await expect(store.delete('a', { expectedVersion: String(version) })).rejects.toMatchObject(tampered);
    await expect(store.list('')).rejects.toMatchObject(tampered);
  });

  it("a tenant's record put in place of another's does not open", async () => {
    const store = open();
    await store.set('tenant/a', { refreshToken: secret }, { expectedVersion: undefined });
    const ofA = theFile();
    await store.set('tenant/b', { refreshToken: 'of b' }, { expectedVersion: undefined });
    const ofB = files().find((path) => path !== ofA) ?? '';
    writeFileSync(ofB, readFileSync(ofA));
    await expect(store.get('tenant/b')).rejects.toMatchObject({ code: 'STORE_TAMPERED' });
    await expect(store.list('tenant/')).rejects.toMatchObject({ code: 'STORE_TAMPERED' });
  });

  it('an old record under a new number is still the old one, and one with a new id does not open', async () => {
    const store = open();
    const first = await store.set('a', 'old', { expectedVersion: undefined });
    cpSync(theFile(), join(directory, 'saved'));
    await store.set('a', 'new', { expectedVersion: first });
    const path = theFile();
    writeFileSync(path, readFileSync(join(directory, 'saved'), 'utf8').replace(/^[0-9a-f]{16}/, '0123456789abcdef'));
    await expect(store.get('a')).rejects.toMatchObject({ code: 'STORE_TAMPERED' });
  });

  it('a deletion cannot be forged', async () => {
    const store = open();
    const version = await store.set('a', 1, { expectedVersion: undefined });
    await store.delete('a', { expectedVersion: String(version) });
    const tombstone = readFileSync(theFile(), 'utf8');
    await store.set('b', 1, { expectedVersion: undefined });
    const ofB =
      files().find(
        (path) => !path.startsWith(join(directory, 'records')) || readFileSync(path, 'utf8') !== tombstone,
      ) ?? '';
    writeFileSync(ofB, tombstone);
    await expect(store.get('b')).rejects.toMatchObject({ code: 'STORE_TAMPERED' });
  });

  it('a lease that is none is told of', async () => {
    const store = open();
    await (await store.acquireLease('a', { ttlMs: 1000 }))?.release();
    const [path = ''] = files(join(directory, 'leases'));
    writeFileSync(path, `${'0'.repeat(16)}\nnot json`);
    await expect(store.acquireLease('a', { ttlMs: 1000 })).rejects.toMatchObject({ code: 'STORE_TAMPERED' });
  });
});

describe('keys', () => {
  it('come from the environment when none are given', async () => {
    vi.stubEnv('BYOVA_TOKEN_STORE_KEY', key);
    const store = new FileTokenStore({ directory });
    await store.set('a', 1, { expectedVersion: undefined });
    expect((await open().get('a'))?.value).toBe(1);
  });

  it('come from a function, asked once, and asked again after it failed', async () => {
    const give = vi.fn(async () => [key]).mockRejectedValueOnce(new Error('the key service is away'));
    const store = open(give);
    await expect(store.set('a', 1, { expectedVersion: undefined })).rejects.toMatchObject({
      code: 'STORE_UNAVAILABLE',
    });
    await store.set('a', 1, { expectedVersion: undefined });
    await store.get('a');
    expect(give).toHaveBeenCalledTimes(2);
  });

  it('are asked for when there are none, before anything is read or written', async () => {
    vi.stubEnv('BYOVA_TOKEN_STORE_KEY', '');
    const store = new FileTokenStore({ directory });
    await expect(store.set('a', 1, { expectedVersion: undefined })).rejects.toMatchObject({
      code: 'STORE_KEY_UNKNOWN',
    });
    expect(files()).toEqual([]);
  });

  it.each(['short', 'x'.repeat(44), ''])('of another size are refused: %j', async (bad) => {
    await expect(open([bad]).set('a', 1, { expectedVersion: undefined })).rejects.toMatchObject({
      code: 'STORE_KEY_UNKNOWN',
    });
  });

  it('may be hex, and are never part of an error', async () => {
    const hex = Buffer.from(key, 'base64').toString('hex');
    await open(hex).set('a', 1, { expectedVersion: undefined });
    expect((await open().get('a'))?.value).toBe(1);
    const error: Error = await open(generateEncryptionKey())
      .get('a')
      .then(Promise.reject, (reason) => reason);
    expect(error).toMatchObject({ code: 'STORE_KEY_UNKNOWN' });
    expect(error.message).not.toContain(hex);
    expect(error.message).not.toContain(key);
  });

  it('are changed by a new one in front: old records open, new ones need it, and rotateKeys leaves none behind', async () => {
    await open().set('a', 1, { expectedVersion: undefined });
    const b = await open().set('b', 2, { expectedVersion: undefined });
    await open().delete('b', { expectedVersion: String(b) });
    const next = generateEncryptionKey();
    const both = open([next, key]);
    expect((await both.get('a'))?.value).toBe(1);
    await both.set('c', 3, { expectedVersion: undefined });
    await expect(open().get('c')).rejects.toMatchObject({ code: 'STORE_KEY_UNKNOWN' });
    expect(await both.rotateKeys()).toBe(2);
    expect(await both.rotateKeys()).toBe(0);
    const alone = open(next);
    expect(await alone.list('')).toEqual(['a', 'c']);
    expect(await alone.get('b')).toBeUndefined();
  });
});

describe('a folder that every user may write into', () => {
  it.each(['', 'records', 'leases', 'drafts'])('is refused until its mode is right: %j in it', async (name) => {
    const path = join(directory, name);
    mkdirSync(path, { recursive: true });
    chmodSync(path, 0o777);
    const store = open();
    const refused = {
      code: 'STORE_UNAVAILABLE',
      message: expect.stringContaining(`${path} (mode 777). Run chmod 700`),
    };
    await expect(store.set('a', 1, { expectedVersion: undefined })).rejects.toMatchObject(refused);
    await expect(store.acquireLease('a', { ttlMs: 1000 })).rejects.toMatchObject(refused);
    chmodSync(path, 0o750);
    expect(await store.set('a', 1, { expectedVersion: undefined })).toBeDefined();
  });
});

it('a full disk fails the write, and leaves no draft behind', () => {
  // The limit of the size of a file stands in for the end of the disk: a write ends in the middle of its draft.
  const program = `
    import { readdirSync } from 'node:fs';
    import { FileTokenStore } from '@byova/auth';
    const [directory, encryption] = process.argv.slice(1);
    const store = new FileTokenStore({ directory, encryption });
    await store.set('small', 'x', { expectedVersion: undefined });
    const codes = [];
    for (let n = 0; n < 3; n += 1) {
      await store.set('large', 'x'.repeat(1_000_000), { expectedVersion: undefined }).catch(({ code }) => codes.push(code));
    }
    process.stdout.write(JSON.stringify({ codes, drafts: readdirSync(directory + '/drafts'), keys: await store.list('') }));
  `;
  const child = spawnSync(
    'sh',
    [
      '-c',
      'ulimit -f 64; exec "$@"',
      'sh',
      process.execPath,
      '--conditions=@byova/source',
      '--input-type=module',
      '-e',
      program,
      directory,
      key,
    ],
    { cwd: new URL('../../', import.meta.url), encoding: 'utf8' },
  );
  expect(child.stderr).toBe('');
  const unavailable = Array.from({ length: 3 }, () => 'STORE_UNAVAILABLE');
  expect(JSON.parse(child.stdout)).toEqual({ codes: unavailable, drafts: [], keys: ['small'] });
});

describe('a folder that cannot be used', () => {
  it('is told of, and used again once it can', async () => {
    const path = join(directory, 'file');
    writeFileSync(path, '');
    const store = new FileTokenStore({ directory: join(path, 'below'), encryption: key });
    await expect(store.get('a')).rejects.toMatchObject({ code: 'STORE_UNAVAILABLE', retryable: true });
    renameSync(path, `${path}-away`);
    expect(await store.get('a')).toBeUndefined();
  });

  it('must be named', () => {
    expect(() => new FileTokenStore({ directory: '' })).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  });
});
