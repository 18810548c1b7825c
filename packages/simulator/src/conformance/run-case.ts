// Runs one case within its time, and says how it ended.
import { setMaxListeners } from 'node:events';
import type { Rule } from '../contract/rule.ts';
import { SOURCES } from '../contract/sources.ts';
import type { SimulatorClock } from '../time/clock.ts';
import type { ServerConnection } from '../wire/server-connection.ts';
import { CONFORMANCE_RULES } from './case-rules.ts';
import type { CaseBasis, ConformanceCase, RunnableCase } from './conformance-case.ts';
import type { ConformanceFinding, ConformanceResult, ConformanceStatus } from './conformance-report.ts';
import { CaseFailure, CaseSkipped } from './probe/case-failure.ts';
import type { CaseFinding } from './probe/findings.ts';
import { createProbe, type OwnedProbe } from './probe/probe.ts';
import type { RunSettings } from './run-settings.ts';

/** What a case is run with. */
export interface CaseSurroundings {
  readonly settings: RunSettings;
  readonly connection: ServerConnection;
  readonly clock: SimulatorClock;
  /** Ends the case. */
  readonly signal: AbortSignal;
}

/** Why a case is not run against this server; `undefined` when it is. */
export function whySkipped(one: RunnableCase, settings: RunSettings): string | undefined {
  const { mode, profile, token, agents } = settings;
  if (one.holdsFor === 'demo' && profile === 'generic') return 'needs the demo agent: --profile demo';
  if (one.modes?.includes(mode) === false) return `holds for ${one.modes.join(', ')} mode; the server sends ${mode}`;
  if (one.needsToken === true && token === undefined) return 'needs --token';
  const listed = one.agents === undefined || agents.some(({ id }) => one.agents?.includes(id));
  if (!listed) return `needs an agent with the id ${one.agents?.join(' or ')} on the server's list`;
  return undefined;
}

function result(
  one: ConformanceCase,
  status: ConformanceStatus,
  facts: Partial<ConformanceResult> = {},
): ConformanceResult {
  const { id, title, sends, expects, kind } = one;
  const source = one.kind === 'contract' ? { source: SOURCES[one.source] } : {};
  const empty = { findings: [], seen: [], notes: [], durationMs: 0 };
  return { id, title, kind, ...source, status, sent: sends, expected: expects, ...empty, ...facts };
}

/** What a client cannot tell, as a result of its own. */
export function hiddenResult(one: ConformanceCase): ConformanceResult | undefined {
  if ('notObservable' in one) return result(one, 'not_observable', { reason: one.notObservable });
  if (one.inside === undefined) return undefined;
  const reason = `only the server's own process can tell: ${one.inside}`;
  return result({ ...one, id: `${one.id}-inside` }, 'not_observable', { reason });
}

/** The result of a case that is not run. */
export function skippedResult(one: ConformanceCase, reason: string): ConformanceResult {
  return result(one, 'skipped', { reason });
}

/** A finding of a case, with who says so. In a case that is advice as a whole, everything is. */
function judged(one: RunnableCase, { rule, message }: CaseFinding): ConformanceFinding {
  const basis: CaseBasis | Rule = one.kind === 'advice' || rule === undefined ? one : CONFORMANCE_RULES[rule];
  const name = rule ?? one.id;
  if (basis.kind === 'advice') return { rule: name, kind: 'advice', message };
  return { rule: name, kind: 'contract', source: SOURCES[basis.source], message };
}

/** The status that findings mean; those of the contract come first. */
function statusOf(findings: readonly ConformanceFinding[], strict: boolean): ConformanceStatus {
  const [worst] = findings;
  if (worst === undefined) return 'passed';
  return worst.kind === 'contract' || strict ? 'failed' : 'advised';
}

/** A token in the compact form: one of those that C21 makes is a bit away from the good one. */
const JWS = /\beyJ[\w-]+\.[\w-]+\.[\w-]*/g;

