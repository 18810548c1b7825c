// Checks the options of a call and fills in the defaults.
import { SimulatorError } from '../errors.ts';
import { checkMembers, type MembersOf } from '../options/check-members.ts';
import type { CallLimits, CallOptions, CallTls, VoiceFormat } from './call-options.ts';

/** Limits with nothing left open. */
export type ResolvedLimits = Required<CallLimits>;

const MAX_CALL_MS = 3_600_000;

const OPTIONS: MembersOf<CallOptions> = {
  target: true,
  organization: true,
  agentId: true,
  conversationId: true,
  parameters: true,
  vendorConfig: true,
  allowPartialResponses: true,
  token: true,
  tls: true,
  script: true,
  pace: true,
  voice: true,
  sendTerminator: true,
  recording: true,
  failureEvents: true,
  signal: true,
  onTimeline: true,
  limits: true,
  clock: true,
  random: true,
};
const VOICE: MembersOf<VoiceFormat> = { encoding: true, sampleRateHz: true };
const TLS: MembersOf<CallTls> = { ca: true, cert: true, key: true };

const LIMITS: MembersOf<CallLimits> = {
  callMs: true,
  replyMs: true,
  completionMs: true,
  receivedBytes: true,
  responses: true,
  rpcs: true,
};

const DEFAULTS: ResolvedLimits = Object.freeze({
  callMs: 300_000,
  replyMs: 15_000,
  completionMs: 2000,
  receivedBytes: 32 * 1024 * 1024,
  responses: 20_000,
  rpcs: 500,
});

function refuse(message: string): never {
  throw new SimulatorError('INVALID_OPTION', message);
}

function oneOf(value: unknown, name: string, allowed: readonly unknown[]): void {
  if (value !== undefined && !allowed.includes(value)) refuse(`${name} must be ${allowed.join(' or ')}.`);
}

/** Fills in the limits. Throws `INVALID_OPTION`. */
export function resolveLimits(limits: CallLimits = {}): ResolvedLimits {
  checkMembers(limits, LIMITS, 'limits');
  const resolved = { ...DEFAULTS, ...limits };
  for (const [name, value] of Object.entries(resolved)) {
    if (typeof value !== 'number' || !(value > 0)) refuse(`limits.${name} must be a number above 0.`);
  }
  if (resolved.callMs > MAX_CALL_MS) refuse(`limits.callMs must be at most ${MAX_CALL_MS}.`);
  return resolved;
}

/** Throws `INVALID_OPTION` for a member that TLS options do not have. */
export function checkTls(tls: CallTls | undefined): void {
  checkMembers(tls, TLS, 'tls');
}

/** Throws `INVALID_OPTION` for what a caller without types may have got wrong. */
export function checkOptions(options: CallOptions): void {
  checkMembers(options, OPTIONS, 'placeCall');
  checkMembers(options.voice, VOICE, 'voice');
  checkTls(options.tls);
  if (typeof options.organization !== 'string' || options.organization === '') {
    refuse('organization must be the id of the customer organization.');
  }
  if (options.conversationId === '') refuse('conversationId must not be empty; leave it out for a random one.');
  const { failureEvents = [] } = options;
  if (!Array.isArray(failureEvents) || failureEvents.some((name) => typeof name !== 'string' || name === '')) {
    refuse('failureEvents must be a list of names; [] for none.');
  }
  oneOf(options.pace, 'pace', ['real_time', 'fast']);
  oneOf(options.recording, 'recording', ['linear16', 'mulaw']);
  oneOf(options.voice?.encoding, 'voice.encoding', ['mulaw', 'alaw', 'linear16']);
  oneOf(options.voice?.sampleRateHz, 'voice.sampleRateHz', [8000, 16000]);
}

/** A version 4 UUID made of the numbers given. */
export function randomUuid(random: () => number): string {
  const bytes = Array.from({ length: 16 }, () => Math.floor(random() * 256));
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x40;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
