// One project per package, so that `vitest --project media` runs one of them. Everything runs from source:
// no build is needed before a test, and a stack trace points at the line that was written.
import { defineConfig } from 'vitest/config';

// Replaces Vite's own list, so it is written out in full. Workers get it as Node's --conditions, for `require` as well:
// 'import' must not be in it, or a CommonJS package is given another's ES module; nor 'module', under which packages keep what
// bundlers alone can read.
const conditions = ['@byova/source', 'node', 'default'];

const project = (name: string, root: string, include: string[]) => ({
  extends: true as const,
  root,
  ssr: { resolve: { conditions } },
  test: {
    name,
    include,
    testTimeout: 30_000,
    hookTimeout: 60_000,
    typecheck: {
      enabled: root.startsWith('packages/'),
      include: ['src/**/*.test-d.ts'],
      tsconfig: '../../tsconfig.check.json',
    },
  },
});

const packages = ['auth', 'datasources', 'media', 'simulator'];
/**
 * The server over sockets on a frame path that is not the default: callers see no difference. Suites that walk all paths
 * themselves (`describe.each(FRAME_PATHS)`) run in the project `media` alone.
 */
const byPath = (path: 'tap' | 'connect') => {
  const suites = [
    'server/*',
    'guard/guard',
    'guard/closed-by-default',
    'dialogues/*',
    'telemetry/opentelemetry',
    'isolation/one-bad-call',
  ];
  const base = project(
    `media-${path}`,
    'packages/media',
    suites.map((suite) => `test/${suite}.test.ts`),
  );
  return { ...base, test: { ...base.test, typecheck: { enabled: false }, env: { FRAME_PATH: path } } };
};

const programs = ['hello', 'reception', 'conformance-agent', 'onboarding', 'webhooks', 'multi-tenant'];

export default defineConfig({
  test: {
    // One file at a time: calls in real time are measured in ms, and must not share the cores with other tests.
    fileParallelism: false,
    // Asked for by the test script for @byova/auth alone: collecting it would slow down what is measured in ms.
    coverage: { include: ['src/**'], reporter: ['text-summary'], thresholds: { branches: 90 } },
    projects: [
      ...packages.map((name) => project(name, `packages/${name}`, ['src/**/*.test.ts', 'test/**/*.test.ts'])),
      byPath('tap'),
      byPath('connect'),
      ...programs.map((name) => project(name, `examples/${name}`, ['test/**/*.test.ts'])),
      project('docs', 'docs', ['test/**/*.test.ts']),
      project('bench', 'bench', ['test/**/*.test.ts']),
    ],
  },
});
