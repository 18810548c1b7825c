// A reporter of Vitest that ends a run with its slowest files, so that a suite that has become slow is seen.
import { relative } from 'node:path';
import type { Reporter, TestModule, Vitest } from 'vitest/node';

/** The number of files that are printed. */
const COUNT = 20;

/** Files below this are not worth a line. */
const LEAST_MS = 1000;

export class SlowestFiles implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const root = this.#vitest?.config.root ?? '';
    const slowest = modules
      .map((module) => ({ module, ms: durationMs(module) }))
      .filter(({ ms }) => ms >= LEAST_MS)
      .sort((one, other) => other.ms - one.ms)
      .slice(0, COUNT);
    if (slowest.length === 0) return;
    const lines = slowest.map(({ module, ms }) => {
      const seconds = (ms / 1000).toFixed(1).padStart(7);
      return `${seconds} s  ${module.project.name.padEnd(20)} ${relative(root, module.moduleId)}`;
    });
    this.#vitest?.logger.log(`\nSlowest files:\n${lines.join('\n')}\n`);
  }
}

/** The time that a file took in its worker: loading, hooks and tests. */
function durationMs(module: TestModule): number {
  const { setupDuration, collectDuration, duration } = module.diagnostic();
  return setupDuration + collectDuration + duration;
}
