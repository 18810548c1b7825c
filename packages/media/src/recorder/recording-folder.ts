// The folder of recordings: makes it, names files, keeps them within their bound, and finishes what a crash left behind.
import { access, type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../session/clock.ts';
import type { Logger } from '../session/logger.ts';
import { FRAME_BYTES, HEADER_BYTES, isStereoHeader, stereoHeader } from './stereo-wav.ts';

const PART = '.part';
/** What the recorder names its files. It touches no other. */
const NAME = /^byova-\d{8}T\d{9}Z-[A-Za-z0-9_-]{1,64}(?:\.\d{1,2})?\.wav(?<part>\.part)?$/;
/** A file that nobody has written to for so long was left by a crash: a recording is written to every second. */
const ABANDONED_MS = 60_000;
/** How many recordings of one call can begin in the same ms. */
const MAX_ALIKE = 99;

/** A file that is being recorded to. */
export interface PartFile {
  readonly handle: FileHandle;
  /** Where it is when it is finished. */
  readonly path: string;
  /** Where it is until then. */
  readonly partPath: string;
}

/** The folder of recordings. */
export interface RecordingFolder {
  /** Makes the folder and finishes what a crash left, once. */
  ready(): Promise<void>;
  /** Makes a file; `label` names it, between the date and the end. */
  create(label: string, date: Date): Promise<PartFile>;
  /** Makes room for more bytes: deletes the oldest recordings where it must. Throws when there is no room. */
  reserve(bytes: number): Promise<void>;
  /** A file of so many bytes is complete: it gets its name. */
  keep(file: PartFile, bytes: number): Promise<void>;
  /** A file is not wanted. */
  discard(file: PartFile): Promise<void>;
  /** Nobody writes to a file any more, or had room reserved for it. */
  release(file: PartFile, reservedBytes: number): void;
  close(): void;
}

/** What {@link createRecordingFolder} needs. */
export interface RecordingFolderOptions {
  readonly directory: string;
  readonly maxBytesTotal: number;
  readonly logger: Logger;
  readonly clock: Clock;
  /** Ms since 1970. */
  readonly now: () => number;
}

function errorCode(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined;
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

/** Nothing in it can name another folder or file. */
function safe(label: string): string {
  return label.replaceAll(/[^A-Za-z0-9_-]+/g, '_').slice(0, 64) || 'call';
}

/** Makes the folder of a recorder; touches no disk before `ready`. */
export function createRecordingFolder(options: RecordingFolderOptions): RecordingFolder {
  const { directory, maxBytesTotal, logger, clock, now } = options;
  /** The recordings that are there, oldest first. */
  const kept = new Map<string, number>();
  const writing = new Set<string>();
  let usedBytes = 0;
  let prepared: Promise<void> | undefined;
  let closed = false;
  let recheck: { cancel(): void } | undefined;

  const add = (path: string, bytes: number): void => {
    kept.set(path, bytes);
    usedBytes += bytes;
  };

  /** A file that a crash left: gets true sizes and its name; is removed when there is no audio in it. */
  const repair = async (partPath: string, size: number): Promise<void> => {
    const path = partPath.slice(0, -PART.length);
    const frames = Math.floor((size - HEADER_BYTES) / FRAME_BYTES);
    const handle = await open(partPath, 'r+');
    let usable = false;
    try {
      const header = new Uint8Array(HEADER_BYTES);
      await handle.read(header, 0, HEADER_BYTES, 0);
      usable = frames > 0 && isStereoHeader(header) && !(await exists(path));
      if (usable) {
        await handle.truncate(HEADER_BYTES + frames * FRAME_BYTES);
        await handle.write(stereoHeader(frames), 0, HEADER_BYTES, 0);
      }
    } finally {
      await handle.close();
    }
    if (usable) {
      await rename(partPath, path);
      add(path, HEADER_BYTES + frames * FRAME_BYTES);
      logger.info({ path }, 'a recording that a crash left was finished');
    } else {
      await unlink(partPath);
      logger.info({ path: partPath }, 'a recording that a crash left had no audio and was removed');
    }
  };

  /** What a crash left, and nobody else is writing to. True when there are files of which that is not certain yet. */
  const repairAbandoned = async (names: readonly string[]): Promise<boolean> => {
    let uncertain = false;
    for (const name of names) {
      const partPath = join(directory, name);
      if (writing.has(partPath)) continue;
      try {
        const { size, mtimeMs } = await stat(partPath);
        if (now() - mtimeMs < ABANDONED_MS) uncertain = true;
        else await repair(partPath, size);
      } catch (error) {
        if (errorCode(error) !== 'ENOENT') logger.warn({ err: error }, 'a recording that a crash left stays as it is');
      }
    }
    return uncertain;
  };

  const partsOf = (names: readonly string[]): string[] =>
    names.filter((name) => NAME.exec(name)?.groups?.['part'] !== undefined);

  const checkAbandoned = async (names: readonly string[]): Promise<void> => {
    const uncertain = await repairAbandoned(partsOf(names));
    if (!uncertain || closed) return;
    recheck = clock.setTimer(() => {
      readdir(directory)
        .then(checkAbandoned)
        .catch((error: unknown) => logger.warn({ err: error }, 'the folder of recordings cannot be read'));
    }, ABANDONED_MS);
  };

  const makeDirectory = async (): Promise<void> => {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  };

  const prepare = async (): Promise<void> => {
    await makeDirectory();
    const names = (await readdir(directory)).filter((name) => NAME.test(name)).sort();
    for (const name of names) {
      if (name.endsWith(PART)) continue;
      const path = join(directory, name);
      const found = await stat(path).catch(() => undefined);
      if (found !== undefined) add(path, found.size);
    }
    await checkAbandoned(names);
  };

  const removeOldest = async (path: string, bytes: number): Promise<void> => {
    kept.delete(path);
    usedBytes -= bytes;
    await unlink(path).catch((error: unknown) => {
      if (errorCode(error) !== 'ENOENT') logger.warn({ err: error }, 'an old recording could not be deleted');
    });
  };

  const folder: RecordingFolder = {
    ready() {
      prepared ??= prepare().catch((error: unknown) => {
        // A disk that is not there yet may be there for the next call.
        prepared = undefined;
        throw error;
      });
      return prepared;
    },
    async create(label, date) {
      await folder.ready();
      // It may have been cleared away since.
      await makeDirectory();
      const stem = `byova-${date.toISOString().replaceAll(/[-:.]/g, '')}-${safe(label)}`;
      for (let alike = 1; alike <= MAX_ALIKE; alike += 1) {
        const path = join(directory, `${stem}${alike === 1 ? '' : `.${alike}`}.wav`);
        const partPath = path + PART;
        if (await exists(path)) continue;
        try {
          const handle = await open(partPath, 'wx', 0o600);
          writing.add(partPath);
          return { handle, path, partPath };
        } catch (error) {
          if (errorCode(error) !== 'EEXIST') throw error;
        }
      }
      throw new Error(`There are ${MAX_ALIKE} recordings of the same name and time.`);
    },
    async reserve(bytes) {
      usedBytes += bytes;
      while (usedBytes > maxBytesTotal) {
        const [oldest] = kept;
        if (oldest === undefined) {
          usedBytes -= bytes;
          throw new Error(`The recordings in progress alone take maxBytesTotal, ${maxBytesTotal} bytes.`);
        }
        await removeOldest(...oldest);
      }
    },
    async keep({ path, partPath }, bytes) {
      await rename(partPath, path);
      add(path, bytes);
    },
    discard: ({ partPath }) => unlink(partPath),
    release({ partPath }, reservedBytes) {
      writing.delete(partPath);
      usedBytes -= reservedBytes;
    },
    close() {
      closed = true;
      recheck?.cancel();
    },
  };
  return folder;
}
