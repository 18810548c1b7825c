// One made-up conversation: a server's options and handlers, what the platform does to it, and what must hold whatever
// happens. Gives the rules that were broken.
import { getEventListeners } from 'node:events';
import fc from 'fast-check';
import type { MediaEventName, Session, Turn } from '../../../src/index.ts';
import type { Call } from '../../../src/session/call.ts';
import type { SpeechDetectorFactory } from '../../../src/speech/speech-detector.ts';
import { createTestCore } from '../core-harness.ts';
import { settle } from '../fake-clock.ts';
import { type Move, moves } from './caller-input.ts';
import { createCountedTree } from './counted-node.ts';
import { type ObservedRpc, openObservedRpc } from './observed-rpc.ts';
import { perform, type Script, type Stage, script } from './scripts.ts';
import { makeSource, type SourceKind, sourceKind } from './sources.ts';

const SCRIPTED = [
  'session_start',
  'session_resumed',
  'dtmf_input',
  'utterance',
  'no_input',
  'custom_event',
  'turn_started',
  'turn_ended',
  'dtmf_started',
  'speech_started',
  'barge_in',
  'audio_input',
  'error',
] as const satisfies readonly MediaEventName[];

const TURN_TIMEOUT_MS = 2000;
/** Longer than every answer can take: turn timeouts, terminal events that wait for audio, sources that go on and on. */
const ANSWERED_MS = 90_000;
const IDLE_MS = 200_000;
const MAX_SESSION_MS = 600_000;

/** A made-up conversation. */
export interface Conversation {
  readonly audioMode: 'wav' | 'chunk';
  readonly onError: 'transfer' | 'end' | 'continue';
  readonly onUnhandled: 'transfer' | 'end' | 'continue';
  readonly errorPrompt: SourceKind;
  readonly manual: boolean;
  readonly slow: boolean;
  readonly partial: boolean;
  readonly stateThrows: boolean;
  readonly interruption: Interruption;
  readonly handlers: Readonly<Partial<Record<(typeof SCRIPTED)[number] | 'session_end', Script>>>;
  readonly moves: readonly Move[];
}

/** When speech interrupts, and what the recognizer of false starts does. */
interface Interruption {
  readonly minSpeechMs: number;
  readonly falseStartMs: number;
  readonly isFalseStart: 'always' | 'never' | 'later' | 'throws' | 'hangs';
}

const policy = fc.constantFrom('transfer' as const, 'end' as const, 'continue' as const);
const rarely = fc.nat(9).map((n) => n === 9);

/** Makes conversations up. */
export const conversation: fc.Arbitrary<Conversation> = fc.record({
  audioMode: fc.constantFrom('wav' as const, 'chunk' as const),
  onError: policy,
  onUnhandled: policy,
  errorPrompt: fc.oneof({ weight: 3, arbitrary: fc.constant<SourceKind>('bytes') }, sourceKind),
  manual: rarely,
  slow: rarely,
  partial: fc.boolean(),
  stateThrows: rarely,
  interruption: fc.record({
    minSpeechMs: fc.constantFrom(0, 0, 100),
    falseStartMs: fc.constantFrom(0, 0, 60, 400),
    isFalseStart: fc.constantFrom<Interruption['isFalseStart']>('always', 'never', 'later', 'throws', 'hangs'),
  }),
  handlers: fc.record(
    Object.fromEntries([...SCRIPTED, 'session_end' as const].map((name) => [name, script])) as Record<
      (typeof SCRIPTED)[number] | 'session_end',
      fc.Arbitrary<Script>
    >,
    { requiredKeys: [] },
  ),
  moves,
});

/** Loud is speech, and two quiet blocks are its end: what is tested here is not the detector. */
const plainDetector: SpeechDetectorFactory = ({ sampleRateHz }) => {
  let speaking = false;
  let quiet = 0;
  return {
    sampleRateHz,
    push(samples) {
      quiet = Math.abs(samples[0] ?? 0) > 1000 ? 0 : quiet + 1;
      if (!speaking && quiet === 0) {
        speaking = true;
        return 'started';
      }
      if (!speaking || quiet < 2) return 'none';
      speaking = false;
      return 'ended';
    },
    reset() {
      speaking = false;
      quiet = 0;
    },
  };
};

interface CallRecord {
  ends: number;
  session: Session | undefined;
}

/** Contents that an RPC of their own brings, and that must be answered unless the call is over. */
const WANT_ANSWER: ReadonlySet<string> = new Set(['key', 'keys', 'terminator', 'no_input', 'custom_event']);

