// Packs the packages as they would be published, into a folder where a consumer can be built from them without a network:
// the tarballs are unpacked, and what they depend on is linked from the workspace.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export const root: string = new URL('../../../../', import.meta.url).pathname;
export const bin = (name: string): string => join(root, 'node_modules/.bin', name);

/** A package as it would be published. */
export interface Packed {
  readonly name: 'auth' | 'datasources' | 'media' | 'simulator';
  readonly tarball: string;
  /** Where it is unpacked in the consumer. */
  readonly folder: string;
  readonly manifest: { readonly exports: Record<string, unknown>; readonly dependencies?: Record<string, string> };
}

/** Packs every package; gives the consumer's folder and the packages. */
export function packAll(): { readonly consumer: string; readonly packages: readonly Packed[] } {
  const consumer = mkdtempSync(join(tmpdir(), 'byova-consumer-'));
  writeFileSync(join(consumer, 'package.json'), '{ "type": "module" }');
  const packages = (['auth', 'datasources', 'media', 'simulator'] as const).map((name): Packed => {
    const source = join(root, 'packages', name);
    // pnpm applies publishConfig when it packs; npm would not.
    const pnpm = process.env['npm_execpath'];
    const [command, first]: [string, string[]] =
      pnpm?.includes('pnpm') === true
        ? [pnpm.endsWith('js') ? process.execPath : pnpm, pnpm.endsWith('js') ? [pnpm] : []]
        : ['npx', ['-y', 'pnpm@12']];
    execFileSync(command, [...first, 'pack', '--pack-destination', consumer], { cwd: source, stdio: 'pipe' });
    const file = readdirSync(consumer).find((entry) => entry.startsWith(`byova-${name}-`) && entry.endsWith('.tgz'));
    if (file === undefined) throw new Error(`no tarball of ${name}`);
    const tarball = join(consumer, file);
    const folder = join(consumer, 'node_modules/@byova', name);
    mkdirSync(folder, { recursive: true });
    execFileSync('tar', ['-xzf', tarball, '-C', folder, '--strip-components=1']);
    const manifest: Packed['manifest'] = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    for (const dependency of Object.keys(manifest.dependencies ?? {}))
      link(join(source, 'node_modules', dependency), join(consumer, 'node_modules', dependency));
    return { name, tarball, folder, manifest };
  });
  for (const types of ['node'])
    link(join(root, 'node_modules/@types', types), join(consumer, 'node_modules/@types', types));
  return { consumer, packages };
}

function link(target: string, path: string): void {
  if (existsSync(path)) return;
  mkdirSync(join(path, '..'), { recursive: true });
  symlinkSync(target, path);
}
