// Writes one recording to disk, a block at a time and never in the way of the call: what comes is queued, within a bound, and
// written at its place; at the end the header gets true sizes and the file its name.
import type { FileHandle } from 'node:fs/promises';
import type { MemoryBudget } from './memory-budget.ts';
import type { PartFile, RecordingFolder } from './recording-folder.ts';
import { FRAME_BYTES, HEADER_BYTES, SILENCE, stereoHeader } from './stereo-wav.ts';

/** The most that waits for the disk: two minutes of a call. */
const MAX_QUEUED_BYTES = 2 * 1024 * 1024;
const SILENT_BLOCK = new Uint8Array(65_536).fill(SILENCE);

/** A recording that is on disk. */
export interface WrittenFile {
  readonly path: string;
  readonly bytes: number;
  readonly frames: number;
}

/** A file that is written to. */
export interface RecordingFile {
  /** Both channels; the bytes are kept until they are written. */
  append(block: Uint8Array): void;
  appendSilence(frames: number): void;
  /** Writes what is queued and finishes the file. Undefined when there is nothing in it. Throws when it cannot be kept. */
  finish(): Promise<WrittenFile | undefined>;
}

/** What {@link createRecordingFile} needs. */
export interface RecordingFileOptions {
  readonly folder: RecordingFolder;
  readonly budget: MemoryBudget;
  readonly label: string;
  readonly date: Date;
  /** Told once, when nothing more can be written: the file ends with what was. */
  readonly onFailed: (error: unknown) => void;
}

type Queued = { readonly block: Uint8Array } | { silentBytes: number };

async function writeAll(handle: FileHandle, bytes: Uint8Array, position: number): Promise<void> {
  for (let done = 0; done < bytes.length; ) {
    const { bytesWritten } = await handle.write(bytes, done, bytes.length - done, position + done);
    done += bytesWritten;
  }
}

/** Makes a file that comes to be with its first block. */
export function createRecordingFile({ folder, budget, label, date, onFailed }: RecordingFileOptions): RecordingFile {
  const queue: Queued[] = [];
  let queuedBytes = 0;
  let file: PartFile | undefined;
  /** Bytes of audio that are in the file, and bytes that were reserved for it. */
  let written = 0;
  let reserved = 0;
  let failed = false;
  let pumping: Promise<void> | undefined;

  const release = (bytes: number): void => {
    queuedBytes -= bytes;
    budget.give(bytes);
  };

  const fail = (error: unknown): void => {
    if (failed) return;
    failed = true;
    for (const queued of queue.splice(0)) if ('block' in queued) release(queued.block.length);
    onFailed(error);
  };

  const reserve = async (bytes: number): Promise<void> => {
    await folder.reserve(bytes);
    reserved += bytes;
  };

  const opened = async (): Promise<PartFile> => {
    if (file !== undefined) return file;
    file = await folder.create(label, date);
    await reserve(HEADER_BYTES);
    await writeAll(file.handle, stereoHeader(0), 0);
    return file;
  };

  const write = async (bytes: Uint8Array): Promise<void> => {
    const { handle } = await opened();
    await reserve(bytes.length);
    await writeAll(handle, bytes, HEADER_BYTES + written);
    written += bytes.length;
  };

  const writeSilence = async (bytes: number): Promise<void> => {
    for (let left = bytes; left > 0 && !failed; left -= SILENT_BLOCK.length) {
      await write(left < SILENT_BLOCK.length ? SILENT_BLOCK.subarray(0, left) : SILENT_BLOCK);
    }
  };

  const pump = async (): Promise<void> => {
    for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
      try {
        if ('block' in next) await write(next.block);
        else await writeSilence(next.silentBytes);
      } catch (error) {
        fail(error);
      } finally {
        if ('block' in next) release(next.block.length);
      }
    }
    pumping = undefined;
  };

  const enqueue = (queued: Queued): void => {
    queue.push(queued);
    pumping ??= pump();
  };

  return {
    append(block) {
      if (failed) return;
      if (queuedBytes + block.length > MAX_QUEUED_BYTES || !budget.take(block.length)) {
        fail(new Error('The disk does not keep up with the calls that are recorded.'));
        return;
      }
      queuedBytes += block.length;
      enqueue({ block });
    },
    appendSilence(frames) {
      if (failed || frames <= 0) return;
      const last = queue.at(-1);
      if (last !== undefined && 'silentBytes' in last) last.silentBytes += frames * FRAME_BYTES;
      else enqueue({ silentBytes: frames * FRAME_BYTES });
    },
    async finish() {
      await pumping;
      if (file === undefined) return undefined;
      const { handle, path } = file;
      const frames = Math.floor(written / FRAME_BYTES);
      const bytes = HEADER_BYTES + frames * FRAME_BYTES;
      try {
        try {
          // A block that failed half-way has left bytes behind.
          await handle.truncate(bytes);
          await writeAll(handle, stereoHeader(frames), 0);
          await handle.datasync();
        } finally {
          await handle.close();
        }
        if (frames === 0) await folder.discard(file);
        else await folder.keep(file, bytes);
      } finally {
        folder.release(file, reserved);
      }
      return frames === 0 ? undefined : { path, bytes, frames };
    },
  };
}
