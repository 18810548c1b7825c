// What a program makes servers, detectors, plugins and prompts from, and how it opens and closes a server.
import {
  type Clock,
  type ClockTimer,
  createEnergyDetector,
  createRateLimiter,
  MediaServer,
  prompt,
} from '@byova/media';
import { createOpenTelemetryPlugin } from '@byova/media/opentelemetry';
import { createPrometheusMetrics } from '@byova/media/prometheus';
import { TONE } from './good-calls.ts';
import { type Method, methodOf } from './trials.ts';

const AGENTS = [{ id: 'demo', name: 'Demo', default: true, attributes: { a: 'b' } }];
const FORMAT = { encoding: 'linear16', sampleRateHz: 16_000 };
const FACTS = { label: 'a label', text: 'a text' };
const BYTES = new Uint8Array(400);

const nothing = (): void => {};

/** An object of a class, so that trials replace it as a whole: the time that a clock gives is not checked. */
class TestClock implements Clock {
  now(): number {
    return 0;
  }

  setTimer(): ClockTimer {
    return { cancel: nothing };
  }
}

const everyOption = () => ({
  agents: AGENTS,
  verify: { datasourceUrl: 'https://va.example.com:443', enforce: false },
  state: () => ({}),
  mergeState: () => ({}),
  audioMode: 'chunk',
  bargeIn: true,
  input: {
    mode: 'dtmf',
    dtmf: { length: 1, interDigitMs: 1000, terminator: '#' },
    speech: { completeMs: 1, incompleteMs: 1, maxSpeechMs: 1 },
    noInputMs: 1000,
    sensitive: false,
  },
  speech: { startDebounceMs: 100, endSilenceMs: 800, thresholdDb: 5 },
  preRollMs: 300,
  pathDelayMs: 200,
  interruption: { minSpeechMs: 0, falseStartMs: 0, isFalseStart: () => true },
  finalHoldMs: 20,
  onError: 'transfer',
  onUnhandled: 'end',
  errorPrompt: TONE,
  readIntervalMs: 0,
  limits: { maxSessions: 10, turnTimeoutMs: 1000, maxStateBytes: 1000 },
  serviceName: 'odd',
  logger: { debug: nothing, info: nothing, warn: nothing, error: nothing },
  clock: new TestClock(),
});

const newServer = (): MediaServer<unknown> => new MediaServer<unknown>({ agents: AGENTS, verify: { enforce: false } });

type Call = Method<undefined>['call'];

/** Calls a maker with arguments of any kind. */
const make =
  (maker: (...args: never[]) => unknown): Call =>
  (_context, args) =>
    Reflect.apply(maker, undefined, [...args]);

/** Calls a method of a new server, which is closed afterwards. */
const ofServer = (name: string): Call => {
  const call = methodOf((server: MediaServer<unknown>) => server, name);
  return async (_context, args) => {
    const server = newServer();
    try {
      return await call(server, args);
    } finally {
      await server.close({ graceMs: 0 });
    }
  };
};

/** Everything that is made or opened, with arguments that are right. */
export const MAKERS: readonly Method<undefined>[] = [
  {
    name: 'new MediaServer',
    args: () => [everyOption()],
    call: (_context, [given]) => new MediaServer(given as never),
  },
  {
    name: 'createEnergyDetector',
    args: () => [{ startDebounceMs: 100, endSilenceMs: 800, thresholdDb: 5 }],
    call: make(createEnergyDetector),
  },
  {
    name: 'createRateLimiter',
    args: () => [
      {
        callsPerSecond: 1,
        burst: 1,
        perOrganization: { callsPerSecond: 1, burst: 1 },
        maxOrganizations: 10,
        clock: new TestClock(),
      },
    ],
    call: make(createRateLimiter),
  },
  {
    name: 'createPrometheusMetrics',
    args: () => [{ maxLabelValues: 10, buckets: { byova_turn_response_seconds: [0.1, 0.5] } }],
    call: make(createPrometheusMetrics),
  },
  { name: 'createOpenTelemetryPlugin', args: () => [{ maxLabelValues: 10 }], call: make(createOpenTelemetryPlugin) },
  { name: 'prompt.file', args: () => ['welcome.wav', FACTS], call: make(prompt.file) },
  { name: 'prompt.bytes', args: () => [BYTES, FORMAT, FACTS], call: make(prompt.bytes) },
  { name: 'prompt.stream', args: () => [[BYTES], FORMAT, FACTS], call: make(prompt.stream) },
  { name: 'prompt.silence', args: () => [100], call: make(prompt.silence) },
  { name: 'prompt.tone', args: () => [{ frequencyHz: 440, durationMs: 100 }], call: make(prompt.tone) },
  { name: 'server.on', args: () => ['no_input', () => {}], call: ofServer('on') },
  {
    name: 'server.use',
    args: () => [
      {
        name: 'a plugin',
        observe: nothing,
        admit: nothing,
        around: (_invocation: unknown, next: () => unknown) => next(),
        callerAudio: nothing,
        agentAudio: nothing,
        agentAudioCut: nothing,
        close: nothing,
      },
    ],
    call: ofServer('use'),
  },
  {
    name: 'server.listen',
    args: () => [{ host: '127.0.0.1', port: 0, reusePort: false }],
    call: ofServer('listen'),
  },
  {
    name: 'server.listen with TLS',
    args: () => [
      { host: '127.0.0.1', port: 0, tls: { key: 'key', cert: 'cert', clientCa: 'ca', clientSubject: ['x'] } },
    ],
    call: ofServer('listen'),
  },
  {
    name: 'server.drain',
    args: () => [{ graceMs: 0, atDeadline: 'end', prompt: TONE, lastMs: 0 }],
    call: ofServer('drain'),
  },
  { name: 'server.close', args: () => [{ graceMs: 0 }], call: ofServer('close') },
];
