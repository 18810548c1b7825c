// Generates src/gen (or the folder named as the first argument) from the .proto files at the root of the repository.
// The same input gives the same bytes, so a test can generate again and compare.
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';

const packageFolder = resolve(import.meta.dirname, '..');
const target = resolve(process.argv[2] ?? join(packageFolder, 'src/gen'));

/** What the caller speaks, and what else the conformance cases ask; the messages that these import come along. */
const SOURCES = [
  'com/cisco/wcc/ccai/media/v1/conversation_audio_forking.proto',
  'com/cisco/wcc/ccai/media/v1/voice_virtual_agent.proto',
  'com/cisco/wcc/ccai/v1/health.proto',
  'grpc/health/v1/health.proto',
];

rmSync(target, { recursive: true, force: true });
const proto = join(packageFolder, '../../proto');
const paths = SOURCES.flatMap((source) => ['--path', join(proto, source)]);
const generate = spawnSync(
  'buf',
  ['generate', proto, '--template', 'buf.gen.yaml', ...paths, '--include-imports', '-o', target],
  { cwd: packageFolder, stdio: 'inherit' },
);
if (generate.error !== undefined) throw generate.error;
if (generate.status !== 0) process.exit(generate.status ?? 1);

// Node runs the sources as they are and does not look for a .ts file behind a .js specifier.
for (const entry of readdirSync(target, { recursive: true, withFileTypes: true })) {
  if (!entry.isFile()) continue;
  const file = join(entry.parentPath, entry.name);
  writeFileSync(file, readFileSync(file, 'utf8').replace(/(from "\.[^"]*)\.js"/g, '$1.ts"'));
}
