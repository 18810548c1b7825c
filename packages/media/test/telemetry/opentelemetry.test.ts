// What OpenTelemetry is given of scripted calls over real sockets: its own SDK keeps the spans and metrics, in memory.
import { type MediaObservation, MediaServer, prompt } from '@byova/media';
import { createOpenTelemetryPlugin } from '@byova/media/opentelemetry';
import { placeCall } from '@byova/simulator';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  AggregationTemporality,
  DataPointType,
  InMemoryMetricExporter,
  MeterProvider,
  PeriodicExportingMetricReader,
} from '@opentelemetry/sdk-metrics';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  type ReadableSpan,
  SimpleSpanProcessor,
} from '@opentelemetry/sdk-trace-base';
import { beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { LABELS, MEASURES } from '../../src/telemetry/measures.ts';
import { framePath } from '../support/frame-path.ts';
import { SECRETS, startScripted } from './scripted-calls.ts';

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return () => context.disable();
});

function createSdk() {
  const spans = new InMemorySpanExporter();
  const tracers = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(spans)] });
  const kept = new InMemoryMetricExporter(AggregationTemporality.CUMULATIVE);
  const reader = new PeriodicExportingMetricReader({ exporter: kept, exportIntervalMillis: 3_600_000 });
  const meters = new MeterProvider({ readers: [reader] });
  onTestFinished(async () => {
    await meters.shutdown();
    await tracers.shutdown();
  });
  return {
    tracer: tracers.getTracer('test'),
    meter: meters.getMeter('test'),
    spans: () => spans.getFinishedSpans(),
    async metrics() {
      await reader.forceFlush();
      return (
        kept
          .getMetrics()
          .at(-1)
          ?.scopeMetrics.flatMap(({ metrics }) => metrics) ?? []
      );
    },
  };
}

const named = (spans: readonly ReadableSpan[], name: string) => spans.filter((span) => span.name === name);
/** What a span says, without the objects of the SDK around it. */
const told = ({ name, attributes, events, status, links }: ReadableSpan) =>
  JSON.stringify({ name, attributes, events, status, links });

const call = { id: 'c', organization: 'o', agentId: 'a', implicit: false };
const OF_CALL = { atMs: 0, call };

