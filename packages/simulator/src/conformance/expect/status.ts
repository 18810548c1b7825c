// What the cases ask of the end of an RPC.
import type { RuleCode } from '../case-rules.ts';
import { must } from '../probe/case-failure.ts';
import { describeStatus, type Ended, type FinishedRpc, summary } from '../probe/probe-rpc.ts';

/** Statuses of gRPC that the cases name. */
export const OK = 0;
export const CANCELLED = 1;
export const INVALID_ARGUMENT = 3;
export const NOT_FOUND = 5;
export const PERMISSION_DENIED = 7;
export const UNIMPLEMENTED = 12;
export const INTERNAL = 13;
export const UNAUTHENTICATED = 16;

const NAMES: Readonly<Record<number, string>> = {
  [OK]: 'OK',
  [CANCELLED]: 'CANCELLED',
  [INVALID_ARGUMENT]: 'INVALID_ARGUMENT',
  [NOT_FOUND]: 'NOT_FOUND',
  [PERMISSION_DENIED]: 'PERMISSION_DENIED',
  [INTERNAL]: 'INTERNAL',
  [UNAUTHENTICATED]: 'UNAUTHENTICATED',
};

/** Ends the case unless an RPC ended with one of the statuses. `what` says what was asked. */
export function mustEndWith(ended: Ended, codes: readonly number[], what: string, rule?: RuleCode): void {
  const wanted = codes.map((code) => NAMES[code] ?? String(code)).join(' or ');
  must(codes.includes(ended.code), `${what} must end with ${wanted}; it ended with ${describeStatus(ended)}.`, rule);
}

/** Ends the case unless an RPC was completed with OK. */
export function mustBeOk(ended: Ended, what: string): void {
  mustEndWith(ended, [OK], what, 'STATUS_NOT_OK');
}

/** Ends the case unless an RPC was completed with OK and nothing came on it. */
export function mustBeSilent(rpc: Pick<FinishedRpc<unknown>, 'received'>, ended: Ended, what: string): void {
  mustBeOk(ended, what);
  must(rpc.received.length === 0, `${what} must be completed without a message; ${summary(rpc.received, undefined)}.`);
}
