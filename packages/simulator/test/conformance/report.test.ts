// The forms of the report: JSON is the report itself, JUnit XML is well-formed whatever a server has said, text is safe
// for a terminal.
import { describe, expect, it } from 'vitest';
import { type ConformanceReport, type ConformanceResult, formatConformanceReport } from '../../src/index.ts';
import { readXml, type XmlElement } from './support/read-xml.ts';

const SOURCE = 'https://example.com/README.md#step-1';
const NASTY = 'it said "<a href=\'x\'>&amp;</a>" ]]> \u001b[31m \u0000 \uffff \ud800 \u00e9\nand a second line';

function result({ kind = 'contract', ...change }: Partial<ConformanceResult>): ConformanceResult {
  return {
    id: 'C1',
    title: 'a welcome',
    kind,
    ...(kind === 'contract' ? { source: SOURCE } : {}),
    status: 'passed',
    sent: 'SESSION_START',
    expected: 'a welcome',
    findings: [],
    seen: [],
    notes: [],
    durationMs: 1234,
    ...change,
  };
}

const results = [
  result({}),
  result({
    id: 'C2',
    status: 'failed',
    reason: NASTY,
    findings: [
      { rule: 'C2', kind: 'contract', source: SOURCE, message: NASTY },
      { rule: 'START_OF_INPUT_LATE', kind: 'advice', message: 'it came late' },
    ],
    seen: ['     1 ms  RPC 1 < status OK', `     2 ms  ${NASTY}`],
  }),
  result({ id: 'C3', status: 'skipped', reason: 'holds for wav mode & no other', durationMs: 0 }),
  result({
    id: 'C6',
    kind: 'advice',
    status: 'advised',
    findings: [{ rule: 'C6', kind: 'advice', message: 'it takes <mu-law> only' }],
  }),
  result({ id: 'C8', status: 'failed', reason: 'the case itself broke: x' }),
  result({ id: 'C22', notes: ['that <nothing> was tried'] }),
  result({ id: 'C31', status: 'not_observable', reason: 'not observable over gRPC', durationMs: 0 }),
];
const report: ConformanceReport = {
  target: 'http://127.0.0.1:1',
  mode: 'chunk',
  profile: 'demo',
  organization: 'o<1>',
  agentId: '',
  strict: false,
  passed: false,
  counts: { passed: 2, advised: 1, failed: 2, skipped: 1, notObservable: 1 },
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
    expect(suite?.attributes).toMatchObject({ tests: '7', failures: '2', errors: '0', skipped: '2', time: '2.000' });
    const cases = find(root, 'testcase');
    expect(cases.map(({ attributes }) => attributes['name'])).toEqual(results.map(({ id, title }) => `${id} ${title}`));
    expect(cases[0]).toMatchObject({ attributes: { classname: 'conformance', time: '1.234' }, text: '' });
    const propertiesOf = (element: XmlElement | undefined): object =>
      Object.fromEntries(
        (element === undefined ? [] : find(element, 'property')).map(({ attributes: { name, value } }) => [
          name,
          value,
        ]),
      );
    expect(cases.slice(0, 4).map(propertiesOf)).toEqual([
      { kind: 'contract', source: SOURCE, status: 'passed' },
      { kind: 'contract', source: SOURCE, status: 'failed' },
      { kind: 'contract', source: SOURCE, status: 'skipped' },
      { kind: 'advice', status: 'advised' },
    ]);
    const failures = find(root, 'failure');
    expect(failures.map(({ attributes }) => attributes['type'])).toEqual(['contract', 'broken']);
    const [failure] = failures;
    const plain = 'it said "<a href=\'x\'>&amp;</a>" ]]> ?[31m ? ? ? ?\nand a second line';
    expect(failure?.attributes['message']).toBe(plain);
    expect(failure?.text).toBe(
      [
        'sent: SESSION_START',
        'expected: a welcome',
        `contract C2: ${plain} (${SOURCE})`,
        'advice START_OF_INPUT_LATE: it came late',
        '     1 ms  RPC 1 < status OK',
        `     2 ms  ${plain}`,
      ].join('\n'),
    );
    expect(find(root, 'skipped').map(({ attributes }) => attributes['message'])).toEqual([
      'holds for wav mode & no other',
      'not observable: not observable over gRPC',
    ]);
    expect(find(root, 'system-out').map(({ text }) => text)).toEqual([
      'advice C6: it takes <mu-law> only',
      'not tried: that <nothing> was tried',
    ]);
    const [about] = suite?.children ?? [];
    expect(propertiesOf(about)).toMatchObject({ organization: 'o<1>', mode: 'chunk', strict: 'false' });
  });

  it('writes a table for people, without what a terminal takes for a command', () => {
    const text = formatConformanceReport(report, 'text');
    expect(text).not.toMatch(/[^\x20-\x7e\n]/);
    expect(text).toMatch(/^C1 +ok +1234 ms {2}a welcome$/m);
    expect(text).toMatch(
      /^C2 +FAILED +1234 ms {2}a welcome\n +reason +it said .*\n +and a second line\n +contract +C2: it said/m,
    );
    expect(text).toMatch(
      /\n +and a second line\n +source +https:.*\n +advice +START_OF_INPUT_LATE: it came late\n +sent +/,
    );
    expect(text).toMatch(/^C6 +advice +1234 ms {2}a welcome\n +advice +C6: it takes <mu-law> only\nC8/m);
    expect(text).toMatch(/^C8 +FAILED +1234 ms {2}a welcome\n +reason +the case itself broke: x\n +sent/m);
    expect(text).toMatch(/^C3 +not run +a welcome\n +holds for wav mode/m);
    expect(text).toMatch(/^C31 +not run +a welcome\n +not observable over gRPC$/m);
    expect(text).toMatch(/not tried +that <nothing> was tried/);
    expect(text).toContain('2 passed, 1 with advice, 2 failed, 2 not run in 2.0 s');
    expect(text).toContain('the default agent');
  });
});
