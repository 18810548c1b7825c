// The metrics of scripted calls over real sockets, as a scraper reads them.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { MediaObservation } from '@byova/media';
import { createPrometheusMetrics } from '@byova/media/prometheus';
import { describe, expect, it, onTestFinished } from 'vitest';
import { LABELS, MEASURES } from '../../src/telemetry/measures.ts';
import { SECRETS, startScripted } from './scripted-calls.ts';

/** Dashboards and alerts are made of these names: one that changes breaks them, so it is written here again. */
const NAMES = [
  'byova_audio_seconds_total counter',
  'byova_auth_failures_total counter',
  'byova_barge_in_total counter',
  'byova_calls_rejected_total counter',
  'byova_drain_state gauge',
  'byova_end_of_speech_delay_seconds histogram',
  'byova_false_start_total counter',
  'byova_first_prompt_seconds histogram',
  'byova_handler_errors_total counter',
  'byova_limits_exceeded_total counter',
  'byova_no_input_total counter',
  'byova_rpc_duration_seconds histogram',
  'byova_session_duration_seconds histogram',
  'byova_session_starts_total counter',
  'byova_sessions_active gauge',
  'byova_sessions_capacity gauge',
  'byova_sessions_total counter',
  'byova_speech_start_delay_seconds histogram',
  'byova_turn_duration_seconds histogram',
  'byova_turn_response_seconds histogram',
];

const SAMPLE =
  /^([a-z_]+(?:_total|_bucket|_sum|_count)?)(?:\{((?:[a-z_]+="(?:[^"\\\n]|\\["\\n])*",?)+)\})? (-?[0-9.e+-]+)$/;

