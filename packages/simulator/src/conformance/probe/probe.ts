// The caller of one case: opens RPCs on the run's connection, writes down what goes over them, and takes all of them down
// when the case is over. Every wait of it has an end: its own time, or the case's signal.
import type { SimulatorClock } from '../../time/clock.ts';
import type { WireMethod } from '../../wire/methods.ts';
import type { ServerConnection } from '../../wire/server-connection.ts';
import type { RuleCode } from '../case-rules.ts';
import type { RunSettings } from '../run-settings.ts';
import { CaseFailure } from './case-failure.ts';
import { createCaseTimeline } from './case-timeline.ts';
import { type Conversation, type ConversationOptions, createConversation } from './conversation.ts';
import { type CaseFinding, CaseFindings } from './findings.ts';
import {
  describeStatus,
  type FinishedRpc,
  type OpenRpc,
  type OpenRpcOptions,
  type ProbeRpc,
  type RpcInbox,
  type WaitFor,
  waitsOf,
} from './probe-rpc.ts';

/**
 * What grpc-js ends an RPC with when a message is written after the server's status has come and before it has read the
 * messages ahead of that. It takes the place of the status and of those messages, whatever the server sent.
 */
const OWN_FAILURE = 'Write error: write after end';
/** What one RPC may send before the case is given up. */
const MAX_RESPONSES = 5000;
const MAX_BYTES = 32 * 1024 * 1024;

/** The caller of one case. */
export interface Probe {
  readonly settings: RunSettings;
  readonly signal: AbortSignal;
  /** A conversation of its own, or the one that is named. */
  conversation(options?: ConversationOptions & { readonly id?: string }): Conversation;
  readonly open: OpenRpc;
  /** A unary call. */
  ask<Request, Response>(
    method: WireMethod<Request, Response>,
    request: Request,
    options?: OpenRpcOptions<Request, Response>,
  ): Promise<FinishedRpc<Response>>;
  sleep(ms: number): Promise<void>;
  now(): number;
  /** Says in the report that a part of the case was left out. */
  note(text: string): void;
  /**
   * Runs a part of the case that asks for what this rule says and no more: where it fails, the case goes on. Resolves with
   * whether the server keeps the rule. Rejects when the case has to stop.
   */
  advise(rule: RuleCode, part: () => void | Promise<void>): Promise<boolean>;
  /** Notes a finding with which the case can go on. */
  find(finding: CaseFinding): void;
  /** Writes into the timeline. */
  remark(text: string): void;
}

/** A probe and what its runner does with it. */
export interface OwnedProbe extends Probe {
  readonly timeline: readonly string[];
  readonly notes: readonly string[];
  readonly findings: readonly CaseFinding[];
  /** Whether an RPC failed on this side, so that nothing is known about the server. */
  readonly disturbed: boolean;
  /** Resets what is still open. */
  close(): void;
}

function json(value: unknown): string {
  return JSON.stringify(value) ?? '';
}

