// One project per package, so that `vitest --project media` runs one of them. Everything runs from source:
// no build is needed before a test, and a stack trace points at the line that was written.
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { configDefaults, defineConfig } from 'vitest/config';
import { SlowestFiles } from './.ci/slowest-files.ts';

// Replaces Vite's own list, so it is written out in full. Workers get it as Node's --conditions, for `require` as well:
// 'import' must not be in it, or a CommonJS package is given another's ES module; nor 'module', under which packages keep what
// bundlers alone can read.
const conditions = ['@byova/source', 'node', 'default'];

/** Workers for files that run beside each other: one more than cores, since most files wait for sockets and processes. */
const WORKERS = Math.max(2, availableParallelism()) + 1;

/** How long `expect.poll` waits for what is to happen; a second is nothing on a machine that is busy with something else. */
const POLL_MS = 60_000;

/** Ends a test or a hook that hangs: ten times what the slowest takes on two idle cores. */
const HUNG_MS = 600_000;

const testsIn = (...folders: readonly string[]) => folders.map((folder) => `${folder}/**/*.test.ts`);

/** A project whose files run beside each other and beside those of other projects. */
const project = (name: string, root: string, include: readonly string[], exclude: readonly string[] = []) => ({
  extends: true as const,
  root,
  ssr: { resolve: { conditions } },
  test: {
    name,
    include: [...include],
    exclude: [...configDefaults.exclude, ...exclude],
    maxWorkers: WORKERS,
    // They end what hangs. How long a test may take on a machine that is busy with something else is nothing to fail for.
    testTimeout: HUNG_MS,
    hookTimeout: HUNG_MS,
    expect: { poll: { timeout: POLL_MS } },
    typecheck: {
      enabled: root.startsWith('packages/'),
      include: ['src/**/*.test-d.ts'],
      tsconfig: '../../tsconfig.check.json',
    },
  },
});

/**
 * A project that measures ms over real sockets. Vitest runs its files one at a time after those of all other projects: they must
 * not share the cores with other tests.
 */
const timed = (name: string, root: string, include: readonly string[]) => {
  const base = project(name, root, include);
  return { ...base, test: { ...base.test, fileParallelism: false, typecheck: { enabled: false } } };
};

const packages = ['auth', 'datasources', 'media', 'simulator'];

/** Suites of a package that are timed, in its project `<name>-timed`. */
const TIMED: Readonly<Record<string, readonly string[]>> = {
  media: testsIn('test/isolation'),
  simulator: testsIn('test/conformance'),
};

/**
 * The server over sockets on a frame path that is not the default: callers see no difference. Suites that walk all paths
 * themselves (`describe.each(FRAME_PATHS)`) run in the projects `media` and `media-timed` alone.
 */
const byPath = (path: 'tap' | 'connect') => {
  const suites = ['server/*', 'guard/guard', 'guard/closed-by-default', 'dialogues/*', 'telemetry/opentelemetry'];
  const files = (names: readonly string[]) => names.map((name) => `test/${name}.test.ts`);
  const projects = [
    project(`media-${path}`, 'packages/media', files(suites)),
    timed(`media-${path}-timed`, 'packages/media', files(['isolation/one-bad-call', 'isolation/arbitrary-values'])),
  ];
  return projects.map((base) => ({
    ...base,
    test: { ...base.test, typecheck: { enabled: false }, env: { FRAME_PATH: path } },
  }));
};

const programs = ['hello', 'reception', 'onboarding', 'webhooks', 'multi-tenant'];

export default defineConfig({
  test: {
    // Asked for by the test script for @byova/auth alone: collecting it would slow down what is measured in ms.
    coverage: { include: ['src/**'], reporter: ['text-summary'], thresholds: { branches: 90 } },
    // Processes that tests start load the packages from source. Compiled once, a start takes half the time.
    env: { NODE_COMPILE_CACHE: fileURLToPath(new URL('node_modules/.cache/compiled', import.meta.url)) },
    reporters: ['default', new SlowestFiles()],
    projects: [
      ...packages.map((name) => project(name, `packages/${name}`, testsIn('src', 'test'), TIMED[name])),
      ...Object.entries(TIMED).map(([name, suites]) => timed(`${name}-timed`, `packages/${name}`, suites)),
      ...byPath('tap'),
      ...byPath('connect'),
      ...programs.map((name) => project(name, `examples/${name}`, testsIn('test'))),
      timed('conformance-agent', 'examples/conformance-agent', testsIn('test')),
      project('docs', 'docs', testsIn('test')),
      project('bench', 'bench', testsIn('test')),
    ],
  },
});
