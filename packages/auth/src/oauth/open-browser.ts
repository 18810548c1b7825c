// Opens a page in the person's browser, where there is one.
import { spawn } from 'node:child_process';

const OPENERS: Readonly<Record<string, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  // Takes the address as one argument; `start` of cmd would give "&" a meaning.
  win32: ['rundll32', 'url.dll,FileProtocolHandler'],
};

/** Starts the system's opener and does not wait. A machine without one is no error: the address was printed as well. */
export function openBrowser(url: string, platform: string = process.platform): void {
  const [command, ...args] = OPENERS[platform] ?? ['xdg-open'];
  const child = spawn(command, [...args, url], { stdio: 'ignore', detached: true });
  child.on('error', () => {});
  child.unref();
}
