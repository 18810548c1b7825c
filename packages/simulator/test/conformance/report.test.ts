// The forms of the report: JSON is the report itself, JUnit XML is well-formed whatever a server has said, text is safe
// for a terminal.
import { describe, expect, it } from 'vitest';
import { type ConformanceReport, type ConformanceResult, formatConformanceReport } from '../../src/index.ts';
import { readXml, type XmlElement } from './support/read-xml.ts';

const NASTY = 'it said "<a href=\'x\'>&amp;</a>" ]]> \u001b[31m \u0000 \uffff \ud800 \u00e9\nand a second line';

function result(change: Partial<ConformanceResult>): ConformanceResult {
  return {
    id: 'C1',
    title: 'a welcome',
    status: 'passed',
    sent: 'SESSION_START',
    expected: 'a welcome',
    seen: [],
    notes: [],
    durationMs: 1234,
    ...change,
  };
}

const results = [
  result({}),
  result({ id: 'C2', status: 'failed', reason: NASTY, seen: ['     1 ms  RPC 1 < status OK', `     2 ms  ${NASTY}`] }),
  result({ id: 'C3', status: 'skipped', reason: 'holds for wav mode & no other', durationMs: 0 }),
  result({ id: 'C22', notes: ['that <nothing> was tried'] }),
  result({ id: 'C31', status: 'not_observable', reason: 'not observable over gRPC', durationMs: 0 }),
];
const report: ConformanceReport = {
  target: 'http://127.0.0.1:1',
  mode: 'chunk',
  profile: 'demo',
  organization: 'o<1>',
  agentId: '',
  passed: false,
  counts: { passed: 2, failed: 1, skipped: 1, notObservable: 1 },
  results,
  durationMs: 2000,
};

function find(element: XmlElement, name: string): readonly XmlElement[] {
  return [...(element.name === name ? [element] : []), ...element.children.flatMap((child) => find(child, name))];
}

describe('formatConformanceReport', () => {
  it('writes JSON that reads as the report', () => {
    expect(JSON.parse(formatConformanceReport(report, 'json'))).toEqual(report);
  });

  it('writes JUnit XML that is well-formed and has each case, its reason and what was seen', () => {
    const root = readXml(formatConformanceReport(report, 'junit'));
    expect(root.name).toBe('testsuites');
    const [suite] = find(root, 'testsuite');
    expect(suite?.attributes).toMatchObject({ tests: '5', failures: '1', errors: '0', skipped: '2', time: '2.000' });
    const cases = find(root, 'testcase');
    expect(cases.map(({ attributes }) => attributes['name'])).toEqual(results.map(({ id, title }) => `${id} ${title}`));
    expect(cases[0]).toMatchObject({ attributes: { classname: 'conformance', time: '1.234' }, children: [], text: '' });
    const [failure] = find(root, 'failure');
    const plain = 'it said "<a href=\'x\'>&amp;</a>" ]]> ?[31m ? ? ? ?\nand a second line';
    expect(failure?.attributes['message']).toBe(plain);
    expect(failure?.text).toBe(
      `sent: SESSION_START\nexpected: a welcome\n     1 ms  RPC 1 < status OK\n     2 ms  ${plain}`,
    );
    expect(find(root, 'skipped').map(({ attributes }) => attributes['message'])).toEqual([
      'holds for wav mode & no other',
      'not observable: not observable over gRPC',
    ]);
    expect(find(root, 'system-out').map(({ text }) => text)).toEqual(['not tried: that <nothing> was tried']);
    const properties = find(root, 'property').map(({ attributes }) => [attributes['name'], attributes['value']]);
    expect(Object.fromEntries(properties)).toMatchObject({ organization: 'o<1>', mode: 'chunk' });
  });

  it('writes a table for people, without what a terminal takes for a command', () => {
    const text = formatConformanceReport(report, 'text');
    expect(text).not.toMatch(/[^\x20-\x7e\n]/);
    expect(text).toMatch(/^C1 +ok +1234 ms {2}a welcome$/m);
    expect(text).toMatch(
      /^C2 +FAILED +1234 ms {2}a welcome\n +reason +it said .*\n +and a second line\n +sent +SESSION_START/m,
    );
    expect(text).toMatch(/^C3 +not run +a welcome\n +holds for wav mode/m);
    expect(text).toMatch(/^C31 +not run +a welcome\n +not observable over gRPC$/m);
    expect(text).toMatch(/not tried +that <nothing> was tried/);
    expect(text).toContain('2 passed, 1 failed, 2 not run in 2.0 s');
    expect(text).toContain('the default agent');
  });
});
