// The timeline on a terminal, while the call goes on: caller left, agent right, in colours where they are welcome.
import { styleText } from 'node:util';
import { describeEntry, formatTime, TIMELINE_MARKS, type TimelineSide } from '../call/format-timeline.ts';
import type { TimelineEntry } from '../call/timeline.ts';

/** Where the lines go. `styleText` leaves colours out for a stream that is no terminal, and honours NO_COLOR. */
export interface TerminalOutput extends NodeJS.WritableStream {
  readonly columns?: number;
  readonly isTTY?: boolean;
}

const TIME_COLUMNS = 10;
const DEFAULT_COLUMNS = 100;
const MIN_COLUMN = 24;

const STYLES = {
  caller: 'cyan',
  agent: 'green',
  script: 'bold',
  problem: 'red',
  advice: 'yellow',
} as const satisfies Record<TimelineSide, Parameters<typeof styleText>[0]>;

/** Makes the writer of one call: hand its result to `onTimeline`. */
export function createLiveTimeline(output: TerminalOutput): (entry: TimelineEntry) => void {
  const width = Math.max(MIN_COLUMN, Math.floor(((output.columns ?? DEFAULT_COLUMNS) - TIME_COLUMNS) / 2));
  const paint = (style: Parameters<typeof styleText>[0], text: string): string =>
    styleText(style, text, { stream: output });
  let begun = false;
  return (entry) => {
    if (!begun) output.write(`${' '.repeat(TIME_COLUMNS)}${paint('dim', `${'CALLER'.padEnd(width)}AGENT`)}\n`);
    begun = true;
    const { side, text } = describeEntry(entry);
    const indent = side === 'agent' ? ' '.repeat(width) : '';
    const mark = side === 'caller' || side === 'agent' ? '' : TIMELINE_MARKS[side];
    output.write(`${paint('dim', formatTime(entry.atMs))}  ${indent}${paint(STYLES[side], `${mark}${text}`)}\n`);
  };
}
