// The list of cases is complete, and each of them says what a report needs.
import { expect, it } from 'vitest';
import { CONFORMANCE_RULES } from '../../src/conformance/case-rules.ts';
import { CONFORMANCE_CASES } from '../../src/conformance/conformance-cases.ts';
import { SOURCES } from '../../src/contract/sources.ts';

/** A file of one commit, which does not change. */
const PUBLIC = /^https:\/\/github\.com\/(CiscoDevNet|webex)\/[\w-]+\/blob\/[0-9a-f]{40}\/[\w./-]+(#[\w-]+)?$/;

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

it('says of each who asks for it: a public document of Cisco or Webex, or nobody but us', () => {
  for (const one of CONFORMANCE_CASES) {
    if (one.kind === 'contract') expect(SOURCES[one.source], one.id).toMatch(PUBLIC);
    else expect(one, one.id).not.toHaveProperty('source');
  }
  for (const [code, rule] of Object.entries(CONFORMANCE_RULES)) {
    expect(rule.says, code).toMatch(/^[\x20-\x7e]+$/);
    if (rule.kind === 'contract') expect(SOURCES[rule.source], code).toMatch(PUBLIC);
    else expect(rule, code).not.toHaveProperty('source');
  }
});

it('names no source that nothing is taken from', () => {
  const rules = [...CONFORMANCE_CASES, ...Object.values(CONFORMANCE_RULES)];
  const used = new Set(rules.flatMap((one) => (one.kind === 'contract' ? [one.source] : [])));
  expect(Object.keys(SOURCES).filter((name) => !used.has(name as keyof typeof SOURCES))).toEqual([]);
});
