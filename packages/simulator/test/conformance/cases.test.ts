// The list of cases is complete, and each of them says what a report needs.
import { expect, it } from 'vitest';
import { CONFORMANCE_CASES } from '../../src/conformance/conformance-cases.ts';

it('has every case once, in order', () => {
  const ids = CONFORMANCE_CASES.map(({ id }) => id);
  expect(ids).toEqual(Array.from({ length: 31 }, (_, index) => `C${index + 1}`));
});

it('says of each what is sent, what must come, and how long it may take', () => {
  for (const one of CONFORMANCE_CASES) {
    for (const text of [one.title, one.sends, one.expects]) expect(text, one.id).toMatch(/^[\x20-\x7e]+$/);
    if ('notObservable' in one) continue;
    expect(one.limitMs, one.id).toBeGreaterThan(0);
    expect(one.limitMs, one.id).toBeLessThanOrEqual(130_000);
  }
});
