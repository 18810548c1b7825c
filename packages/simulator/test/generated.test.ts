// src/gen is what the .proto files give, and nobody has edited it.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const packageFolder = resolve(import.meta.dirname, '..');
const bin = (folder: string): string => join(folder, 'node_modules/.bin');

async function filesOf(folder: string): Promise<Record<string, string>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const pairs = files.sort().map(async (file) => [file.slice(folder.length), await readFile(file, 'utf8')] as const);
  return Object.fromEntries(await Promise.all(pairs));
}

describe('src/gen', () => {
  it('is what generating again gives', async () => {
    const target = await mkdtemp(join(tmpdir(), 'simulator-gen-'));
    try {
      const { PATH } = process.env;
      const path = [bin(packageFolder), bin(resolve(packageFolder, '../..')), PATH].join(':');
      const run = promisify(execFile);
      await run(process.execPath, ['scripts/generate.ts', target], {
        cwd: packageFolder,
        env: { ...process.env, PATH: path },
      });
      expect(await filesOf(target)).toEqual(await filesOf(join(packageFolder, 'src/gen')));
    } finally {
      await rm(target, { recursive: true });
    }
  });
});

describe('the sources', () => {
  it('share no code with the packages under test; only wire/ knows gRPC and the generated code, and only script/ knows YAML', async () => {
    const imports = /(?:from|import\()\s*'([^']+)'/g;
    const foreign: string[] = [];
    for (const [file, text] of Object.entries(await filesOf(join(packageFolder, 'src')))) {
      if (file.startsWith('/gen/') || file.endsWith('.test.ts')) continue;
      const specifiers = [...text.replaceAll(/^ \*.*$/gm, '').matchAll(imports)].map(([, specifier = '']) => specifier);
      for (const specifier of specifiers) {
        const known = specifier.startsWith('node:') || specifier.startsWith('.');
        const wireOnly = specifier === '@grpc/grpc-js' || specifier.includes('/gen/');
        const allowed = wireOnly
          ? file.startsWith('/wire/')
          : known || (specifier === 'yaml' && file.startsWith('/script/'));
        if (!allowed) foreign.push(`${file}: ${specifier}`);
      }
    }
    expect(foreign).toEqual([]);
  });
});