describe('scripted calls', () => {
  it('are turns that are linked to the start of their call, with the spans of the handlers within', async () => {
    const { tracer, meter, spans, metrics } = createSdk();
    const { play } = await startScripted(createOpenTelemetryPlugin({ tracer, meter }), () =>
      tracer.startActiveSpan('book', (span) => span.end()),
    );
    expect(await play()).toEqual(['transferred', 'ended', 'failed']);
    const finished = spans();
    const starts = named(finished, 'byova.session');
    const ends = named(finished, 'byova.session.end');
    const turns = named(finished, 'byova.turn');
    expect(starts).toHaveLength(2);
    expect(ends.map(({ attributes }) => attributes['byova.outcome']).sort()).toEqual(['ended', 'error']);

    // Every turn is a trace of its own, linked to one of the two starts.
    const traces = new Set(turns.map((span) => span.spanContext().traceId));
    expect(traces.size).toBe(turns.length);
    const ids = new Set(starts.map((span) => span.spanContext().spanId));
    for (const span of [...turns, ...ends]) {
      expect(span.parentSpanContext).toBeUndefined();
      expect(span.links.map((link) => ids.has(link.context.spanId))).toEqual([true]);
    }
    for (const { kind, attributes } of turns) {
      expect(kind).toBe(SpanKind.SERVER);
      expect(attributes).toMatchObject({
        'byova.agent.id': 'demo',
        'byova.turn.kind': expect.stringMatching(/^(?:start|audio|dtmf|event)$/),
        'byova.turn.number': expect.any(Number),
        'byova.outcome': expect.stringMatching(/^(?:replied|silent)$/),
        'rpc.system.name': 'grpc',
        'rpc.method': 'com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/ProcessCallerInput',
      });
    }

    // The handler ran in the first turn: what it does later is of that turn.
    const [book] = named(finished, 'book');
    const parent = turns.find((span) => span.spanContext().spanId === book?.parentSpanContext?.spanId);
    expect(parent?.attributes).toMatchObject({ 'byova.turn.kind': 'start', 'byova.cause': 'start' });

    const failed = turns.find(({ status }) => status.code === SpanStatusCode.ERROR);
    expect(failed?.status).toEqual({ code: SpanStatusCode.ERROR, message: 'HANDLER_FAILED' });
    expect(failed?.attributes).toMatchObject({ 'error.type': 'HANDLER_FAILED', 'byova.turn.kind': 'dtmf' });
    expect(failed?.events).toContainEqual(
      expect.objectContaining({
        name: 'handler_failed',
        attributes: { 'byova.handler': 'session_start', 'error.type': 'HANDLER_FAILED' },
      }),
    );
    const names = turns.flatMap(({ events }) => events.map(({ name }) => name));
    expect(new Set(names)).toEqual(
      new Set([
        ...['reply_started', 'speech_started', 'barge_in', 'speech_ended'],
        ...['dtmf_received', 'handler_failed', 'no_input'],
      ]),
    );
    const answered = turns.find(({ attributes }) => attributes['byova.cause'] === 'speech');
    expect(answered?.events.find(({ name }) => name === 'barge_in')?.attributes).toEqual({
      'byova.by': 'speech',
      'byova.heard': expect.any(Number),
    });

    const given = await metrics();
    const text = [...finished.map(told), JSON.stringify(given)].join('\n');
    for (const secret of SECRETS) expect(text).not.toContain(secret);
  });

  it('are measured as in Prometheus, under names of their own', async () => {
    const { tracer, meter, metrics } = createSdk();
    const { server, play } = await startScripted(createOpenTelemetryPlugin({ tracer, meter }));
    await play();
    await server.close({ graceMs: 0 });
    const given = await metrics();
    expect(given.map(({ descriptor }) => descriptor.name).sort()).toEqual([
      'byova.audio',
      'byova.auth.failures',
      'byova.barge_ins',
      'byova.calls.rejected',
      'byova.drain.state',
      'byova.end_of_speech.delay',
      'byova.first_prompt',
      'byova.handler.errors',
      'byova.no_inputs',
      'byova.session.duration',
      'byova.session.starts',
      'byova.sessions',
      'byova.sessions.active',
      'byova.sessions.capacity',
      'byova.speech_start.delay',
      'byova.turn.duration',
      'byova.turn.response',
      'rpc.server.call.duration',
    ]);
    const points = (name: string) => given.find(({ descriptor }) => descriptor.name === name)?.dataPoints ?? [];
    expect(points('byova.drain.state').map(({ value }) => value)).toEqual([2]);
    expect(points('byova.handler.errors')).toMatchObject([
      { value: 1, attributes: { 'byova.handler': 'session_start', 'error.type': 'HANDLER_FAILED' } },
    ]);
    const [rpc] = points('rpc.server.call.duration');
    expect(rpc?.attributes).toEqual({
      'rpc.system.name': 'grpc',
      'rpc.method': 'com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent/ProcessCallerInput',
      'rpc.response.status_code': expect.stringMatching(/^(?:OK|RESOURCE_EXHAUSTED)$/),
    });
    const response = given.find(({ descriptor }) => descriptor.name === 'byova.turn.response');
    expect(response?.dataPointType).toBe(DataPointType.HISTOGRAM);
    expect(response?.dataPoints[0]?.value).toMatchObject({
      buckets: { boundaries: [0.1, 0.2, 0.3, 0.5, 0.75, 1, 1.5, 2, 3, 5, 8] },
    });
    const known = new Set<string>([...Object.values(LABELS).map(({ attribute }) => attribute), 'rpc.system.name']);
    const used = given.flatMap(({ dataPoints }) => dataPoints.flatMap(({ attributes }) => Object.keys(attributes)));
    expect(used.filter((name) => !known.has(name))).toEqual([]);
  });
});

