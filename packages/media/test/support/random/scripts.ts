// What handlers do, as data: a few steps and an end, good or bad, so that fast-check can make them up and shrink them.
import fc from 'fast-check';
import type { Session, Turn } from '../../../src/index.ts';
import type { Clock } from '../../../src/session/clock.ts';
import { makeSource, type SourceKind, sourceKind } from './sources.ts';

const JUDGEMENTS = ['accepts', 'refuses', 'throws', 'rejects', 'is_slow', 'hangs'] as const;
type Judgement = (typeof JUDGEMENTS)[number];
const ABORTS = ['never', 'before', 'soon'] as const;

/** One thing that a handler does. What is not awaited goes on beside the rest. */
export type Step =
  | {
      readonly do: 'play' | 'partial';
      readonly source: SourceKind;
      readonly bargeIn: boolean;
      readonly abort: (typeof ABORTS)[number];
      readonly awaited: boolean;
    }
  | {
      readonly do: 'digits' | 'menu' | 'confirm' | 'listen';
      readonly prompt: SourceKind | undefined;
      readonly retries: number;
      readonly judgement: Judgement;
      readonly abort: (typeof ABORTS)[number];
      readonly awaited: boolean;
    }
  | { readonly do: 'transfer' | 'end'; readonly prompt: SourceKind | undefined; readonly awaited: boolean }
  | { readonly do: 'emit' | 'expect_keys' | 'start_of_input' | 'end_of_input' }
  | { readonly do: 'wait'; readonly ms: number };

/** How a handler ends. */
export type ScriptEnd = 'returns' | 'throws' | 'throws_at_once' | 'hangs' | 'throws_nothing';

/** A handler. */
export interface Script {
  readonly steps: readonly Step[];
  /** Whether it catches what its steps throw. */
  readonly catches: boolean;
  readonly end: ScriptEnd;
}

const abort = fc.oneof({ weight: 4, arbitrary: fc.constant('never' as const) }, fc.constantFrom(...ABORTS));
const awaited = fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false));
const optionalSource = fc.option(sourceKind, { nil: undefined });
const judgement = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Judgement>('accepts') },
  { weight: 2, arbitrary: fc.constantFrom(...JUDGEMENTS) },
);

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constantFrom('play' as const, 'play' as const, 'partial' as const),
      source: sourceKind,
      bargeIn: fc.boolean(),
      abort,
      awaited,
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constantFrom('digits' as const, 'menu' as const, 'confirm' as const, 'listen' as const),
      prompt: optionalSource,
      retries: fc.nat(2),
      judgement,
      abort,
      awaited,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('transfer' as const, 'end' as const),
      prompt: optionalSource,
      awaited,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      do: fc.constantFrom('emit' as const, 'expect_keys' as const, 'start_of_input' as const, 'end_of_input' as const),
    }),
  },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.constantFrom(10, 300, 3000) }) },
);

/** Makes handlers up. */
export const script: fc.Arbitrary<Script> = fc.record({
  steps: fc.array(step, { maxLength: 4 }),
  catches: fc.boolean(),
  end: fc.oneof(
    { weight: 4, arbitrary: fc.constant<ScriptEnd>('returns') },
    { weight: 3, arbitrary: fc.constantFrom<ScriptEnd>('throws', 'throws_at_once', 'hangs', 'throws_nothing') },
  ),
});

/** What scripts are run with. */
export interface Stage {
  readonly clock: Clock;
  /** Lives longer than any call. */
  readonly signal: AbortSignal;
  /** Promises of the session that handlers hold and that have not settled, by what they are. */
  readonly pending: Map<Promise<unknown>, string>;
}

/** Runs a script as the handler of `name`. */
export function perform(stage: Stage, name: string, what: Script, session: Session, turn: Turn | undefined): unknown {
  if (what.end === 'throws_at_once') throw new Error(`${name} threw`);
  return play(stage, name, what, session, turn);
}

async function play(stage: Stage, name: string, what: Script, session: Session, turn: Turn | undefined) {
  for (const one of what.steps) {
    try {
      const promise = take(stage, one, session, turn);
      if (promise === undefined) continue;
      stage.pending.set(promise, `${name}: ${JSON.stringify(one)}`);
      const settled = (): void => void stage.pending.delete(promise);
      promise.then(settled, settled);
      if (one.do === 'wait' || ('awaited' in one && one.awaited)) await promise;
    } catch (error) {
      if (!what.catches) throw error;
    }
  }
  if (what.end === 'throws') throw new Error(`${name} rejected`);
  if (what.end === 'throws_nothing') throw undefined;
  if (what.end === 'hangs') await new Promise(() => {});
}

function signalOf(stage: Stage, how: (typeof ABORTS)[number]): AbortSignal {
  if (how === 'never') return stage.signal;
  const controller = new AbortController();
  if (how === 'before') controller.abort();
  else stage.clock.setTimer(() => controller.abort(), 150);
  return controller.signal;
}

function judge<T>(stage: Stage, how: Judgement, value: T, other: T): T | Promise<T> {
  switch (how) {
    case 'accepts':
      return value;
    case 'refuses':
      return other;
    case 'throws':
      throw new Error('the validator threw');
    case 'rejects':
      return Promise.reject(new Error('the validator rejected'));
    case 'is_slow':
      return new Promise((resolve) => void stage.clock.setTimer(() => resolve(value), 400));
    case 'hangs':
      return new Promise(() => {});
  }
}

function take(stage: Stage, one: Step, session: Session, turn: Turn | undefined): Promise<unknown> | undefined {
  const source = (kind: SourceKind | undefined) =>
    kind === undefined ? {} : { prompt: makeSource(kind, stage.clock) };
  switch (one.do) {
    case 'play':
    case 'partial': {
      const { bargeIn } = one;
      const options = { bargeIn, signal: signalOf(stage, one.abort) };
      const audio = makeSource(one.source, stage.clock);
      if (one.do === 'play') return session.play(audio, options);
      return turn?.playPartial(audio, { ...options, uninterruptible: !bargeIn });
    }
    case 'digits':
    case 'menu':
    case 'confirm':
    case 'listen': {
      const { retries, judgement: how } = one;
      const asked = { ...source(one.prompt), retries, signal: signalOf(stage, one.abort) };
      if (one.do === 'listen') return session.listen(asked);
      if (one.do === 'digits') {
        return session.collectDigits({ ...asked, max: 2, validate: () => judge(stage, how, true, false) });
      }
      if (one.do === 'confirm') {
        return session.confirm({ ...asked, recognize: () => judge<boolean | undefined>(stage, how, true, undefined) });
      }
      return session.menu({
        ...asked,
        choices: { '1': 'one', '12': 'twelve' },
        recognize: () => judge<'one' | undefined>(stage, how, 'one', undefined),
      });
    }
    case 'transfer':
      return session.transfer(source(one.prompt));
    case 'end':
      return session.end(source(one.prompt));
    case 'wait':
      return new Promise<void>((resolve) => void stage.clock.setTimer(resolve, one.ms));
    case 'emit':
      session.emit('note', { from: 'a script' });
      return undefined;
    case 'expect_keys':
      session.expect({ mode: 'dtmf' });
      return undefined;
    case 'start_of_input':
      turn?.startOfInput();
      return undefined;
    case 'end_of_input':
      turn?.endOfInput();
      return undefined;
  }
}
