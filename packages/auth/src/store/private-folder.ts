// A folder that no other user can put files into.
import { mkdir, stat } from 'node:fs/promises';
import { StoreUnavailableError } from '../errors/store-errors.ts';

const OTHERS_MAY_WRITE = 0o002;

/**
 * Makes a folder for its owner alone, or takes one that is there.
 *
 * @throws StoreUnavailableError when every user of the machine may write into it: whoever does so first could own the leases, or put
 *   old records back
 */
export async function openPrivateFolder(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  // Windows has no such bits, and sets them all.
  if (process.platform === 'win32') return;
  const { mode } = await stat(path);
  if ((mode & OTHERS_MAY_WRITE) === 0) return;
  throw new StoreUnavailableError(
    `Every user of this machine may write into ${path} (mode ${(mode & 0o7777).toString(8)}). Run chmod 700 on it, or give the token store a folder of its own.`,
  );
}
