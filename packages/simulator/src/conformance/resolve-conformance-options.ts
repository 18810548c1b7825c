// Checks the options of a run and fills in the defaults.

import { LINE_RATE_HZ } from '../audio/line-rate.ts';
import { readSpeech } from '../audio/speech-file.ts';
import { checkTls, randomUuid } from '../call/resolve-options.ts';
import { SimulatorError } from '../errors.ts';
import { checkMembers, type MembersOf } from '../options/check-members.ts';
import { type SimulatorClock, systemClock } from '../time/clock.ts';
import { parseTarget } from '../wire/target.ts';
import type { ConformanceCase } from './conformance-case.ts';
import { CONFORMANCE_CASES } from './conformance-cases.ts';
import type { ConformanceMode, ConformanceOptions } from './conformance-options.ts';
import type { RunSettings } from './run-settings.ts';
import { organizationOf } from './token/token-claims.ts';

/** What the options say; what the server has to say comes later. */
export interface ResolvedConformance {
  readonly settings: Omit<RunSettings, 'mode' | 'agents' | 'agentId'>;
  readonly mode: ConformanceMode | undefined;
  readonly agentId: string | undefined;
  readonly cases: readonly ConformanceCase[];
  readonly maxMs: number;
  readonly clock: SimulatorClock;
}

const MAX_SPEECH_MS = 10_000;

const OPTIONS: MembersOf<ConformanceOptions> = {
  target: true,
  mode: true,
  profile: true,
  organization: true,
  agentId: true,
  token: true,
  badTokens: true,
  tls: true,
  strict: true,
  only: true,
  endSilenceMs: true,
  replyMs: true,
  maxMs: true,
  loadCalls: true,
  speech: true,
  signal: true,
  onResult: true,
  clock: true,
  random: true,
};

function refuse(message: string): never {
  throw new SimulatorError('INVALID_OPTION', message);
}

function oneOf(value: unknown, name: string, allowed: readonly string[]): void {
  if (value !== undefined && !allowed.includes(String(value))) refuse(`${name} must be ${allowed.join(' or ')}.`);
}

function whole(value: number, name: string, most: number): number {
  if (!Number.isInteger(value) || value < 1 || value > most)
    refuse(`${name} must be a whole number from 1 to ${most}.`);
  return value;
}

function speechOf(file: Uint8Array | undefined): Int16Array | undefined {
  if (file === undefined) return undefined;
  const speech = readSpeech(file, 'speech', LINE_RATE_HZ);
  const durationMs = (speech.length / LINE_RATE_HZ) * 1000;
  if (durationMs < 100 || durationMs > MAX_SPEECH_MS) {
    throw new SimulatorError('INVALID_AUDIO', `speech must last 100 to ${MAX_SPEECH_MS} ms.`);
  }
  return speech;
}

function chosenCases(only: readonly string[] | undefined): readonly ConformanceCase[] {
  if (only === undefined) return CONFORMANCE_CASES;
  const known = CONFORMANCE_CASES.map(({ id }) => id);
  const unknown = only.find((id) => !known.includes(id));
  if (unknown !== undefined) refuse(`"${unknown}" is no case; the cases are ${known[0]} to ${known.at(-1)}.`);
  if (only.length === 0) refuse('only must name a case; leave it out for all.');
  return CONFORMANCE_CASES.filter(({ id }) => only.includes(id));
}

/** Resolves the options. Throws `INVALID_OPTION` or `INVALID_AUDIO`. */
export function resolveConformanceOptions(options: ConformanceOptions): ResolvedConformance {
  checkMembers(options, OPTIONS, 'runConformance');
  checkTls(options.tls);
  const { target, token, mode, agentId, random = Math.random, clock = systemClock } = options;
  parseTarget(target);
  oneOf(mode, 'mode', ['wav', 'chunk']);
  oneOf(options.profile, 'profile', ['demo', 'generic']);
  oneOf(options.strict, 'strict', ['true', 'false']);
  if (token === '') refuse('token must not be empty; leave it out to call without one.');
  if (options.badTokens?.includes('') === true) refuse('badTokens must not hold an empty token.');
  if (options.organization === '') refuse('organization must not be empty; leave it out for the default.');
  const organization = options.organization ?? (token === undefined ? undefined : organizationOf(token));
  return {
    settings: {
      runId: randomUuid(random),
      target,
      profile: options.profile ?? 'demo',
      strict: options.strict ?? false,
      organization: organization ?? 'conformance',
      token,
      badTokens: options.badTokens ?? [],
      authorization: token === undefined ? undefined : `Bearer ${token}`,
      endSilenceMs: whole(options.endSilenceMs ?? 1000, 'endSilenceMs', 10_000),
      replyMs: whole(options.replyMs ?? 10_000, 'replyMs', 60_000),
      loadCalls: whole(options.loadCalls ?? 200, 'loadCalls', 1000),
      speech: speechOf(options.speech),
      random,
    },
    mode,
    agentId,
    cases: chosenCases(options.only),
    maxMs: whole(options.maxMs ?? 600_000, 'maxMs', 3_600_000),
    clock,
  };
}