/** Reads the text by the rules of the format alone: a line that is none of them fails. */
function read(text: string): { readonly types: string[]; readonly samples: ReadonlyMap<string, number> } {
  expect(text.endsWith('\n')).toBe(true);
  const types: string[] = [];
  const samples = new Map<string, number>();
  for (const line of text.trimEnd().split('\n')) {
    const type = /^# TYPE ([a-z_]+ (?:counter|gauge|histogram))$/.exec(line)?.[1];
    if (type !== undefined) types.push(type);
    if (line.startsWith('# ')) {
      expect(line).toMatch(/^# (?:HELP [a-z_]+ .+|TYPE [a-z_]+ [a-z]+|UNIT [a-z_]+_seconds seconds|EOF)$/);
      continue;
    }
    const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
    expect(name, line).not.toBe('');
    const key = labels === '' ? name : `${name}{${labels}}`;
    expect(samples.has(key), key).toBe(false);
    samples.set(key, Number(value));
  }
  return { types, samples };
}

const session = { id: 'c', organization: 'o', implicit: false };
const started = (agentId: string): MediaObservation => ({
  type: 'session_started',
  atMs: 0,
  call: { ...session, agentId },
});
const ended = (agentId: string): MediaObservation => ({
  type: 'session_ended',
  atMs: 0,
  call: { ...session, agentId },
  reason: 'ended',
  durationMs: 1000,
});

describe('scripted calls', () => {
  it('are measured, under these names, and nothing of theirs is a label', async () => {
    const metrics = createPrometheusMetrics();
    const { server, play } = await startScripted(metrics.plugin);
    const scraped = createServer(metrics.handler);
    await new Promise<void>((resolve) => scraped.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void scraped.close());
    const { port } = scraped.address() as AddressInfo;
    const scrape = async (headers: Record<string, string> = {}) => {
      const response = await fetch(`http://127.0.0.1:${port}/metrics`, { headers });
      return { type: response.headers.get('content-type'), text: await response.text() };
    };

    expect(await play()).toEqual(['transferred', 'ended', 'failed']);
    const { type, text } = await scrape();
    expect(type).toBe('text/plain; version=0.0.4; charset=utf-8');
    const { types, samples } = read(text);
    expect([...types].sort()).toEqual(NAMES);
    const METHOD = 'com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/ProcessCallerInput';
    expect(Object.fromEntries(samples)).toMatchObject({
      byova_sessions_capacity: 5,
      byova_drain_state: 0,
      'byova_sessions_active{agent="demo"}': 0,
      'byova_session_starts_total{agent="demo",result="ok"}': 2,
      'byova_session_starts_total{agent="demo",result="rejected"}': 1,
      'byova_sessions_total{agent="demo",outcome="error"}': 1,
      'byova_sessions_total{agent="demo",outcome="ended"}': 1,
      byova_session_duration_seconds_count: 2,
      byova_first_prompt_seconds_count: 2,
      'byova_turn_response_seconds_count{kind="speech"}': 1,
      'byova_turn_response_seconds_count{kind="dtmf"}': 1,
      'byova_turn_duration_seconds_count{kind="start",outcome="replied"}': 2,
      byova_end_of_speech_delay_seconds_count: 1,
      byova_speech_start_delay_seconds_count: 1,
      'byova_barge_in_total{by="speech"}': 1,
      'byova_no_input_total{agent="demo"}': 1,
      'byova_handler_errors_total{event="session_start",code="HANDLER_FAILED"}': 1,
      'byova_calls_rejected_total{reason="full_moon"}': 1,
      [`byova_rpc_duration_seconds_count{method="${METHOD}",code="RESOURCE_EXHAUSTED"}`]: 1,
    });
    const at = (key: string): number => samples.get(key) ?? Number.NaN;
    // Every request came without a token.
    const rpcs = [...samples].filter(([key]) => key.startsWith('byova_rpc_duration_seconds_count'));
    expect(at('byova_auth_failures_total{reason="missing"}')).toBe(rpcs.reduce((sum, [, value]) => sum + value, 0));
    expect(at('byova_end_of_speech_delay_seconds_sum')).toBeCloseTo(0.8, 1);
    expect(at('byova_session_duration_seconds_sum')).toBeGreaterThan(2);
    expect(at('byova_audio_seconds_total{direction="in"}')).toBeGreaterThan(1);
    expect(at('byova_audio_seconds_total{direction="out"}')).toBeGreaterThan(0.3);
    for (const secret of SECRETS) expect(text).not.toContain(secret);

    const open = await scrape({ accept: 'application/openmetrics-text;version=1.0.0,text/plain;q=0.5' });
    expect(open.type).toBe('application/openmetrics-text; version=1.0.0; charset=utf-8');
    expect(open.text.endsWith('# EOF\n')).toBe(true);
    expect(read(open.text).types).toContain('byova_barge_in counter');
    expect(open.text).toContain('# UNIT byova_turn_response_seconds seconds\n');
    expect(open.text).toContain('byova_first_prompt_seconds_bucket{le="1.0"}');

    await server.close({ graceMs: 0 });
    expect(read(metrics.text()).samples.get('byova_drain_state')).toBe(2);
  });
});

describe('labels', () => {
  const forbidden =
    /conversation|call_?id|organi[sz]ation|^org|tenant|tracking|caller|digit|dtmf|number|nonce|token|text|session|user/;

  it('name nothing that tells a caller or a customer apart', () => {
    const names = Object.entries(LABELS).flatMap(([key, { name, attribute }]) => [name ?? key, attribute]);
    expect(names.filter((name) => forbidden.test(name))).toEqual([]);
    // That the pattern would find one.
    expect(
      ['organization', 'conversation_id', 'org', 'tracking_id', 'digits'].every((name) => forbidden.test(name)),
    ).toBe(true);
  });

  it('with open values are limited, and every other label has a few fixed ones', () => {
    const open = Object.entries(LABELS).flatMap(([name, { pattern }]) => (pattern === undefined ? [] : [name]));
    expect(open).toEqual(['agent', 'code', 'reason']);
  });

  it('take so many values, and other for the rest, up and down', () => {
    const { plugin, text } = createPrometheusMetrics({ maxLabelValues: 2 });
    for (const agent of ['a', 'b', 'c', 'd']) plugin.observe?.(started(agent));
    for (const agent of ['a', 'c']) plugin.observe?.(ended(agent));
    const { samples } = read(text());
    const active = [...samples].filter(([key]) => key.startsWith('byova_sessions_active'));
    expect(active).toEqual([
      ['byova_sessions_active{agent="a"}', 0],
      ['byova_sessions_active{agent="b"}', 1],
      ['byova_sessions_active{agent="other"}', 1],
    ]);
  });

  it('are no sentences: a code or reason that is no name is other', () => {
    const { plugin, text } = createPrometheusMetrics();
    const at = { atMs: 0, call: { ...session, agentId: 'a' } };
    const failed = { turn: 1, handler: 'utterance', durationMs: 1, outcome: 'failed' } as const;
    plugin.observe?.({ type: 'handler_ended', ...at, ...failed, code: 'the caller pressed 4711' });
    plugin.observe?.({ type: 'call_rejected', atMs: 0, reason: 'line\n"broken"', agentId: 'a' });
    expect(text()).toContain('byova_handler_errors_total{event="utterance",code="other"} 1\n');
    expect(text()).toContain('byova_calls_rejected_total{reason="other"} 1\n');
    expect(text()).not.toContain('4711');
  });

  it('are escaped', () => {
    const { plugin, text } = createPrometheusMetrics();
    plugin.observe?.(started('a "quoted" \\ id'));
    expect(read(text()).samples.get('byova_sessions_active{agent="a \\"quoted\\" \\\\ id"}')).toBe(1);
  });
});

describe('histograms', () => {
  it('are cumulative, and a value on a bound belongs to it', () => {
    const { plugin, text } = createPrometheusMetrics({ buckets: { byova_first_prompt_seconds: [0.5, 1] } });
    for (const latencyMs of [100, 500, 501, 5000]) {
      const call = { ...session, agentId: 'a' };
      plugin.observe?.({ type: 'reply_started', atMs: 0, call, turn: 1, cause: 'start', latencyMs });
    }
    const lines = text()
      .split('\n')
      .filter((line) => line.startsWith('byova_first_prompt_seconds'));
    expect(lines).toEqual([
      'byova_first_prompt_seconds_bucket{le="0.5"} 2',
      'byova_first_prompt_seconds_bucket{le="1"} 3',
      'byova_first_prompt_seconds_bucket{le="+Inf"} 4',
      'byova_first_prompt_seconds_sum 6.101',
      'byova_first_prompt_seconds_count 4',
    ]);
  });

  it.each([
    ['a name that is none', { buckets: { byova_first_prompt: [1] } }],
    ['a counter', { buckets: { byova_barge_in_total: [1] } }],
    ['bounds that do not ascend', { buckets: { byova_first_prompt_seconds: [1, 1] } }],
    ['no bounds', { buckets: { byova_first_prompt_seconds: [] } }],
    ['no values of labels', { maxLabelValues: 0 }],
  ])('refuse %s', (_what, options) => {
    expect(() => createPrometheusMetrics(options)).toThrow(expect.objectContaining({ code: 'OPTIONS_INVALID' }));
  });

  it('have bounds that ascend', () => {
    for (const { buckets = [] } of Object.values(MEASURES)) {
      expect([...buckets].sort((a, b) => a - b)).toEqual(buckets);
    }
  });
});

describe('the scraper is answered', () => {
  const { fetch } = createPrometheusMetrics();
  it('fetch-style', async () => {
    const response = fetch(new Request('http://localhost/metrics'));
    expect(response.headers.get('content-type')).toContain('text/plain');
    expect(await response.text()).toContain('byova_drain_state 0\n');
    expect(await fetch(new Request('http://localhost/metrics', { method: 'HEAD' })).text()).toBe('');
  });
  it('but told 405 for anything but GET', () => {
    const response = fetch(new Request('http://localhost/metrics', { method: 'POST' }));
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD']);
  });
});
