// Sequences on an HTTP/2 connection: a request as a client writes it, spoiled a few times, and ended in any way at any point.
import type { Ending, Sequence, Step, StreamReference } from '../sequence/sequence.ts';
import { FRAME } from '../wire/frames.ts';
import type { BlockField } from '../wire/hpack.ts';
import { PATH } from '../wire/messages.ts';
import { bodiesFor } from './bodies.ts';
import { badAuthorization, contentTypeValue, garbage, pathValue } from './field-values.ts';
import { looseFrame, resetStep } from './http2-frames.ts';
import type { Random } from './random.ts';
import { grpcFields, plainFields } from './request-fields.ts';
import { blockTail, represent, spoilFields } from './spoil-fields.ts';

/** Whether a sequence has a valid token. */
const TRUSTED_SHARE = 0.25;

/** Sequences that end their connection in the middle. */
const CUT_SHARE = 0.01;

function authorizationFor(random: Random, trusted: boolean, path: string): string | undefined {
  if (trusted) return path.startsWith(PATH.fork) ? 'Bearer <token:fork>' : 'Bearer <token:voice>';
  return random.chance(0.5) ? badAuthorization(random) : undefined;
}

function requestFields(random: Random, trusted: boolean): readonly BlockField[] {
  if (random.chance(0.1))
    return plainFields({ path: random.pick(['/health', '/v1/ping', '/x']), method: random.pick(['GET', 'POST']) });
  const path = random.weighted([
    [7, () => PATH.voice],
    [2, () => PATH.list],
    [2, () => PATH.fork],
    [2, () => random.pick([PATH.check, PATH.watch, PATH.webexCheck, PATH.webexWatch])],
    [3, () => pathValue(random)],
  ])();
  return grpcFields({
    path,
    authorization: authorizationFor(random, trusted, path),
    ...(random.chance(0.1) ? { contentType: contentTypeValue(random) } : {}),
  });
}

function padding(random: Random): { readonly padding?: number } {
  return random.chance(0.05) ? { padding: random.pick([0, 1, 100, 255]) } : {};
}

function headersStep(random: Random, stream: StreamReference, fields: readonly BlockField[], endStream: boolean) {
  const tail = blockTail(random);
  const step: Step = {
    do: 'headers',
    stream,
    fields: represent(random, fields),
    endStream,
    ...(tail === undefined ? {} : { tail: tail.bytes }),
    ...(random.chance(0.08) ? { continuations: random.between(1, 4) } : {}),
    ...padding(random),
    ...(random.chance(0.05) ? { priority: true } : {}),
  };
  return { step, breaks: tail?.breaks === true };
}

function trailersStep(random: Random, stream: StreamReference): Step {
  const fields = random.weighted<() => BlockField[]>([
    [4, () => [{ name: 'x-trailer', value: garbage(random) }]],
    [2, () => []],
    [1, () => [{ name: ':path', value: '/' }]],
    [1, () => [{ name: 'grpc-status', value: '0' }]],
    [1, () => [{ name: 'te', value: 'x' }]],
  ])();
  return { do: 'headers', stream, fields, endStream: random.chance(0.9) };
}

/** One request: its steps, and whether a correct server may end the connection for them. */
function request(random: Random, caller: { index: number; trusted: boolean }, stream: StreamReference) {
  const base = requestFields(random, caller.trusted);
  const spoils = random.weighted([
    [4, 0],
    [5, 1],
    [3, 2],
    [1, 4],
  ]);
  const fields = spoilFields(random, base, spoils);
  const endsInHeaders = random.chance(0.08);
  const head = headersStep(random, stream, fields, endsInHeaders);
  // Node ends a connection whose client sends more or less than a content-length says.
  const breaks = head.breaks || fields.some(({ name }) => name.toLowerCase() === 'content-length');
  if (endsInHeaders && random.chance(0.9)) return { steps: [head.step], breaks };
  const path = fields.find(({ name }) => name === ':path')?.value ?? '';
  const bodies = random.chance(0.9) ? bodiesFor(random, caller, path) : [random.bytes(random.below(2000))];
  return { steps: [head.step, ...bodySteps(random, stream, bodies)], breaks };
}

