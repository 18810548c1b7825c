// A fault as it is written in JSON: the members of `Fault` but for `hold`; `pattern` for a path by regular expression, and
// `"always"` for a number of times without an end.
import type { Fault } from '../http/fault.ts';
import { HttpError } from '../http/http-error.ts';

type Body = Readonly<Record<string, unknown>>;

const isText = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number';
const isFlag = (value: unknown): boolean => typeof value === 'boolean';

const MEMBERS: Readonly<Record<string, (value: unknown) => boolean>> = {
  method: isText,
  path: isText,
  pattern: isText,
  grant: isText,
  times: (value) => isNumber(value) || value === 'always',
  delayMs: isNumber,
  after: (value) => value === 'before' || value === 'processed',
  status: isNumber,
  headers: (value) => typeof value === 'object' && value !== null && Object.values(value).every(isText),
  body: () => true,
  html: isText,
  retryAfter: (value) => isText(value) || isNumber(value),
  drop: isFlag,
  truncate: isFlag,
};

function expression(pattern: unknown): RegExp {
  try {
    return new RegExp(String(pattern));
  } catch {
    throw new HttpError(400, 'pattern is no regular expression.');
  }
}

/** Reads a fault. Throws 400. */
export function readFault(body: Body): Fault {
  for (const [name, value] of Object.entries(body)) {
    const test = Object.hasOwn(MEMBERS, name) ? MEMBERS[name] : undefined;
    if (test === undefined) throw new HttpError(400, `A fault has no member ${name}.`);
    if (!test(value)) throw new HttpError(400, `${name} of the fault cannot be used.`);
  }
  const { pattern, path, times, ...rest } = body;
  if ((path === undefined) === (pattern === undefined)) throw new HttpError(400, 'A fault needs a path or a pattern.');
  return {
    ...rest,
    path: pattern === undefined ? String(path) : expression(pattern),
    ...(times === undefined ? {} : { times: times === 'always' ? Number.POSITIVE_INFINITY : Number(times) }),
  };
}
