// Calls a server in its own process, without a socket.
import { randomUUID } from 'node:crypto';
import { findInProcess, type InProcess } from '../server/in-process.ts';
import type { MediaServer } from '../server/media-server.ts';
import type { CallIdentity } from '../wire/gate.ts';
import type { JsonObject } from '../wire/json.ts';
import { AgentErrors } from './call/agent-errors.ts';
import { takeTime } from './call/borrowed-clock.ts';
import { createDialedCall, type InnerCall } from './call/create-dialed-call.ts';
import type { DialedCall } from './call/dialed-call.ts';
import { type KnownPrompt, loadKnownPrompts } from './call/known-prompts.ts';
import { createCallRecord } from './caller/call-record.ts';
import { createCaller } from './caller/caller.ts';
import { DialError } from './dial-error.ts';

/** Bounds of a dialled call, in ms of its clock. */
export interface DialLimits {
  /** The longest call: `LIMIT_EXCEEDED`. Default 3 600 000. */
  readonly callMs?: number;
  /** How long the server may owe a reply once the caller has heard all audio that it sent: `REPLY_TIMEOUT`. Default 15 000. */
  readonly replyMs?: number;
  /** How long it may take to complete an RPC on which nothing more is due: a break of the contract. Default 2000. */
  readonly completionMs?: number;
}

/** How a server is dialled. Everything has a default. */
export interface DialOptions {
  /**
   * `'fake'`: a clock that jumps from one thing to the next, so that minutes of a call pass in ms; the server goes by it
   * until its dialled calls are over. `'real'`: the server's own. Default `'fake'`, but `'real'` for a server that
   * listens, or that holds calls on its own clock.
   */
  readonly clock?: 'fake' | 'real';
  /** The agent that the flow chose. Default: none, which means the default agent. */
  readonly agentId?: string;
  /** The customer organization. Default `'test-organization'`. */
  readonly organization?: string;
  /** The call's id. Default: a random UUID. */
  readonly conversationId?: string;
  /** What the flow hands over: `session.parameters`. Default none. */
  readonly parameters?: JsonObject;
  /** Text of the customer's administrator: `session.vendorConfig`. Default none. */
  readonly vendorConfig?: string;
  /** Whether the agent may send PARTIAL responses. Default `false`. */
  readonly allowPartialResponses?: boolean;
  /** Whose token the call comes with: `session.identity`. No token is verified. Default none. */
  readonly identity?: CallIdentity;
  /**
   * Prompts and what is said in them, so that `heard` finds them by their text and the timeline shows it: prompts that have
   * a `text`, and pairs of a prompt and its text, for which a `Map` fits.
   */
  readonly texts?: Iterable<KnownPrompt>;
  /** Whether the terminator is the last of the digits sent; Webex's documents do not say. Default `true`. */
  readonly sendTerminator?: boolean;
  /** Default: as {@link DialLimits} says for each of them. */
  readonly limits?: DialLimits;
  /**
   * What becomes of an error that the server emits in the call: a handler that threw or took too long, a session store
   * that failed, input that nothing handles. `'fail'`: what the test does next throws `AGENT_FAILED`, since a caller who
   * is transferred by policy looks like one who was meant to be. `'expected'`: the test is about it, and finds the
   * errors in `call.errors`. Default `'fail'`.
   */
  readonly errors?: 'fail' | 'expected';
}

function innerOf(server: object): InProcess {
  const inner = findInProcess(server);
  if (inner === undefined) {
    throw new DialError({
      code: 'SERVER_UNUSABLE',
      message:
        'dial() takes a MediaServer of the same copy of @byova/media: two installed copies do not know each other.',
    });
  }
  const state = inner.state();
  if (state === 'closing' || state === 'closed') {
    throw new DialError({
      code: 'SERVER_UNUSABLE',
      message: 'The server was closed. Make a new one for each test that closes it.',
    });
  }
  return inner;
}

/** Places a call, for {@link dial} and for scenarios. */
export async function placeInnerCall<State>(server: MediaServer<State>, options: DialOptions): Promise<InnerCall> {
  const inner = innerOf(server);
  const known = await loadKnownPrompts(options.texts ?? []);
  const conversationId = options.conversationId ?? randomUUID();
  const paced = {
    get waitsForAgent(): boolean {
      return caller.waitsForAgent || inner.registry.endings > 0;
    },
    breakOff: () => caller.reset(),
  };
  const time = takeTime(inner, options.clock, paced);
  const { clock, pacer } = time;
  const startedMs = clock.now();
  const record = createCallRecord(() => clock.now() - startedMs);
  const organization = options.organization ?? 'test-organization';
  const errors = new AgentErrors({
    server: inner,
    conversationId,
    organization,
    record,
    expected: options.errors === 'expected',
    onEmitted: pacer.touch,
  });
  const caller = createCaller({
    service: inner.service,
    clock,
    record,
    header: {
      conversationId,
      organization,
      agentId: options.agentId ?? '',
      allowPartialResponses: options.allowPartialResponses ?? false,
      vendorConfig: options.vendorConfig ?? '',
      additionalInfo: {},
    },
    admission: inner.admit(options.identity),
    pathDelayMs: inner.pathDelayMs,
    sendTerminator: options.sendTerminator ?? true,
    limits: { replyMs: options.limits?.replyMs ?? 15_000, completionMs: options.limits?.completionMs ?? 2000 },
    describe: known.describe,
    onEnding: (name) => errors.noteEnding(name),
    onActivity: pacer.touch,
    enter: pacer.enter,
  });
  const callMs = options.limits?.callMs ?? 3_600_000;
  const call = createDialedCall({
    ...{ conversationId, server: inner, caller, record, errors, time, known, startedMs, callMs },
  });
  caller.start(options.parameters ?? {});
  return call;
}

/**
 * Calls a server in its own process, without a socket and without `listen`, as Webex calls it: an RPC a turn, 20 ms
 * frames, overlapping RPCs, digits collected as the reply asked, no-input by timer. On the fake clock a call of a minute
 * takes some ms. Needs no test framework.
 *
 * @param server - a server that was not closed. It may have any number of calls at a time
 * @param options - clock, ids, parameters, texts of prompts
 * @returns the call: SESSION_START was sent
 * @throws DialError `CLOCK_UNAVAILABLE`, `SERVER_UNUSABLE` or `AUDIO_UNUSABLE`
 *
 * @example
 * ```ts
 * import { MediaServer, prompt } from '@byova/media';
 * import { dial } from '@byova/media/testing';
 *
 * const enterPin = prompt.tone({ frequencyHz: 440, durationMs: 1500 });
 * const server = new MediaServer({ agents: [{ id: 'demo', name: 'Demo' }] });
 * server.on('session_start', async ({ session }) => {
 *   const pin = await session.collectDigits({ prompt: enterPin, max: 4, terminator: '#' });
 *   await session.transfer({ name: pin.status, metadata: { queue: 'billing' } });
 * });
 *
 * const call = await dial(server, { clock: 'fake', texts: [[enterPin, 'Enter your four digit PIN']] });
 * await call.heard(/four digit PIN/, { withinMs: 500 });
 * await call.press('1234#');
 * const { name, metadata } = await call.transferred();
 * console.log(name, metadata.queue); // ok billing
 * ```
 */
export async function dial<State>(server: MediaServer<State>, options: DialOptions = {}): Promise<DialedCall> {
  return (await placeInnerCall(server, options)).call;
}
