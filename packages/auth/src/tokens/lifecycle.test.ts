import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CredentialRecord } from './credential-record.ts';
import { acceptAuthorization, acceptRevocation, type LifecycleDecision } from './lifecycle.ts';

type Step = readonly ['authorized' | 'deauthorized', number | undefined];

/** The outcomes of a history, and what is stored at its end. */
function play(steps: readonly Step[]): { outcomes: string[]; record: CredentialRecord | undefined } {
  let record: CredentialRecord | undefined;
  const outcomes = steps.map(([event, at]) => {
    const decision: LifecycleDecision =
      event === 'authorized' ? acceptAuthorization(record, at ?? 0, 'wire') : acceptRevocation(record, at, 1000);
    record = decision.record ?? record;
    return decision.outcome;
  });
  return { outcomes, record };
}

describe('the order of events', () => {
  it.each<[string, Step[], string[], string]>([
    [
      'a repetition',
      [
        ['authorized', 1],
        ['authorized', 1],
      ],
      ['accepted', 'unchanged'],
      'authorizing',
    ],
    [
      'an older one',
      [
        ['authorized', 2],
        ['authorized', 1],
      ],
      ['accepted', 'unchanged'],
      'authorizing',
    ],
    [
      'the same date twice',
      [
        ['authorized', 1],
        ['deauthorized', 1],
      ],
      ['accepted', 'accepted'],
      'revoked',
    ],
    [
      'a replay',
      [
        ['authorized', 1],
        ['deauthorized', 1],
        ['authorized', 1],
      ],
      ['accepted', 'accepted', 'refused'],
      'revoked',
    ],
    [
      'the wrong way round',
      [
        ['deauthorized', 1],
        ['authorized', 1],
      ],
      ['accepted', 'refused'],
      'revoked',
    ],
    [
      'a true second time',
      [
        ['authorized', 1],
        ['deauthorized', 1],
        ['authorized', 2],
      ],
      ['accepted', 'accepted', 'accepted'],
      'authorizing',
    ],
    [
      'a late end of the first',
      [
        ['authorized', 1],
        ['authorized', 2],
        ['deauthorized', 1],
      ],
      ['accepted', 'accepted', 'stale'],
      'authorizing',
    ],
    [
      'an end twice',
      [
        ['authorized', 1],
        ['deauthorized', 1],
        ['deauthorized', 1],
      ],
      ['accepted', 'accepted', 'unchanged'],
      'revoked',
    ],
    [
      'an end without a date',
      [
        ['authorized', 5],
        ['deauthorized', undefined],
        ['authorized', 5],
      ],
      ['accepted', 'accepted', 'refused'],
      'revoked',
    ],
    [
      'a newer end of an ended one',
      [
        ['deauthorized', 1],
        ['deauthorized', 3],
        ['authorized', 2],
      ],
      ['accepted', 'accepted', 'refused'],
      'revoked',
    ],
  ])('%s', (_, steps, outcomes, state) => {
    const end = play(steps);
    expect(end.outcomes).toEqual(outcomes);
    expect(end.record?.state).toBe(state);
  });
});

it('whatever the order and the repetitions, the newest date decides', () => {
  const dates = fc.uniqueArray(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(dates, fc.boolean(), fc.infiniteStream(fc.nat()), (ats, endsRevoked, order) => {
      const sorted = [...ats].sort((a, b) => a - b);
      const history: Step[] = sorted.flatMap((at, index): Step[] =>
        index < sorted.length - 1 || endsRevoked
          ? [
              ['authorized', at],
              ['deauthorized', at],
            ]
          : [['authorized', at]],
      );
      const shuffled = [...history, ...history]
        .map((step) => ({ step, by: order.next().value ?? 0 }))
        .sort((a, b) => a.by - b.by)
        .map(({ step }) => step);
      expect(play(shuffled).record?.state).toBe(endsRevoked ? 'revoked' : 'authorizing');
    }),
  );
});

it('each change is a generation, and wipes the tokens', () => {
  const tokens = { accessToken: 'a', obtainedAt: 0, expiresAt: 1 };
  const before: CredentialRecord = { format: 1, state: 'authorized', generation: 4, authorizedAt: 1, tokens };
  for (const { record } of [acceptAuthorization(before, 2, 'w'), acceptRevocation(before, 1, 9)]) {
    expect(record?.generation).toBe(5);
    expect(record?.tokens).toBeUndefined();
  }
});
