// What a program that uses the package sees: its types load neither Node, gRPC nor protobuf, and its exports are the ones meant.
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import * as simulator from '../src/index.ts';

const packageFolder = resolve(import.meta.dirname, '..');
const tsc = resolve(packageFolder, '../../node_modules/.bin/tsc');

/** Every specifier that a declaration file reaches, through the files of the package. */
async function reached(file: string, seen = new Set<string>()): Promise<Set<string>> {
  if (seen.has(file)) return seen;
  seen.add(file);
  // Examples in comments import the package by its name.
  const text = (await readFile(file, 'utf8')).replaceAll(/^ *\*.*$/gm, '');
  if (/\b(?:NodeJS|Buffer)\b/.test(text)) seen.add("Node's global types");
  for (const [, specifier = ''] of text.matchAll(/(?:from|import\(|import) ?['"]([^'"]+)['"]/g)) {
    if (specifier.startsWith('.')) await reached(join(dirname(file), specifier.replace(/\.ts$/, '.d.ts')), seen);
    else seen.add(specifier);
  }
  return seen;
}

describe('the public surface', () => {
  it('has these values and no others', () => {
    const names = [
      'FAILURE_EVENTS',
      'SimulatorError',
      'assertCallPassed',
      'formatConformanceReport',
      'formatTimeline',
      'formatTimelineEntry',
      'parseCallScenario',
      'parseScript',
      'placeCall',
      'readCallScenario',
      'runConformance',
      'startPlatform',
    ];
    expect(Object.keys(simulator).sort()).toEqual(names);
  });

  it('loads no types of Node, gRPC, protobuf or the generated code', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'simulator-types-'));
    try {
      const flags = [
        '--emitDeclarationOnly',
        '--declaration',
        '--composite',
        'false',
        '--tsBuildInfoFile',
        'null',
        '--outDir',
        folder,
      ];
      await promisify(execFile)(tsc, ['-p', packageFolder, ...flags]);
      const files = [...(await reached(join(folder, 'index.d.ts')))].map((file) => file.replace(folder, ''));
      expect(files).toContain('/call/place-call.d.ts');
      expect(files).toContain('/conformance/run-conformance.d.ts');
      expect(files.filter((file) => !file.startsWith('/') || /\/(?:gen|wire|caller)\//.test(file))).toEqual([]);
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});
