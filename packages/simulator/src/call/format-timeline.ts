// The timeline as text, in two columns: what the caller's side does on the left, what the agent does on the right.
import type { AgentEventName, RpcPurpose, TimelineEntry } from './timeline.ts';

const COLUMN = 40;

/** Whose doing an entry is. */
export type TimelineSide = 'caller' | 'agent' | 'script' | 'problem' | 'advice';

/** An entry in words. */
export interface DescribedEntry {
  readonly side: TimelineSide;
  readonly text: string;
}

const PURPOSES: Readonly<Record<RpcPurpose, string>> = {
  session_start: 'session start',
  audio: 'audio',
  start_of_dtmf: 'first key',
  dtmf: 'digits',
  no_input: 'no input',
  custom_event: 'custom event',
  session_end: 'session end',
};

const EVENTS: Readonly<Record<AgentEventName, string>> = {
  end: 'SESSION_END',
  transfer: 'TRANSFER_TO_AGENT',
  custom_event: 'CUSTOM_EVENT',
  start_of_input: 'START_OF_INPUT',
  end_of_input: 'END_OF_INPUT',
  no_match: 'NO_MATCH',
  no_input: 'NO_INPUT',
  unspecified: 'an event of no type',
};

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(2)} s`;
}

function json(value: object): string {
  return Object.keys(value).length === 0 ? '' : ` ${JSON.stringify(value)}`;
}

/** Says in words what an entry means. */
export function describeEntry(entry: TimelineEntry): DescribedEntry {
  switch (entry.kind) {
    case 'step_started':
      return { side: 'script', text: `${entry.step + 1}. ${entry.text}` };
    case 'step_skipped':
      return { side: 'script', text: `${entry.step + 1}. ${entry.text} (left out: the call is over)` };
    case 'rpc_opened':
      return { side: 'caller', text: `RPC ${entry.rpc} opened: ${PURPOSES[entry.purpose]}` };
    case 'rpc_half_closed':
      return { side: 'caller', text: `RPC ${entry.rpc} half-closed` };
    case 'rpc_closed': {
      if (entry.cancelled) return { side: 'caller', text: `RPC ${entry.rpc} reset` };
      const how = entry.status === 'OK' ? 'completed: OK' : `ended with ${entry.status}`;
      return { side: 'agent', text: `RPC ${entry.rpc} ${how}${entry.details === '' ? '' : `, ${entry.details}`}` };
    }
    case 'event_sent': {
      const name = entry.name === undefined ? '' : ` ${entry.name}`;
      return { side: 'caller', text: `${entry.event.toUpperCase()}${name}` };
    }
    case 'key_pressed':
      return { side: 'caller', text: `key ${entry.key}` };
    case 'digits_sent':
      return { side: 'caller', text: `digits ${entry.digits} (by ${entry.because})` };
    case 'speech_started':
      return { side: 'caller', text: `speaks for ${seconds(entry.durationMs)}` };
    case 'speech_finished':
      return { side: 'caller', text: 'falls silent' };
    case 'input_dropped':
      return { side: 'caller', text: `${entry.input} dropped: ${entry.because.replaceAll('_', ' ')}` };
    case 'event_received': {
      const name = entry.name === '' ? '' : ` ${entry.name}`;
      return { side: 'agent', text: `${EVENTS[entry.event]}${name}${json(entry.metadata)}` };
    }
    case 'reply_received': {
      const next = entry.inputMode === undefined ? '' : `, next input: ${entry.inputMode.replace('_', ' or ')}`;
      return { side: 'agent', text: `reply on RPC ${entry.rpc}${next}` };
    }
    case 'prompt_started': {
      const text = entry.text === '' ? '' : ` "${entry.text}"`;
      return {
        side: 'agent',
        text: `prompt ${entry.prompt}${text}${entry.interruptible ? '' : ' (not interruptible)'}`,
      };
    }
    case 'prompt_finished':
      return { side: 'agent', text: `prompt ${entry.prompt} heard: ${seconds(entry.heardMs)}` };
    case 'prompt_cut': {
      const heard = `${seconds(entry.heardMs)} of ${seconds(entry.durationMs)}`;
      return { side: 'agent', text: `prompt ${entry.prompt} cut by ${entry.by.replaceAll('_', ' ')}: ${heard}` };
    }
    case 'violation':
      return {
        side: 'problem',
        text: `${entry.violation.code} (RPC ${entry.violation.rpc}): ${entry.violation.message}`,
      };
    case 'advice':
      return { side: 'advice', text: `${entry.advice.code} (RPC ${entry.advice.rpc}): ${entry.advice.message}` };
    case 'call_finished':
      return { side: 'script', text: `call ${entry.outcome.replace('_', ' ')}` };
  }
}

/** What stands before the text of an entry that goes across both columns. */
export const TIMELINE_MARKS = { script: '-- ', problem: '!! ', advice: '?? ' } as const;

/** The time of an entry, right-aligned, as it stands before each line. */
export function formatTime(atMs: number): string {
  return (atMs / 1000).toFixed(3).padStart(8);
}

/**
 * One entry as a line of text without colours: the time in seconds, what the caller's side does in a left column, what
 * the agent does in a right one, steps and problems across both.
 *
 * @param entry - an entry of a timeline
 * @returns one line, without a line break at its end
 *
 * @example
 * ```ts
 * import { formatTimelineEntry, placeCall } from '@byova/simulator';
 *
 * await placeCall({
 *   target: 'http://127.0.0.1:50051',
 *   organization: 'org',
 *   onTimeline: (entry) => console.log(formatTimelineEntry(entry)),
 * });
 * ```
 */
export function formatTimelineEntry(entry: TimelineEntry): string {
  const { side, text } = describeEntry(entry);
  const time = formatTime(entry.atMs);
  if (side === 'caller') return `${time}  ${text}`;
  if (side === 'agent') return `${time}  ${' '.repeat(COLUMN)}${text}`;
  return `${time}  ${TIMELINE_MARKS[side]}${text}`;
}

/**
 * A timeline as text, one line an entry, as {@link formatTimelineEntry} writes it.
 *
 * @param timeline - the entries, for example `report.timeline`
 * @returns the lines, joined
 *
 * @example
 * ```ts
 * import { formatTimeline } from '@byova/simulator';
 *
 * console.log(formatTimeline([{ kind: 'call_finished', atMs: 1200, outcome: 'hung_up' }]));
 * //    1.200  -- call hung up
 * ```
 */
export function formatTimeline(timeline: readonly TimelineEntry[]): string {
  return timeline.map(formatTimelineEntry).join('\n');
}
