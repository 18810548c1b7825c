// One RPC of a case: sends, keeps what arrives with its time, and waits for what should.
import type { RpcStatus } from '../../wire/messages.ts';
import type { WireMethod } from '../../wire/methods.ts';
import type { RuleCode } from '../case-rules.ts';
import { CaseFailure } from './case-failure.ts';

/** A response and when it came, in ms from the opening of its RPC. */
export interface Received<Response> {
  readonly response: Response;
  readonly atMs: number;
  /** In one word, for messages to people. */
  readonly kind: string;
}

/** How an RPC ended, and when. */
export interface Ended extends RpcStatus {
  readonly atMs: number;
}

/** An RPC. */
export interface ProbeRpc<Request, Response> {
  /** Counted from 1 in its case. */
  readonly number: number;
  readonly received: readonly Received<Response>[];
  readonly ended: Ended | undefined;
  elapsedMs(): number;
  send(request: Request): void;
  halfClose(): void;
  cancel(): void;
  /** Waits for a response; `what` names it in the reason when it does not come. */
  until(
    what: string,
    matches: (received: Received<Response>) => boolean,
    withinMs: number,
  ): Promise<Received<Response>>;
  /** Waits for the end; `what` names the RPC in the reason when it does not come. */
  finished(withinMs: number, what?: string): Promise<Ended>;
}

/** An RPC that is over. */
export interface FinishedRpc<Response> extends Ended {
  readonly rpc: number;
  readonly received: readonly Received<Response>[];
}

/** How an RPC is opened, and how its messages are written in the timeline: by default, as JSON. */
export interface OpenRpcOptions<Request, Response> {
  /** The whole `authorization`; `null` sends none. Default: the run's token. */
  readonly authorization?: string | null | undefined;
  readonly sent?: (request: Request) => string;
  readonly got?: (response: Response) => string;
  readonly kind?: (response: Response) => string;
}

/** Opens an RPC of any method. */
export type OpenRpc = <Request, Response>(
  method: WireMethod<Request, Response>,
  options?: OpenRpcOptions<Request, Response>,
) => ProbeRpc<Request, Response>;

/** What happens on an RPC, told to the waits. */
export interface RpcInbox<Response> {
  readonly received: Received<Response>[];
  ended: Ended | undefined;
  /** Looks that are taken again whenever something has arrived. */
  readonly looks: Set<() => void>;
}

/** Waits for a moment at which `find` finds something. Fails with `reason()`, under the rule, when the time is up. */
export type WaitFor = <Found>(
  inbox: Pick<RpcInbox<unknown>, 'looks'>,
  find: () => Found | undefined,
  withinMs: number,
  reason: () => string,
  rule?: RuleCode,
) => Promise<Found>;

/** What arrived, in a few words. */
export function summary(received: readonly { readonly kind: string }[], ended: Ended | undefined): string {
  const kinds = received.map(({ kind }) => kind);
  const shown = kinds.length > 8 ? [...kinds.slice(0, 4), `${kinds.length - 8} more`, ...kinds.slice(-4)] : kinds;
  const got = shown.length === 0 ? 'nothing came' : `got ${shown.join(', ')}`;
  return ended === undefined ? got : `${got}, then status ${describeStatus(ended)}`;
}

/** A status with its text. */
export function describeStatus({ name, details }: RpcStatus): string {
  return details === '' ? name : `${name} ${JSON.stringify(details)}`;
}

/** The waits of an RPC. */
export function waitsOf<Response>(
  number: number,
  inbox: RpcInbox<Response>,
  waitFor: WaitFor,
): Pick<ProbeRpc<never, Response>, 'until' | 'finished'> {
  return {
    until: (what, matches, withinMs) =>
      waitFor(
        inbox,
        () => {
          const found = inbox.received.find(matches);
          if (found === undefined && inbox.ended !== undefined) {
            throw new CaseFailure(`RPC ${number} ended without ${what}: ${summary(inbox.received, inbox.ended)}.`);
          }
          return found;
        },
        withinMs,
        () => `RPC ${number} had no ${what} within ${withinMs} ms: ${summary(inbox.received, inbox.ended)}.`,
      ),
    finished: (withinMs, what = `RPC ${number}`) =>
      waitFor(
        inbox,
        () => inbox.ended,
        withinMs,
        () => `${what} was not completed within ${withinMs} ms: ${summary(inbox.received, inbox.ended)}.`,
        'RPC_NOT_COMPLETED',
      ),
  };
}