/** A server may repeat a token in what it says; a report must not. */
function withoutTokens(text: string, { token, badTokens }: RunSettings): string {
  const tokens = token === undefined ? badTokens : [token, ...badTokens];
  return tokens.reduce((shown, one) => shown.replaceAll(one, '[token]'), text).replaceAll(JWS, '[token]');
}

/** Rejects once a case has had to stop, but after what it says itself about the thing that it was waiting for. */
function stopped(stop: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const onAbort = (): void => {
      setImmediate(() => reject(new CaseFailure('It was stopped in the middle.')));
    };
    if (stop.aborted) onAbort();
    else stop.addEventListener('abort', onAbort, { once: true });
  });
}

interface Attempt {
  readonly result: ConformanceResult;
  /** Whether an RPC failed on this side. */
  readonly disturbed: boolean;
}

async function attempt(one: RunnableCase, surroundings: CaseSurroundings, caseId: string): Promise<Attempt> {
  const { settings, connection, clock, signal } = surroundings;
  const limitMs = one.limitMs + one.replies * settings.replyMs;
  const timeout = new AbortController();
  const stop = AbortSignal.any([signal, timeout.signal]);
  // A case of many calls waits for many things at once.
  setMaxListeners(0, stop);
  const probe: OwnedProbe = createProbe({ caseId, settings, connection, clock, signal: stop });
  const cancelTimer = clock.setTimer(() => timeout.abort(), limitMs);
  /** The result, with what the case has found before it ended and at its end. */
  const ended = (last: readonly CaseFinding[], broken: readonly string[] = []): ConformanceResult => {
    const all = [...last, ...probe.findings].map((finding) => judged(one, finding));
    const findings = all
      .toSorted((first, second) => Number(second.kind === 'contract') - Number(first.kind === 'contract'))
      .map((finding) => ({ ...finding, message: withoutTokens(finding.message, settings) }));
    const facts = { findings, notes: probe.notes, durationMs: Math.round(probe.now()) };
    // A case that breaks, or is stopped from outside, has failed whoever asks for what it requires.
    const brokenOff = broken.length > 0 || (last.length > 0 && signal.aborted);
    const status = brokenOff ? 'failed' : statusOf(findings, settings.strict);
    if (status !== 'failed') return result(one, status, facts);
    const reasons = [...broken.map((text) => withoutTokens(text, settings)), ...findings.map(({ message }) => message)];
    const seen = probe.timeline.map((line) => withoutTokens(line, settings));
    return result(one, status, { ...facts, reason: reasons.join('\n'), seen });
  };
  try {
    await Promise.race([one.run(probe), stopped(stop)]);
    return { result: ended([]), disturbed: false };
  } catch (error) {
    if (error instanceof CaseSkipped) {
      const facts = { notes: probe.notes, durationMs: Math.round(probe.now()) };
      return { result: result(one, 'skipped', { ...facts, reason: error.message }), disturbed: false };
    }
    if (!(error instanceof CaseFailure)) {
      const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
      return { result: ended([], [`the case itself broke: ${text}`]), disturbed: probe.disturbed };
    }
    const late = timeout.signal.aborted ? `The case took longer than ${limitMs} ms. ` : '';
    const last = { rule: error.rule, message: late + error.message };
    return { result: ended([last]), disturbed: probe.disturbed };
  } finally {
    cancelTimer();
    probe.close();
  }
}

/**
 * Runs a case; a second time where the first failed through a fault of this side. Never rejects, and resolves when the
 * time of the case is up at the latest, or twice that time.
 */
export async function runCase(one: RunnableCase, surroundings: CaseSurroundings): Promise<ConformanceResult> {
  const first = await attempt(one, surroundings, one.id);
  if (!first.disturbed || surroundings.signal.aborted) return first.result;
  return (await attempt(one, surroundings, `${one.id}-again`)).result;
}