/** Makes the probe of one case. */
export function createProbe(parts: {
  readonly caseId: string;
  readonly settings: RunSettings;
  readonly connection: ServerConnection;
  readonly clock: SimulatorClock;
  readonly signal: AbortSignal;
}): OwnedProbe {
  const { caseId, settings, connection, clock, signal } = parts;
  const startMs = clock.now();
  const now = (): number => clock.now() - startMs;
  const timeline = createCaseTimeline();
  const notes: string[] = [];
  const findings = new CaseFindings();
  const openRpcs = new Set<() => void>();
  let disturbed = false;
  let rpcs = 0;
  let conversations = 0;

  const waitFor: WaitFor = (inbox, find, withinMs, reason, rule) =>
    new Promise((resolve, reject) => {
      const settle = (act: () => void): void => {
        inbox.looks.delete(look);
        cancelTimer();
        signal.removeEventListener('abort', giveUp);
        act();
      };
      const look = (): void => {
        try {
          const found = find();
          if (found !== undefined) settle(() => resolve(found));
        } catch (error) {
          settle(() => reject(error));
        }
      };
      const giveUp = (): void => settle(() => reject(new CaseFailure(reason(), rule)));
      const cancelTimer = clock.setTimer(giveUp, withinMs);
      signal.addEventListener('abort', giveUp, { once: true });
      inbox.looks.add(look);
      if (signal.aborted) giveUp();
      else look();
    });

  const open = <Request, Response>(
    method: WireMethod<Request, Response>,
    options: OpenRpcOptions<Request, Response> = {},
  ): ProbeRpc<Request, Response> => {
    rpcs += 1;
    const number = rpcs;
    const { sent = json, got = json, kind = got, authorization } = options;
    const openedMs = clock.now();
    const elapsedMs = (): number => clock.now() - openedMs;
    const inbox: RpcInbox<Response> = { received: [], ended: undefined, looks: new Set() };
    const wake = (): void => {
      for (const look of [...inbox.looks]) look();
    };
    let bytes = 0;
    timeline.add(now(), `RPC ${number} opened: ${method.path.slice(method.path.lastIndexOf('/') + 1)}`);
    const wire = connection.open<Request, Response>(
      method,
      authorization === null ? undefined : (authorization ?? settings.authorization),
      {
        onResponse(response) {
          if (inbox.received.length >= MAX_RESPONSES || bytes > MAX_BYTES) {
            wire.cancel();
            return;
          }
          const { bytes: size } = response as { readonly bytes?: number };
          bytes += size ?? 0;
          timeline.add(now(), `RPC ${number} < ${got(response)}`);
          inbox.received.push({ response, atMs: elapsedMs(), kind: kind(response) });
          wake();
        },
        onStatus(status) {
          openRpcs.delete(cancel);
          disturbed ||= status.details === OWN_FAILURE;
          timeline.add(now(), `RPC ${number} < status ${describeStatus(status)}`);
          inbox.ended = { ...status, atMs: elapsedMs() };
          wake();
        },
      },
    );
    const cancel = (): void => wire.cancel();
    openRpcs.add(cancel);
    return {
      number,
      received: inbox.received,
      get ended() {
        return inbox.ended;
      },
      elapsedMs,
      send(request) {
        if (inbox.ended !== undefined) return;
        timeline.addOne(now(), number, sent(request));
        wire.send(request);
      },
      halfClose() {
        timeline.add(now(), `RPC ${number} > half-close`);
        wire.halfClose();
      },
      cancel() {
        timeline.add(now(), `RPC ${number} > cancel`);
        cancel();
      },
      ...waitsOf(number, inbox, waitFor),
    };
  };

  return {
    settings,
    signal,
    conversation(options = {}) {
      conversations += 1;
      const id = options.id ?? `${settings.runId}-${caseId.toLowerCase()}-${conversations}`;
      return createConversation(id, options, settings, open);
    },
    open,
    async ask(method, request, options) {
      const rpc = open(method, options);
      rpc.send(request);
      rpc.halfClose();
      return { ...(await rpc.finished(settings.replyMs)), rpc: rpc.number, received: rpc.received };
    },
    sleep: (ms) =>
      new Promise((resolve, reject) => {
        const stop = (): void => {
          cancelTimer();
          reject(new CaseFailure('The case ran out of time.'));
        };
        const cancelTimer = clock.setTimer(() => {
          signal.removeEventListener('abort', stop);
          resolve();
        }, ms);
        if (signal.aborted) stop();
        else signal.addEventListener('abort', stop, { once: true });
      }),
    now,
    note: (text) => void notes.push(text),
    async advise(rule, part) {
      const kept = await findings.within(rule, part);
      if (signal.aborted) throw new CaseFailure('The case ran out of time.');
      return kept;
    },
    find: (finding) => findings.add(finding),
    get findings() {
      return findings.all;
    },
    remark: (text) => timeline.add(now(), text),
    notes,
    get disturbed() {
      return disturbed;
    },
    get timeline() {
      return timeline.lines;
    },
    close() {
      for (const cancel of openRpcs) cancel();
    },
  };
}
