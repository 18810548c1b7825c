// The process that measures one source of @byova/media, so that what the engine learnt of another is of no help to it:
// `node --expose-gc measure-process.ts <folder of source> <ms of a window> <part of the names of steps>`. Prints JSON.
import { frameSteps } from './frame-steps.ts';
import { type Cost, cpuMs, measure } from './meter.ts';
import { loadParts } from './parts.ts';
import { playSteps, replySteps } from './reply-steps.ts';

/** What one process found, by the names of steps. */
export interface Measured {
  readonly frames: Readonly<Record<string, Cost & { readonly inputBytes: number }>>;
  readonly replies: Readonly<Record<string, Cost>>;
  /** Time alone. */
  readonly plays: Readonly<Record<string, number>>;
}

const [source = '', windowText = '', only = ''] = process.argv.slice(2);
const windowMs = Number(windowText);
const wanted = ({ name }: { readonly name: string }): boolean => name.includes(only);
const parts = await loadParts(new URL(source));
const frames = frameSteps(parts)
  .filter(wanted)
  .map(({ name, inputBytes, work }) => [name, { inputBytes, ...measure(work, windowMs) }]);
const replies = replySteps(parts)
  .filter(wanted)
  .map(({ name, work }) => [name, measure(work, windowMs)]);
const plays: [string, number][] = [];
for (const { name, play } of playSteps(parts).filter(wanted)) {
  // The first is converted whatever is kept.
  await play(1);
  let count = 0;
  const started = cpuMs();
  while (cpuMs() - started < windowMs) {
    await play(1);
    count += 1;
  }
  plays.push([name, ((cpuMs() - started) * 1e6) / count]);
}
const measured: Measured = {
  frames: Object.fromEntries(frames),
  replies: Object.fromEntries(replies),
  plays: Object.fromEntries(plays),
};
process.stdout.write(JSON.stringify(measured));
