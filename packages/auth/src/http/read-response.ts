// The body of an answer: parsed once, checked by a schema.
import { UnexpectedResponseError } from '../errors/webex-errors.ts';
import type { RawResponse } from './error-from-response.ts';
import { redact } from './redact.ts';
import { describeProblems, type ResponseSchema } from './response-schema.ts';

/** A body that was parsed: its value is undefined when there was none, or when it is no JSON. */
export interface ParsedBody {
  readonly isJson: boolean;
  readonly value: unknown;
}

/** Where an answer came from, for an error about it. */
export interface AnswerContext {
  readonly method: string;
  readonly path: string;
  readonly trackingId: string | undefined;
  /** What must not be in a message. */
  readonly secrets: readonly string[];
}

export function parseBody(text: string): ParsedBody {
  if (text.trim() === '') return { isJson: true, value: undefined };
  try {
    return { isJson: true, value: JSON.parse(text) };
  } catch {
    return { isJson: false, value: undefined };
  }
}

/** The value of a body, checked and typed by the schema. @throws UnexpectedResponseError */
export function checkBody<T>(
  { status }: RawResponse,
  body: ParsedBody,
  schema: ResponseSchema<T> | undefined,
  { method, path, trackingId, secrets }: AnswerContext,
): T {
  const fail = (problem: string): never => {
    // The names of members are text of the peer as well.
    throw new UnexpectedResponseError({ status, trackingId, method, path, problem: redact(problem, secrets) });
  };
  if (!body.isJson) fail('the body is not JSON');
  if (schema === undefined) return body.value as T;
  const checked = schema.safeParse(body.value);
  return checked.success ? checked.data : fail(`wrong or missing: ${describeProblems(checked.error)}`);
}
