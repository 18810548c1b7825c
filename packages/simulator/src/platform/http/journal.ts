// Every request that the platform received, for tests and for people to look into.
import { matchesPath } from './fault.ts';
import { bodyText, mediaType } from './request.ts';

/** One request, as it arrived, and what was answered. */
export interface JournalEntry {
  /** Counts from 0 and goes on counting when the journal is cleared. */
  readonly index: number;
  /** When its body had been read: ms since 1970, by the platform's clock. */
  readonly at: number;
  /** In upper case. */
  readonly method: string;
  /** Percent-encoded as it was sent, without the query. */
  readonly path: string;
  /** The first value of each parameter. */
  readonly query: Readonly<Record<string, string>>;
  /** Lower-case names; several of one name joined by `, `. */
  readonly headers: Readonly<Record<string, string>>;
  /** As text; empty when there was none. */
  readonly body: string;
  /** The first value of each field, where the body is a form. */
  readonly form?: Readonly<Record<string, string>>;
  /** The body, where it is JSON that can be read. */
  readonly json?: unknown;
  /** `undefined` until it is answered, and for good when the connection is broken instead. */
  readonly status: number | undefined;
  /** What the answer carries as `trackingid`. */
  readonly trackingId: string;
  /** The `grant_type`, of a token request. */
  readonly grant?: string;
}

/** Which requests are meant. What is left out matches all. */
export interface RequestFilter {
  /** The method, in any case. */
  readonly method?: string;
  /** The whole path without a query, or an expression that finds something in it. */
  readonly path?: string | RegExp;
  /** The `grant_type` of token requests. */
  readonly grant?: string;
}

/** An entry while its request is being answered. */
export type OpenEntry = { -readonly [Key in keyof JournalEntry]: JournalEntry[Key] };

/** What is known when a request has been read. */
export type Arrival = Pick<JournalEntry, 'at' | 'method' | 'path' | 'headers' | 'trackingId'> & {
  readonly query: URLSearchParams;
  readonly body: Uint8Array;
};

/** The journal. */
export interface Journal {
  record(arrival: Arrival): OpenEntry;
  all(): readonly JournalEntry[];
  find(filter: RequestFilter): readonly JournalEntry[];
  /** Resolves once as many matching requests have arrived; rejects with what `stop` gives. */
  wait(filter: RequestFilter, count: number): Promise<readonly JournalEntry[]>;
  clear(): void;
  /** Ends all waiting. */
  stop(reason: Error): void;
}

function firstOfEach(parameters: URLSearchParams): Record<string, string> {
  const first = new Map<string, string>();
  for (const [name, value] of parameters) if (!first.has(name)) first.set(name, value);
  return Object.fromEntries(first);
}

function readable(body: string): { readonly json?: unknown } {
  try {
    return { json: JSON.parse(body) };
  } catch {
    return {};
  }
}

function parsed(
  headers: Readonly<Record<string, string>>,
  body: string,
): Pick<JournalEntry, 'form' | 'json' | 'grant'> {
  const type = mediaType(headers);
  if (type === 'application/json') return readable(body);
  if (type !== 'application/x-www-form-urlencoded') return {};
  const form = firstOfEach(new URLSearchParams(body));
  const grant = form['grant_type'];
  return { form, ...(grant === undefined ? {} : { grant }) };
}

function matches(entry: JournalEntry, { method, path, grant }: RequestFilter): boolean {
  return (
    (method === undefined || method.toUpperCase() === entry.method) &&
    (grant === undefined || grant === entry.grant) &&
    (path === undefined || matchesPath(path, entry.path))
  );
}

/** Makes an empty journal. */
export function createJournal(): Journal {
  let entries: OpenEntry[] = [];
  let next = 0;
  let waiting: { readonly check: () => boolean; readonly reject: (reason: Error) => void }[] = [];
  const find = (filter: RequestFilter): readonly JournalEntry[] => entries.filter((entry) => matches(entry, filter));
  return {
    record: ({ query, body: bytes, ...arrival }) => {
      const body = bodyText(bytes);
      const read = parsed(arrival.headers, body);
      const entry: OpenEntry = {
        index: next++,
        ...arrival,
        query: firstOfEach(query),
        body,
        ...read,
        status: undefined,
      };
      entries.push(entry);
      waiting = waiting.filter(({ check }) => !check());
      return entry;
    },
    all: () => [...entries],
    find,
    wait: (filter, count) =>
      new Promise((resolve, reject) => {
        const check = (): boolean => {
          const found = find(filter);
          if (found.length < count) return false;
          resolve(found);
          return true;
        };
        if (!check()) waiting.push({ check, reject });
      }),
    clear: () => {
      entries = [];
    },
    stop: (reason) => {
      for (const { reject } of waiting) reject(reason);
      waiting = [];
    },
  };
}
