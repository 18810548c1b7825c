// What is stored of a call: everything that another replica needs to go on with it, and nothing of what was said.
import { z } from 'zod';
import type { CallEndReason } from '../errors/media-errors.ts';
import { sameExpectation } from '../turn/expectation.ts';
import type { ReplyEnding } from '../turn/reply-writer.ts';
import type { JsonObject, JsonValue } from '../wire/json.ts';
import type { InputExpectation, OutputEvent } from '../wire/response.ts';
import type { CallState } from './call-state.ts';
import type { SessionAgent } from './session.ts';

/** Written into every record: a later layout gets another. */
const LAYOUT = 1;

/** A call that goes on. */
export interface LiveRecord {
  readonly agent: SessionAgent;
  readonly parameters: JsonObject;
  readonly begun: boolean;
  readonly answered: boolean;
  readonly leftByEvent: boolean;
  readonly noInputCount: number;
  readonly unhandledCount: number;
  /** Which replica's memory of the call wrote it. */
  readonly writer: string;
  /** Replies that all replicas have given. */
  readonly replies: number;
  /** What the platform was last told; decides how digits are read. */
  readonly announced?: InputExpectation | undefined;
  /** What `session.expect` said. */
  readonly input?: InputExpectation | undefined;
  /** Events for the flow that wait for a reply. */
  readonly emits: readonly OutputEvent[];
  readonly state?: JsonValue | undefined;
}

/** The mark of a call that is over: media of it that is still on its way begins nothing. */
export interface EndedRecord {
  readonly ended: string;
}

const expectation = z.object({
  mode: z.enum(['voice', 'dtmf', 'voice_dtmf']),
  dtmf: z.object({ length: z.number(), interDigitMs: z.number(), terminator: z.string().optional() }),
  speech: z.object({ completeMs: z.number(), incompleteMs: z.number(), maxSpeechMs: z.number() }),
  noInputMs: z.number(),
  sensitive: z.boolean(),
});

const schema = z.union([
  z.object({ layout: z.literal(LAYOUT), ended: z.string() }),
  z.object({
    layout: z.literal(LAYOUT),
    agent: z.object({ id: z.string(), name: z.string() }),
    parameters: z.looseObject({}),
    begun: z.boolean(),
    answered: z.boolean(),
    leftByEvent: z.boolean(),
    noInputCount: z.number(),
    unhandledCount: z.number(),
    writer: z.string(),
    replies: z.number(),
    announced: expectation.optional(),
    input: expectation.optional(),
    emits: z.array(z.looseObject({ type: z.string() })),
    state: z.unknown().optional(),
  }),
]);

/** Reads a record; undefined for what this version has not written. */
export function readRecord(value: JsonValue): LiveRecord | EndedRecord | undefined {
  const { success, data } = schema.safeParse(value);
  // The schema has checked whatever a member is relied on for; texts are the platform's words, as they were.
  return success ? (data as unknown as LiveRecord | EndedRecord) : undefined;
}

/** The record of a call that is over. */
export function endedRecord(reason: CallEndReason): JsonValue {
  return { layout: LAYOUT, ended: reason };
}

/**
 * The record of a call, as text.
 *
 * @param writer - who writes it
 * @param state - its state, as JSON
 * @param ending - how the reply ends that is about to be sent; none when none is
 */
export function recordOf(
  call: CallState,
  writer: string,
  state: string | undefined,
  ending: ReplyEnding | undefined,
): string {
  const record: Omit<LiveRecord, 'state'> & { readonly layout: number } = {
    layout: LAYOUT,
    agent: { id: call.agent.id, name: call.agent.name },
    parameters: call.parameters,
    begun: call.begun || !call.implicit,
    // The reply that waits for this may not reach the platform; those before it have.
    answered: call.answered || call.replies > (ending === undefined ? 0 : 1),
    leftByEvent: call.leftByEvent || (ending?.expectation !== undefined && ending.event?.type === 'custom_event'),
    noInputCount: call.noInputCount,
    unhandledCount: call.unhandledCount,
    writer,
    replies: call.replies,
    announced: ending?.expectation ?? call.announced,
    input: sameExpectation(call.base, call.env.input) ? undefined : call.base,
    emits: call.emits,
  };
  const text = JSON.stringify(record);
  return state === undefined ? text : `${text.slice(0, -1)},"state":${state}}`;
}