/** Runs a conversation to its end and says which rules were broken. */
export async function violationsOf(made: Conversation): Promise<readonly string[]> {
  const violations: string[] = [];
  const records: CallRecord[] = [];
  const terminals = new Map<Call, number>();
  const tree = createCountedTree();
  const lasting = new AbortController();
  let running = 0;
  let states = 0;

  const core = createTestCore(
    {
      audioMode: made.audioMode,
      onError: made.onError,
      onUnhandled: made.onUnhandled,
      errorPrompt:
        made.errorPrompt === 'bytes'
          ? new Uint8Array(160)
          : (context) => {
              const source = makeSource(made.errorPrompt, core.clock);
              // A factory may not give a factory.
              return typeof source === 'function' ? (source(context) as Uint8Array) : source;
            },
      interruption: {
        ...made.interruption,
        isFalseStart: async () => {
          if (made.interruption.isFalseStart === 'throws') throw new Error('no recognizer');
          if (made.interruption.isFalseStart === 'later') await settle();
          if (made.interruption.isFalseStart === 'hangs') await new Promise(() => {});
          return made.interruption.isFalseStart !== 'never';
        },
      },
      speech: made.manual ? 'manual' : plainDetector,
      limits: { turnTimeoutMs: TURN_TIMEOUT_MS, idleTimeoutMs: IDLE_MS, maxSessionMs: MAX_SESSION_MS },
      state: () => {
        states += 1;
        if (made.stateThrows && states % 2 === 1) throw new Error('no state');
        const record: CallRecord = { ends: 0, session: undefined };
        records.push(record);
        return record;
      },
    },
    tree.root,
  );
  const stage: Stage = { clock: core.clock, signal: lasting.signal, pending: new Map() };

  const run = (name: keyof Conversation['handlers'], session: Session, turn: Turn | undefined): unknown => {
    const what = made.handlers[name];
    if (what === undefined) return undefined;
    const result = perform(stage, name, what, session, turn);
    if (result instanceof Promise) {
      running += 1;
      const settled = (): void => {
        running -= 1;
      };
      result.then(settled, settled);
    }
    return result;
  };
  const note = (session: Session): CallRecord => {
    const record = session.state as CallRecord;
    record.session = session;
    return record;
  };
  for (const name of SCRIPTED) {
    if (made.handlers[name] === undefined && name !== 'turn_started') continue;
    core.on(name, (context) => {
      note(context.session);
      return run(name, context.session, 'turn' in context ? context.turn : undefined);
    });
  }
  core.on('session_end', ({ session }) => {
    note(session).ends += 1;
    return run('session_end', session, undefined);
  });

  const isOver = (conversationId: string): boolean =>
    records.findLast(({ session }) => session?.id === conversationId)?.session?.signal.aborted ?? true;
  const rpcs: ObservedRpc[] = [];
  const observer = {
    onViolation: (text: string) => void violations.push(text),
    onTerminal(header: ObservedRpc['header']) {
      const call = core.registry.find(header);
      if (call === undefined) return;
      terminals.set(call, (terminals.get(call) ?? 0) + 1);
    },
    onCompleted({ first, finals, header }: ObservedRpc) {
      if (!WANT_ANSWER.has(first) || finals > 0 || isOver(header.conversationId)) return;
      violations.push(`an RPC with ${first} was completed without a FINAL`);
    },
  };

  const make = (move: Move): void => {
    const rpc = 'rpc' in move ? rpcs[move.rpc % rpcs.length] : undefined;
    switch (move.do) {
      case 'open': {
        const opened = openObservedRpc({
          core,
          clock: core.clock,
          number: rpcs.length,
          conversationId: `c${move.call}`,
          first: move.content,
          slow: made.slow,
          allowPartialResponses: made.partial,
          observer,
        });
        rpcs.push(opened);
        if (move.halfClose) opened.halfClose();
        break;
      }
      case 'send':
        rpc?.give(move.content);
        break;
      case 'half_close':
        rpc?.halfClose();
        break;
      case 'cancel':
        rpc?.cancel();
        break;
      case 'change_ids':
        rpc?.changeIds();
        break;
      case 'leave':
        core.registry.leaveAll('transfer', undefined);
        break;
      case 'pass':
        break;
    }
  };

  const unhandled = (error: unknown): void => void violations.push(`unhandled rejection: ${String(error)}`);
  process.on('unhandledRejection', unhandled);
  try {
    for (const move of made.moves) {
      make(move);
      if (move.do === 'pass') await core.clock.advance(move.ms);
      else if (move.settles) await settle();
    }
    for (const rpc of rpcs) rpc.halfClose();
    await core.clock.advance(ANSWERED_MS);
    rpcs.forEach((rpc, number) => {
      if (rpc.status === 'open') violations.push(`RPC ${number} (${rpc.first}) is still open`);
    });
    if (core.registry.openTurns > 0) violations.push(`${core.registry.openTurns} turns are open`);
    // A call and prompts that wait in it for an RPC; a question and its prompt; each handler.
    const inUse = core.registry.size * 4 + running + stage.pending.size * 2;
    if (tree.live > inUse) violations.push(`${tree.live} signals are kept, ${inUse} at most are in use`);

    for (const { session } of records) {
      if (session === undefined || session.signal.aborted) continue;
      const kept = getEventListeners(session.signal, 'abort').length;
      // One is the tree's own.
      if (kept > 1) violations.push(`${kept} listeners on the signal of a call`);
    }

    await core.clock.advance(IDLE_MS + MAX_SESSION_MS);
  } finally {
    process.off('unhandledRejection', unhandled);
  }
  for (const [index, { ends }] of records.entries()) {
    if (ends !== 1) violations.push(`call ${index} had ${ends} session_end`);
  }
  for (const count of terminals.values()) {
    if (count > 1) violations.push(`${count} terminal events for one call`);
  }
  if (core.registry.size > 0) violations.push(`${core.registry.size} calls are left`);
  if (core.clock.pending > 0) violations.push(`${core.clock.pending} timers are left`);
  if (tree.live > 0) violations.push(`${tree.live} signals are left`);
  for (const what of stage.pending.values()) violations.push(`never settled: ${what}`);
  const listeners = getEventListeners(lasting.signal, 'abort').length;
  if (listeners > 0) violations.push(`${listeners} listeners on a signal of the user's`);
  return violations;
}