describe('a handler', () => {
  it('that awaits has the context of its turn still, and two calls at a time do not mix', async () => {
    const { tracer, meter, spans } = createSdk();
    const server = new MediaServer({ agents: [{ id: 'demo', name: 'Demo' }], verify: { enforce: false }, framePath });
    onTestFinished(() => server.close({ graceMs: 0 }));
    const attributes = ({ id }: { readonly id: string }) => ({ 'app.call': id });
    server.use(createOpenTelemetryPlugin({ tracer, meter, attributes }));
    server.on('session_start', async ({ session }) => {
      await session.play(prompt.silence(40));
      tracer.startSpan('late', { attributes: { of: session.id } }).end();
      await session.end();
    });
    server.on('session_end', ({ session }) => tracer.startSpan('bye', { attributes: { of: session.id } }).end());
    const { port } = await server.listen({ host: '127.0.0.1', port: 0 });
    const place = (conversationId: string) =>
      placeCall({
        target: `http://127.0.0.1:${port}`,
        organization: 'o1',
        conversationId,
        pace: 'real_time',
        script: [{ expect: 'end' }],
      });
    await Promise.all([place('one'), place('two')]);
    const finished = spans();
    for (const [name, parent] of [
      ['late', 'byova.turn'],
      ['bye', 'byova.session.end'],
    ] as const) {
      const children = named(finished, name);
      expect(children.map((child) => child.attributes['of']).sort()).toEqual(['one', 'two']);
      for (const child of children) {
        const within = finished.find((span) => span.spanContext().spanId === child.parentSpanContext?.spanId);
        expect(within?.name).toBe(parent);
        expect(within?.attributes['app.call']).toBe(child.attributes['of']);
      }
    }
  });

  it('that fails when its turn is over has a span of its own, and a code that is a sentence is not given', () => {
    const { tracer, meter, spans } = createSdk();
    const { observe } = createOpenTelemetryPlugin({ tracer, meter });
    const failure = { handler: 'session_start', durationMs: 1, outcome: 'failed' } as const;
    const observations: MediaObservation[] = [
      { type: 'session_started', ...OF_CALL },
      { type: 'turn_started', ...OF_CALL, turn: 1, kind: 'start' },
      {
        ...{ type: 'turn_ended', ...OF_CALL, turn: 1, kind: 'start', outcome: 'silent' },
        ...{ durationMs: 1, callerAudioMs: 0, agentAudioMs: 0 },
      },
      { type: 'handler_ended', ...OF_CALL, turn: 1, ...failure, code: 'NOT_FOUND' },
      { type: 'handler_ended', ...OF_CALL, turn: undefined, ...failure, code: 'the caller pressed 4711' },
    ];
    for (const observation of observations) observe?.(observation);
    const failures = named(spans(), 'byova.handler');
    expect(failures.map(({ status }) => status.message)).toEqual(['NOT_FOUND', '_OTHER']);
    expect(failures.map(({ links }) => links.length)).toEqual([1, 1]);
    expect(spans().map(told).join('')).not.toContain('4711');
  });
});

it('without an SDK nothing is kept and nothing fails', () => {
  const { observe, around } = createOpenTelemetryPlugin();
  observe?.({ type: 'session_started', ...OF_CALL });
  observe?.({ type: 'turn_started', ...OF_CALL, turn: 1, kind: 'start' });
  expect(around?.({ call, handler: 'session_start', turn: 1 }, () => trace.getActiveSpan()?.isRecording())).toBe(false);
});

it('the instruments have units, and names that are no others', () => {
  const measures = Object.values(MEASURES);
  expect(new Set(measures.map(({ instrument }) => instrument)).size).toBe(measures.length);
  for (const { name, unit } of measures)
    expect(unit, name).toMatch(name.includes('seconds') ? /^s$/ : /^(?:1|\{\w+\})$/);
});