function bodySteps(random: Random, stream: StreamReference, bodies: readonly Buffer[]): Step[] {
  const halfCloses = random.chance(0.7);
  const closesWithLast = halfCloses && bodies.length > 0 && random.chance(0.6);
  const steps: Step[] = bodies.map((bytes, at) => ({
    do: 'data',
    stream,
    bytes,
    endStream: closesWithLast && at === bodies.length - 1,
    ...padding(random),
  }));
  if (!halfCloses || closesWithLast) return steps;
  if (random.chance(0.2)) steps.push(trailersStep(random, stream));
  else steps.push({ do: 'data', stream, bytes: Buffer.alloc(0), endStream: true });
  return steps;
}

function insertAt(random: Random, steps: Step[], step: Step): void {
  steps.splice(
    random.weighted([
      [2, () => steps.length],
      [2, () => Math.min(1, steps.length)],
      [3, () => random.below(steps.length + 1)],
    ])(),
    0,
    step,
  );
}

/** Positions at which a sequence's bytes are cut. */
export function cuts(random: Random): { readonly cuts: readonly number[]; readonly pauseTurns: number } {
  if (random.chance(0.75)) return { cuts: [], pauseTurns: 0 };
  const fractions = Array.from({ length: random.between(1, 6) }, () => random.below(1000) / 1000);
  return {
    cuts: fractions,
    pauseTurns: random.weighted([
      [3, 0],
      [3, 1],
      [1, 4],
    ]),
  };
}

/** A way to end a connection. */
export function ending(random: Random): Ending {
  return random.weighted([
    [4, 'fin'],
    [4, 'reset'],
    [2, 'destroy'],
    [1, 'leave'],
  ] as const);
}

/** Makes the sequence with this number. */
export function http2Sequence(random: Random, index: number): Sequence {
  const caller = { index, trusted: random.chance(TRUSTED_SHARE) };
  const stream: StreamReference = { own: 0 };
  const { steps, breaks: requestBreaks } = request(random, caller, stream);
  let breaks = requestBreaks;
  let isLast = false;
  if (random.chance(0.06)) {
    // A second request, whose steps mix with those of the first.
    const second = request(random, caller, { own: 1 });
    breaks ||= second.breaks;
    for (const step of second.steps) steps.push(step);
  }
  for (
    let waits = random.weighted([
      [7, 0],
      [2, 1],
      [1, 3],
    ]);
    waits > 0;
    waits -= 1
  )
    insertAt(random, steps, { do: 'wait' });
  if (random.chance(0.4)) {
    const at = steps.findIndex((step) => step.do === 'headers');
    insertReset(random, steps, at, stream);
  }
  if (random.chance(0.08)) {
    const loose = looseFrame(random, stream);
    insertAt(random, steps, loose.step);
    breaks ||= loose.breaks;
    isLast ||= loose.isLast === true;
  }
  breaks ||= breaksOrder(steps);
  const cut = isLast || random.chance(CUT_SHARE);
  return {
    index,
    trusted: caller.trusted,
    // A server that waits for the rest of a frame answers nothing meanwhile.
    steps: isLast ? steps.filter((step) => step.do !== 'wait') : steps,
    ...cuts(random),
    breaks: breaks || cut,
    ending: cut ? ending(random) : undefined,
  };
}

/** A reset right behind the headers as a rule, in the same write. */
function insertReset(random: Random, steps: Step[], headersAt: number, stream: StreamReference): void {
  const at = random.weighted([
    [3, () => headersAt + 1],
    [4, () => random.between(headersAt + 1, steps.length)],
    [2, () => steps.length],
    [0.2, () => random.below(steps.length + 1)],
  ])();
  steps.splice(at, 0, resetStep(random, stream));
  if (random.chance(0.6)) steps.length = at + 1;
}

/**
 * Whether frames come on a stream that is idle, headers on one that is closed, or a body behind END_STREAM: errors of the
 * connection. What follows a reset is let go.
 */
function breaksOrder(steps: readonly Step[]): boolean {
  const states = new Map<number, 'open' | 'ended' | 'reset'>();
  for (const step of steps) {
    if (step.do === 'wait' || step.do === 'bytes' || !('own' in step.stream)) continue;
    const { own } = step.stream;
    const state = states.get(own);
    if (step.do === 'headers' && (state === 'ended' || state === 'reset')) return true;
    if (step.do === 'data' && state === 'ended') return true;
    if (step.do !== 'headers' && state === undefined) return true;
    if (step.do === 'frame' && step.type === FRAME.rstStream) states.set(own, 'reset');
    else if ('endStream' in step && step.endStream && state !== 'reset') states.set(own, 'ended');
    else if (state === undefined) states.set(own, 'open');
  }
  return false;
}
