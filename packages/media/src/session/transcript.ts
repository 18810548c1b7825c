// What was said in a call, as text that the program adds: bounded, and silent about what is sensitive. It goes to the
// platform with the last response.
import { z } from 'zod';
import { checkOptions } from '../checks/check-options.ts';

/** Who said it. */
export type TranscriptRole = 'caller' | 'agent';

/** What is added to a transcript. */
export interface TranscriptAddition {
  readonly role: TranscriptRole;
  /** What was said. Line breaks become spaces. Text of nothing is not added. */
  readonly text: string;
  /** When it was said, in ms on the server's clock. Default: now. */
  readonly atMs?: number;
}

/** One thing that was said. */
export interface TranscriptEntry {
  readonly role: TranscriptRole;
  /** What was said; `[sensitive]` when `masked`. */
  readonly text: string;
  /** In ms on the server's clock. */
  readonly atMs: number;
  /** True when it was added while the input was sensitive: its text was not kept. */
  readonly masked: boolean;
}

/**
 * What was said in a call, as far as the program adds it. Goes to the platform with the response that transfers or ends
 * the call; when the caller hangs up nothing can be sent, and the handler of `session_end` can still read it.
 *
 * The oldest entries are dropped at `limits.maxTranscriptEntries` and `limits.maxTranscriptBytes`, and `text` says so.
 * What is added while the input is sensitive, by either side, keeps its place and loses its text: from the moment that
 * the question is asked until a reply that is not sensitive has gone out.
 *
 * @example
 * ```ts
 * import { MediaServer, type Utterance } from '@byova/media';
 *
 * declare function recognize(utterance: Utterance): Promise<string>;
 *
 * export function transcribe(server: MediaServer): void {
 *   server.on('utterance', async ({ event, session }) => {
 *     session.transcript.add({ role: 'caller', text: await recognize(event.utterance) });
 *     await session.transfer({ summary: 'Asked for a person' });
 *   });
 *   server.on('session_end', ({ session, log }) => log.info({ lines: session.transcript.entries.length }, 'call over'));
 * }
 * ```
 */
export interface Transcript {
  /**
   * Adds what somebody said.
   *
   * @throws MediaError `OPTIONS_INVALID` for a role that does not exist, a text that is no string, and members that there are not
   */
  add(addition: TranscriptAddition): void;
  /** What is kept, oldest first, as it stands now. */
  readonly entries: readonly TranscriptEntry[];
  /** How many entries were dropped at the limits. */
  readonly dropped: number;
  /** As it is sent: a line for each entry, `caller: …` or `agent: …`, and a first line when some were dropped. */
  readonly text: string;
}

/** What {@link createTranscript} needs. */
export interface TranscriptOptions {
  readonly maxEntries: number;
  /** Of `text`, in UTF-8. */
  readonly maxBytes: number;
  readonly now: () => number;
  /** Whether what is said now must not be kept. */
  readonly isSensitive: () => boolean;
}

const MASK = '[sensitive]';
const CUT = ' …';
/** Room for the line that says how many entries were dropped. */
const MARKER_BYTES = 64;

interface KeptEntry extends TranscriptEntry {
  readonly bytes: number;
}

function lineOf({ role, text }: TranscriptEntry): string {
  return `${role}: ${text}`;
}

/** One line of at most so many bytes: a line break in it would let one speaker pass for the other. */
function cleaned(text: string, maxBytes: number): string {
  // No character takes less than a byte, so what is past this cannot fit.
  const line = text
    .slice(0, maxBytes + 1)
    .replace(/[\ud800-\udbff]$/, '')
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim();
  const bytes = Buffer.from(line);
  if (bytes.length <= maxBytes && text.length <= maxBytes) return bytes.toString();
  // A decoder that expects more leaves out the character that was cut.
  const kept = new TextDecoder().decode(bytes.subarray(0, maxBytes - Buffer.byteLength(CUT)), { stream: true });
  return kept + CUT;
}

const addition = z.strictObject({
  role: z.enum(['caller', 'agent']),
  text: z.string(),
  atMs: z.number().optional(),
});

class BoundedTranscript implements Transcript {
  readonly #options: TranscriptOptions;
  readonly #kept: KeptEntry[] = [];
  #bytes = 0;
  #dropped = 0;

  constructor(options: TranscriptOptions) {
    this.#options = options;
  }

  add(given: TranscriptAddition): void {
    const said = checkOptions<TranscriptAddition>(addition, 'transcript.add', given);
    const { maxEntries, maxBytes, now, isSensitive } = this.#options;
    const room = maxBytes - MARKER_BYTES;
    const { role } = said;
    const text = cleaned(said.text, room - role.length - ': \n'.length);
    if (text === '') return;
    const masked = isSensitive();
    const entry = { role, text: masked ? MASK : text, atMs: said.atMs ?? now(), masked };
    const bytes = Buffer.byteLength(lineOf(entry)) + 1;
    this.#kept.push({ ...entry, bytes });
    this.#bytes += bytes;
    while (this.#kept.length > maxEntries || this.#bytes > room) {
      this.#bytes -= this.#kept.shift()?.bytes ?? 0;
      this.#dropped += 1;
    }
  }

  get entries(): readonly TranscriptEntry[] {
    return this.#kept.map(({ role, text, atMs, masked }) => ({ role, text, atMs, masked }));
  }

  get dropped(): number {
    return this.#dropped;
  }

  get text(): string {
    const marker = this.#dropped === 0 ? [] : [`[${this.#dropped} earlier entries left out]`];
    return [...marker, ...this.#kept.map(lineOf)].join('\n');
  }
}

/** Makes the transcript of one call. */
export function createTranscript(options: TranscriptOptions): Transcript {
  return new BoundedTranscript(options);
}
