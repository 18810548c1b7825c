// Takes the ```ts examples out of docstrings, guides and READMEs and writes each as a module of its own, so that a test
// can compile and run them as a reader would.
import { globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const root = new URL('../../', import.meta.url).pathname;
const SOURCES = ['packages/*/src/**/*.ts', 'packages/*/README.md', 'README.md', 'docs/index.md', 'docs/guide/*.md'];

/** An example and where it stands. */
export interface Example {
  /** The file and line of its first line. */
  readonly origin: string;
  /** The module that was written. */
  readonly path: string;
  /** Whether it ends by itself: it opens no fixed port and reads no file that a reader would have. */
  readonly runs: boolean;
  /** Whether it ends its process, sets the exit code or handles a signal, and so needs a process of its own. */
  readonly usesProcess: boolean;
}

/** Writes every example to `folder`. */
export function extractExamples(folder: string): Example[] {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const files = globSync(SOURCES, { cwd: root }).filter((file) => !/\.test(-d)?\.ts$|\/gen\//.test(file));
  return files.sort().flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    return [...text.matchAll(/^([ \t]*\*? ?)```ts\n([\s\S]*?)^[ \t]*\*? ?```$/gm)].map((match) => {
      const [, indent = '', body = ''] = match;
      const code = body
        .split('\n')
        .map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line.replace(/^\s*\* ?/, '')))
        .join('\n');
      const line = text.slice(0, match.index).split('\n').length + 1;
      const path = join(folder, `${file.replaceAll(/[/.]/g, '-')}-${line}.ts`);
      writeFileSync(path, `${code}\nexport {};\n`);
      return {
        origin: `${file}:${line}`,
        path,
        runs: !/\/srv\/|\/etc\/|listen\(\{ port: \d{2,}|\.wav'|127\.0\.0\.1:(?:50051|6379)/.test(code),
        usesProcess: /\bprocess\.(?!env\b|stdout\b)/.test(code),
      };
    });
  });
}
