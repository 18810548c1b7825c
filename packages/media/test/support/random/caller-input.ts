// What the platform does to a server, as data: RPCs that are opened, fed, half-closed and cancelled in any order, and time
// that passes.
import fc from 'fast-check';

const CONTENTS = [
  'start',
  'quiet',
  'loud',
  'utterance',
  'key',
  'keys',
  'terminator',
  'start_of_dtmf',
  'no_input',
  'custom_event',
  'session_end',
  'unknown',
  'empty',
  'bad_audio',
] as const;

/** What one message holds; `utterance` stands for several. */
export type Content = (typeof CONTENTS)[number];

/** One thing that the platform does. RPCs are addressed by number, counted round among those that were opened. */
export type Command =
  | { readonly do: 'open'; readonly content: Content; readonly call: number; readonly halfClose: boolean }
  | { readonly do: 'send'; readonly rpc: number; readonly content: Content }
  | { readonly do: 'half_close' | 'cancel' | 'change_ids'; readonly rpc: number }
  | { readonly do: 'pass'; readonly ms: number }
  | { readonly do: 'leave' };

/** A command, and whether promises may settle before the next one. */
export type Move = Command & { readonly settles: boolean };

const content = fc.oneof(
  { weight: 3, arbitrary: fc.constantFrom<Content>('quiet', 'utterance', 'keys') },
  { weight: 2, arbitrary: fc.constantFrom(...CONTENTS) },
);
const call = fc.oneof({ weight: 5, arbitrary: fc.constant(0) }, fc.constant(1));
const rpc = fc.nat(5);
const settles = fc.oneof({ weight: 3, arbitrary: fc.constant(true) }, fc.constant(false));
const ms = fc.constantFrom(10, 60, 250, 400, 1000, 2100, 9000);

/** Makes moves up. A call usually begins as calls do. */
export const moves: fc.Arbitrary<readonly Move[]> = fc
  .tuple(
    fc.boolean(),
    fc.array(
      fc.oneof<fc.WeightedArbitrary<Move>[]>(
        {
          weight: 6,
          arbitrary: fc.record({ do: fc.constant('open' as const), content, call, halfClose: fc.boolean(), settles }),
        },
        { weight: 5, arbitrary: fc.record({ do: fc.constant('send' as const), rpc, content, settles }) },
        { weight: 3, arbitrary: fc.record({ do: fc.constant('half_close' as const), rpc, settles }) },
        { weight: 2, arbitrary: fc.record({ do: fc.constant('cancel' as const), rpc, settles }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('change_ids' as const), rpc, settles }) },
        { weight: 5, arbitrary: fc.record({ do: fc.constant('pass' as const), ms, settles }) },
        { weight: 1, arbitrary: fc.record({ do: fc.constant('leave' as const), settles }) },
      ),
      { maxLength: 16, size: 'max' },
    ),
  )
  .map(([begins, rest]) =>
    begins ? [{ do: 'open', content: 'start', call: 0, halfClose: true, settles: true } as const, ...rest] : rest,
  );
