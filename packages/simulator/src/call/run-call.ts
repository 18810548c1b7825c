// The loop of a call: take in what arrived, do what is due, wait for the next thing. Both paces run through it; they
// differ in the clock alone.
import type { CallFacts } from '../caller/call-facts.ts';
import type { Caller } from '../caller/caller.ts';
import type { Arrival, RpcBook } from '../caller/rpc-book.ts';
import { SimulatorError } from '../errors.ts';
import type { ScriptRunner } from '../script/script-runner.ts';
import type { CallClock } from '../time/call-clock.ts';
import { earliest } from '../time/earliest.ts';
import { createMailbox, type Mailbox } from '../time/mailbox.ts';
import { throwIfAborted } from './call-aborted.ts';
import type { ResolvedLimits } from './resolve-options.ts';
import type { CallOutcome } from './timeline.ts';

/** What the loop runs. */
export interface LoopParts {
  readonly clock: CallClock;
  readonly facts: CallFacts;
  readonly limits: ResolvedLimits;
  readonly signal: AbortSignal | undefined;
  readonly rpcs: RpcBook;
  readonly caller: Caller;
  readonly runner: ScriptRunner;
}

/** How a call came out. */
export interface LoopOutcome {
  readonly outcome: CallOutcome;
  readonly failure: SimulatorError | undefined;
}

type Event = Arrival | 'aborted';

/** Messages that may wait for an agent that does not read before the call is given up: 10 s of audio. */
const MAX_BACKLOG = 500;

/** How long reset RPCs may take to say so, in ms. */
const GOODBYE_MS = 1000;

/**
 * How many ms of a call may pass in a real one while the agent hears silence, or hears speech that it has to find the
 * end of. Slow enough that what the caller has sent does not run far ahead of what the agent has read.
 */
const SPEED = { busy: 1, hearing_speech: 20, hearing_silence: 80, idle: Number.POSITIVE_INFINITY } as const;

function exceeded({ facts, limits, rpcs }: LoopParts, nowMs: number): string | undefined {
  if (nowMs >= limits.callMs) return `The call took ${limits.callMs} ms, its limits.callMs.`;
  if (facts.receivedBytes > limits.receivedBytes) return `The agent sent more than limits.receivedBytes.`;
  if (facts.responses > limits.responses) return `The agent sent more than limits.responses.`;
  if (rpcs.all.length > limits.rpcs) return `The call took more RPCs than limits.rpcs.`;
  if (rpcs.backlog > MAX_BACKLOG) return 'The agent does not read the audio: 10 s of it wait to be sent.';
  return undefined;
}

function takeIn(mailbox: Mailbox<Event>, caller: Caller, signal: AbortSignal | undefined, nowMs: number): void {
  for (const event of mailbox.takeAll()) {
    if (event === 'aborted') throwIfAborted(signal);
    else caller.arrive(event, nowMs);
  }
}

async function loop(parts: LoopParts, mailbox: Mailbox<Event>): Promise<void> {
  const { clock, limits, caller, runner } = parts;
  caller.start(clock.now());
  for (;;) {
    const nowMs = clock.now();
    takeIn(mailbox, caller, parts.signal, nowMs);
    caller.tick(nowMs);
    runner.poll(nowMs);
    // What the script has just done may be due at once: the first frame of an utterance, an RPC to open.
    caller.tick(nowMs);
    const reason = caller.failure === undefined ? exceeded(parts, nowMs) : undefined;
    if (reason !== undefined) caller.fail(new SimulatorError('LIMIT_EXCEEDED', reason), nowMs);
    runner.poll(nowMs);
    if (runner.done && caller.settled) return;
    const wakeMs = earliest(caller.nextWakeMs, runner.nextWakeMs) ?? Number.POSITIVE_INFINITY;
    const horizonMs = caller.outcome === undefined ? limits.callMs : nowMs + limits.completionMs;
    await clock.wait(Math.min(wakeMs, horizonMs), SPEED[caller.agentState], mailbox);
  }
}

/** Resets what the agent left open, and waits until that is known to be over. */
async function sayGoodbye(parts: LoopParts, mailbox: Mailbox<Event>): Promise<void> {
  const { clock, rpcs, caller } = parts;
  rpcs.cancelOpen();
  const patienceMs = clock.now() + GOODBYE_MS;
  while (rpcs.open.length > 0 && clock.now() < patienceMs) {
    await clock.wait(patienceMs, 1, mailbox);
    for (const event of mailbox.takeAll()) if (event !== 'aborted') caller.arrive(event, clock.now());
  }
}

/** Runs one call to its end. Rejects with `CALL_ABORTED`; whatever happens, no RPC is left open. */
export async function runCall(
  shared: Omit<LoopParts, 'rpcs' | 'caller' | 'runner'>,
  assemble: (onArrival: (arrival: Arrival) => void) => Pick<LoopParts, 'rpcs' | 'caller' | 'runner'>,
): Promise<LoopOutcome> {
  const mailbox = createMailbox<Event>();
  const parts: LoopParts = { ...shared, ...assemble(mailbox.put) };
  const { signal, caller } = parts;
  const onAbort = (): void => mailbox.put('aborted');
  signal?.addEventListener('abort', onAbort, { once: true });
  try {
    await loop(parts, mailbox);
  } finally {
    signal?.removeEventListener('abort', onAbort);
    await sayGoodbye(parts, mailbox);
  }
  return { outcome: caller.outcome ?? 'failed', failure: caller.failure };
}
