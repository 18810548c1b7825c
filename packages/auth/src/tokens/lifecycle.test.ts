import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { CredentialRecord } from './credential-record.ts';
import { acceptAuthorization, acceptRevocation, type LifecycleDecision } from './lifecycle.ts';

const START = Date.UTC(2026, 0, 1);
const NOW = START + 1000;
const DAY = 86_400_000;
const YEAR_9999 = Date.UTC(9999, 0, 1);

type Step = readonly ['authorized' | 'deauthorized', number | undefined];

/** The outcomes of a history, and what is stored at its end. */
function play(steps: readonly Step[]): { outcomes: string[]; record: CredentialRecord | undefined } {
  let record: CredentialRecord | undefined;
  const date = (at: number | undefined): number | undefined => at && START + at;
  const outcomes = steps.map(([event, at]) => {
    const decision: LifecycleDecision =
      event === 'authorized'
        ? acceptAuthorization(record, date(at) ?? 0, NOW, 'wire')
        : acceptRevocation(record, date(at), NOW);
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
  const before: CredentialRecord = { format: 1, state: 'authorized', generation: 4, authorizedAt: START, tokens };
  for (const { record } of [acceptAuthorization(before, START + 1, NOW, 'w'), acceptRevocation(before, START, NOW)]) {
    expect(record?.generation).toBe(5);
    expect(record?.tokens).toBeUndefined();
  }
});

describe('a date that cannot be', () => {
  const authorize = (before: CredentialRecord | undefined, at: number): LifecycleDecision =>
    acceptAuthorization(before, at, NOW, 'w');

  it.each([YEAR_9999, NOW + DAY + 1, Date.UTC(1970, 0, 1), Date.UTC(2014, 11, 31)])(
    'is not believed of an authorization: %i',
    (at) => expect(authorize(undefined, at)).toEqual({ outcome: 'refused', record: undefined }),
  );

  it('is not one up to a day ahead, nor one since 2015', () => {
    for (const at of [NOW + DAY, Date.UTC(2015, 0, 1)]) expect(authorize(undefined, at).outcome).toBe('accepted');
  });

  it('of a deauthorization counts as none: the present authorization ends, and a later one is accepted', () => {
    for (const at of [YEAR_9999, Date.UTC(1970, 0, 1)]) {
      const { record: before } = authorize(undefined, START);
      const { outcome, record } = acceptRevocation(before, at, NOW);
      expect(outcome).toBe('accepted');
      expect(record?.revokedUpTo).toBe(NOW);
      expect(acceptAuthorization(record, NOW + 1, NOW + 1, 'w').outcome).toBe('accepted');
    }
  });

  it('that an earlier version has stored blocks nothing', () => {
    const stored = { format: 1, generation: 1 } as const;
    const authorized: CredentialRecord = { ...stored, state: 'authorized', authorizedAt: YEAR_9999 };
    const revoked: CredentialRecord = { ...stored, state: 'revoked', revokedUpTo: YEAR_9999 };
    const again = authorize(authorized, START);
    expect(again).toMatchObject({ outcome: 'accepted', record: { authorizedAt: START } });
    for (const at of [undefined, START]) {
      expect(acceptRevocation(authorized, at, NOW)).toMatchObject({
        outcome: 'accepted',
        record: { state: 'revoked' },
      });
      expect(acceptRevocation(revoked, at, NOW).record?.revokedUpTo).toBe(at ?? NOW);
    }
    const { outcome, record } = authorize(revoked, START);
    expect(outcome).toBe('accepted');
    expect(record).not.toHaveProperty('revokedUpTo');
  });
});
