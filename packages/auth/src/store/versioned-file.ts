// A text that several processes replace without a lock: each version is a file of its own, named by its number, and a new one
// is put in place whole by a hard link, which fails when another process was first. A process that is killed at any moment
// leaves the last whole version, and at most a temporary file.
import { randomBytes, randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { StoreTamperedError, StoreUnavailableError } from '../errors/store-errors.ts';

/** A version of a text. */
export interface FileVersion {
  /** From 1, upwards. */
  readonly number: number;
  /** Random: names this version and no other, also when the folder was made anew. */
  readonly id: string;
  /** The ids of the versions before, the newest first. */
  readonly history: readonly string[];
  readonly text: string;
}

/** A newer version replaced the one that was about to be read: more often than this, something is wrong. */
const MAX_READ_TRIES = 100;
/** How many later versions a writer may miss and still see that its own was among them. */
const HISTORY = 32;

/** The code of an error of the file system. */
export const errorCode = (error: unknown): string | undefined => (error as NodeJS.ErrnoException | undefined)?.code;

/** An id for a version that is about to be written. */
export const newVersionId = (): string => randomBytes(8).toString('hex');

async function numbersIn(folder: string): Promise<readonly number[]> {
  try {
    return (await readdir(folder))
      .filter((name) => /^\d{1,15}$/.test(name))
      .map(Number)
      .sort((a, b) => b - a);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return [];
    throw error;
  }
}

function parse(number: number, content: string, folder: string): FileVersion {
  const end = content.indexOf('\n');
  const [id, ...history] = content.slice(0, Math.max(0, end)).split(' ');
  if (id === undefined || !/^[0-9a-f]{16}$/.test(id)) {
    throw new StoreTamperedError(
      `${join(folder, String(number))} is not a file of this store. Restore it from a backup.`,
    );
  }
  return { number, id, history, text: content.slice(end + 1) };
}

/** The latest version, or undefined when there never was one. */
export async function readLatest(folder: string): Promise<FileVersion | undefined> {
  for (let tries = 0; tries < MAX_READ_TRIES; tries += 1) {
    const [number] = await numbersIn(folder);
    if (number === undefined) return undefined;
    try {
      return parse(number, await readFile(join(folder, String(number)), 'utf8'), folder);
    } catch (error) {
      if (errorCode(error) !== 'ENOENT') throw error;
    }
  }
  throw new StoreUnavailableError(
    'A record changes faster than it can be read. Look for a process that writes in a loop.',
  );
}

/** What is written after `previous`. */
export interface NextVersion {
  readonly previous: FileVersion | undefined;
  readonly id: string;
  readonly text: string;
  /** A folder on the same file system for drafts. */
  readonly drafts: string;
}

/**
 * Writes the version after the one that was read.
 *
 * @returns false when another was written since: then nothing was changed
 */
export async function writeNext(folder: string, next: NextVersion): Promise<boolean> {
  const { previous, id } = next;
  const number = (previous?.number ?? 0) + 1;
  const history = previous === undefined ? [] : [previous.id, ...previous.history].slice(0, HISTORY);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const draft = join(next.drafts, randomUUID());
  const path = join(folder, String(number));
  try {
    await writeWhole(draft, `${[id, ...history].join(' ')}\n${next.text}`);
    await link(draft, path);
  } catch (error) {
    if (errorCode(error) === 'EEXIST') return false;
    if (errorCode(error) === 'EPERM' || errorCode(error) === 'ENOTSUP') {
      throw new StoreUnavailableError(
        'The file system of the token store has no hard links. Put the store on a local disk, or use Redis or PostgreSQL.',
        error,
      );
    }
    throw error;
  } finally {
    // Also when the disk is full: it would stay so, with one more draft at each write.
    await unlink(draft).catch(() => {});
  }
  // Versions that were written and cleared away since the read leave our number free again. Then a later one is there,
  // and it does not descend from ours.
  const latest = await readLatest(folder);
  if (latest === undefined || (latest.id !== id && !latest.history.includes(id))) {
    await unlink(path).catch(() => {});
    return false;
  }
  await syncFolder(folder);
  for (const older of await numbersIn(folder)) {
    if (older < number) await unlink(join(folder, String(older))).catch(() => {});
  }
  return true;
}

async function writeWhole(path: string, content: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Makes a new name last through a power failure, where the system can. */
async function syncFolder(folder: string): Promise<void> {
  for (const path of [folder, dirname(folder)]) {
    const handle = await open(path, 'r').catch(() => undefined);
    await handle?.sync().catch(() => {});
    await handle?.close();
  }
}
