// Places a call: puts the line, the caller, the script and the clock together and runs them until the call is over.
import { createStereoRecording } from '../audio/stereo-recording.ts';
import { createVoiceCodec } from '../audio/voice-codec.ts';
import { createCallFacts } from '../caller/call-facts.ts';
import { createCallLog } from '../caller/call-log.ts';
import { createCaller } from '../caller/caller.ts';
import { createRpcBook } from '../caller/rpc-book.ts';
import { createCallChecker } from '../contract/response-checker.ts';
import { createPlaybackQueue } from '../playback/playback-queue.ts';
import type { CallStep } from '../script/call-step.ts';
import { loadAllSpeech } from '../script/load-speech.ts';
import { parseScript } from '../script/parse-script.ts';
import { createScriptRunner } from '../script/script-runner.ts';
import { createFastClock, createRealTimeClock } from '../time/call-clock.ts';
import { systemClock } from '../time/clock.ts';
import { createGrpcLine } from '../wire/grpc-line.ts';
import { buildReport } from './build-report.ts';
import { throwIfAborted } from './call-aborted.ts';
import { type CallOptions, FAILURE_EVENTS } from './call-options.ts';
import type { CallReport } from './call-report.ts';
import { checkOptions, randomUuid, resolveLimits } from './resolve-options.ts';
import { type LoopParts, runCall } from './run-call.ts';

/** The names of events that mean a failure, without those that a step expects. */
function unexpectedFailures(names: readonly string[], script: readonly CallStep[]): ReadonlySet<string> {
  const expected = new Set(script.flatMap((step) => ('expect' in step && step.name !== undefined ? [step.name] : [])));
  return new Set(names.filter((name) => !expected.has(name)));
}

/**
 * Calls an agent as Webex Contact Center does and reports what happened.
 *
 * The promise resolves for every call that was placed, also for one that failed: see `report.outcome`,
 * `report.failure` and `report.violations`, or hand the report to {@link assertCallPassed}.
 *
 * @param options - whom to call, what happens in the call, and at which pace
 * @returns what happened, with a recording
 * @throws SimulatorError `INVALID_OPTION`, `INVALID_SCRIPT` or `INVALID_AUDIO` before anything is sent;
 *   `CALL_ABORTED` when the signal was aborted
 *
 * @example
 * ```ts
 * import { assertCallPassed, placeCall } from '@byova/simulator';
 *
 * const report = await placeCall({
 *   target: 'http://127.0.0.1:50051',
 *   organization: 'my-organization',
 *   pace: 'fast',
 *   script: [
 *     { waitForPrompt: {} },
 *     { press: '1234#' },
 *     { expect: 'transfer', metadata: { queue: 'billing' } },
 *   ],
 * });
 * assertCallPassed(report);
 * console.log(report.outcome); // transferred
 * ```
 */
export async function placeCall(options: CallOptions): Promise<CallReport> {
  checkOptions(options);
  const limits = resolveLimits(options.limits);
  const script = parseScript(options.script ?? []);
  const codec = createVoiceCodec(options.voice);
  throwIfAborted(options.signal);
  const speech = await loadAllSpeech(script, codec.sampleRateHz);
  throwIfAborted(options.signal);

  const random = options.random ?? Math.random;
  const conversationId = options.conversationId ?? randomUuid(random);
  const allowPartialResponses = options.allowPartialResponses ?? false;
  const line = createGrpcLine({
    target: options.target,
    tls: options.tls,
    token: options.token,
    trackingPrefix: `SIM_${randomUuid(random)}`,
    identity: {
      conversationId,
      organization: options.organization,
      agentId: options.agentId ?? '',
      vendorConfig: options.vendorConfig ?? '',
      allowPartialResponses,
    },
  });

  const createClock = options.pace === 'fast' ? createFastClock : createRealTimeClock;
  const clock = createClock(options.clock ?? systemClock);
  const log = createCallLog({ now: clock.now, onEntry: options.onTimeline });
  const facts = createCallFacts();
  const recording = createStereoRecording();
  const playback = createPlaybackQueue({
    log,
    onStarted: () => facts.happenings.push({ kind: 'prompt', name: '', metadata: {} }),
    onHeard: ({ startMs, samples }) => recording.agent(startMs, samples),
  });
  const checker = createCallChecker({ allowPartialResponses });
  const loop: Omit<LoopParts, 'rpcs' | 'caller' | 'runner'> = { clock, facts, limits, signal: options.signal };

  const { target, parameters, sendTerminator = true } = options;
  const failureEvents = unexpectedFailures(options.failureEvents ?? FAILURE_EVENTS, script);
  const outcome = await runCall(loop, (onArrival) => {
    const rpcs = createRpcBook({ line, log, checker, now: clock.now, onArrival });
    const caller = createCaller({
      ...{ target, rpcs, log, facts, playback, recording, codec, parameters, sendTerminator, failureEvents, limits },
    });
    const runner = createScriptRunner({ script, speech, caller, facts, log, settleMs: limits.replyMs });
    return { rpcs, caller, runner };
  }).finally(() => line.close());

  const encoding = options.recording ?? 'linear16';
  return buildReport({ conversationId, outcome, endedAtMs: clock.now(), log, facts, playback, recording, encoding });
}
