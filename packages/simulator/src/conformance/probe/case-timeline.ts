// What went over the wire in one case, as lines. Frames in a row are one line, and the middle of a long case is left out.

/** The lines of one case. */
export interface CaseTimeline {
  add(atMs: number, text: string): void;
  /** Adds one of many that look alike: those that follow each other on one RPC become one line with their number. */
  addOne(atMs: number, rpc: number, what: string): void;
  readonly lines: readonly string[];
}

interface Line {
  readonly atMs: number;
  readonly text: string;
  times: number;
}

const FIRST_LINES = 10;
const LAST_LINES = 30;

function write({ atMs, text, times }: Line): string {
  return `${atMs.toFixed(0).padStart(6)} ms  ${text}${times > 1 ? ` (${times} times)` : ''}`;
}

/** Makes an empty timeline. */
export function createCaseTimeline(): CaseTimeline {
  const first: Line[] = [];
  let last: Line[] = [];
  let leftOut = 0;
  const running = new Map<number, Line>();

  const append = (line: Line): void => {
    if (first.length < FIRST_LINES) {
      first.push(line);
      return;
    }
    last.push(line);
    if (last.length <= LAST_LINES * 2) return;
    leftOut += last.length - LAST_LINES;
    last = last.slice(-LAST_LINES);
  };

  return {
    add(atMs, text) {
      running.clear();
      append({ atMs, text, times: 1 });
    },
    addOne(atMs, rpc, what) {
      const text = `RPC ${rpc} > ${what}`;
      const line = running.get(rpc);
      if (line?.text === text) {
        line.times += 1;
        return;
      }
      const begun = { atMs, text, times: 1 };
      running.set(rpc, begun);
      append(begun);
    },
    get lines() {
      const shown = last.slice(-LAST_LINES);
      const hidden = leftOut + last.length - shown.length;
      const gap = hidden === 0 ? [] : [`           (${hidden} lines left out)`];
      return [...first.map(write), ...gap, ...shown.map(write)];
    },
  };
}
