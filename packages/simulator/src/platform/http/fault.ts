// What may be made to go wrong with requests, and the queue of such faults.
import { SimulatorError } from '../../errors.ts';

/**
 * Something to go wrong with the next matching requests. Without a `status`, `drop` and the like it only delays.
 *
 * @example
 * ```ts
 * import { startPlatform } from '@byova/simulator';
 *
 * await using platform = await startPlatform();
 * platform.fault({ path: '/v1/access_token', grant: 'refresh_token', status: 429, retryAfter: 2 });
 * platform.fault({ method: 'POST', path: '/v1/webhooks', after: 'processed', drop: true });
 * ```
 */
export interface Fault {
  /** Only requests with this method. Default: any. */
  readonly method?: string;
  /** The path of the requests, without a query, for example `/v1/access_token`. */
  readonly path: string | RegExp;
  /** Only token requests with this `grant_type`. Default: any request. */
  readonly grant?: string;
  /** How many requests it befalls: a positive whole number, or `Infinity`. Default 1. */
  readonly times?: number;
  /** Milliseconds of real time to wait before whatever follows. Default 0. */
  readonly delayMs?: number;
  /** Goes on only after this has settled, one way or the other: for tests without sleeps. */
  readonly hold?: Promise<unknown>;
  /**
   * `'before'`: the request has no effect, unless the fault only delays; one whose client went away in the meantime has
   * none either. `'processed'`: the request takes effect first, and the fault befalls the answer. Default `'before'`.
   */
  readonly after?: 'before' | 'processed';
  /** Answers with this status. Default 429 with `retryAfter`, 502 with `html`, 500 with `body`. */
  readonly status?: number;
  /** Headers on top of the usual ones. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The body, written as JSON. Default: an error in the shape of the REST API. */
  readonly body?: unknown;
  /** The body, as an HTML page: what a proxy in between answers. */
  readonly html?: string;
  /** Sent as `Retry-After`: seconds, or a date of HTTP. */
  readonly retryAfter?: string | number;
  /** Breaks the connection without an answer. */
  readonly drop?: boolean;
  /** Announces the whole body, sends half of it and breaks the connection. */
  readonly truncate?: boolean;
}

/** What a fault is matched against. */
export interface FaultSubject {
  readonly method: string;
  readonly path: string;
  readonly grant?: string;
}

/** The faults that are still to befall somebody. */
export interface FaultQueue {
  /** Throws `INVALID_OPTION` for a fault that cannot be used. */
  add(fault: Fault): void;
  clear(): void;
  /** The first fault that matches, used up by one. */
  take(subject: FaultSubject): Fault | undefined;
}

/** Whether a path is the one that is meant: the same text, before or after decoding, or matched by the expression. */
export function matchesPath(wanted: string | RegExp, path: string): boolean {
  if (typeof wanted === 'string') return wanted === path || encodeURI(wanted) === path;
  // A copy: the position that a global expression remembers must not decide.
  return new RegExp(wanted.source, wanted.flags.replaceAll(/[gy]/g, '')).test(path);
}

/** Whether a fault answers, rather than only delaying. */
export function answers({ status, body, html, retryAfter, drop, truncate }: Fault): boolean {
  const answer = status ?? body ?? html ?? retryAfter;
  return answer !== undefined || drop === true || truncate === true;
}

function check({ times = 1, status = 200, delayMs = 0 }: Fault): void {
  const wrong = (what: string): never => {
    throw new SimulatorError('INVALID_OPTION', `fault.${what}`);
  };
  if (times !== Number.POSITIVE_INFINITY && !(Number.isInteger(times) && times > 0)) {
    wrong('times must be a positive whole number or Infinity.');
  }
  if (!(Number.isInteger(status) && status >= 200 && status <= 599)) wrong('status must be between 200 and 599.');
  if (!(delayMs >= 0 && delayMs < 2 ** 31)) wrong('delayMs must be between 0 and 2147483647.');
}

/** Makes an empty queue. */
export function createFaultQueue(): FaultQueue {
  let queue: { readonly fault: Fault; left: number }[] = [];
  return {
    add: (fault) => {
      check(fault);
      // A hold that fails before any request met it must not end the process.
      fault.hold?.then(undefined, () => undefined);
      queue.push({ fault, left: fault.times ?? 1 });
    },
    clear: () => {
      queue = [];
    },
    take: ({ method, path, grant }) => {
      const entry = queue.find(
        ({ fault }) =>
          (fault.method === undefined || fault.method.toUpperCase() === method) &&
          (fault.grant === undefined || fault.grant === grant) &&
          matchesPath(fault.path, path),
      );
      if (entry === undefined) return undefined;
      entry.left -= 1;
      if (entry.left <= 0) queue = queue.filter((other) => other !== entry);
      return entry.fault;
    },
  };
}
