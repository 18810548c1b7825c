// Makes the groups of a run: each from the run's seed and its own number, so that any of them can be made alone.
import type { Group, Opening, Protocol, Sequence } from '../sequence/sequence.ts';
import { http1Sequence } from './http1-sequence.ts';
import { openingSettings } from './http2-frames.ts';
import { ending, http2Sequence } from './http2-sequence.ts';
import { Random } from './random.ts';
import { rawSequence } from './raw-sequence.ts';

/** Sequences of a group: numbers from `number * GROUP_SEQUENCES` on. */
export const GROUP_SEQUENCES = 32;

/** Tells the choices of groups from those of sequences that have the same number. */
const GROUP_SEED = 0x5bd1_e995;

/** What a group speaks, by its share of the groups. */
const TRANSPORTS: readonly (readonly [share: number, transport: { tls: boolean; protocol: Protocol }])[] = [
  [50, { tls: false, protocol: 'http2' }],
  [22, { tls: true, protocol: 'http2' }],
  [14, { tls: false, protocol: 'http1' }],
  [9, { tls: true, protocol: 'http1' }],
  [3, { tls: false, protocol: 'raw' }],
  [2, { tls: true, protocol: 'raw' }],
];

function alpnFor(random: Random, protocol: Protocol): readonly string[] | undefined {
  if (protocol === 'http2') return random.chance(0.9) ? ['h2'] : ['h2', 'http/1.1'];
  return random.weighted([
    [5, ['http/1.1']],
    [3, undefined],
    [1, ['http/1.1', 'h2']],
    [0.5, ['unknown', 'http/1.1']],
    [0.5, ['unknown']],
  ]);
}

function sequenceOf(random: Random, index: number, { tls, protocol }: Opening): Sequence {
  switch (protocol) {
    case 'http2':
      return http2Sequence(random, index);
    case 'http1':
      return http1Sequence(random, index);
    case 'raw':
      return rawSequence(random, index, tls);
  }
}

/** Makes one group. */
export function generateGroup(seed: number, number: number): Group {
  const random = new Random(seed ^ GROUP_SEED, number);
  const { tls, protocol } = random.weighted(TRANSPORTS);
  const opening: Opening = {
    tls,
    protocol,
    alpn: tls ? alpnFor(random, protocol) : undefined,
    settings: openingSettings(random),
    acknowledges: random.chance(0.95),
  };
  const first = number * GROUP_SEQUENCES;
  const sequences = Array.from({ length: GROUP_SEQUENCES }, (_, at) =>
    sequenceOf(new Random(seed, first + at), first + at, opening),
  );
  return { number, opening, sequences, ending: ending(random) };
}
