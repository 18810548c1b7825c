// Writes one reply in the audio mode of the call. WAV: one FINAL whose prompts are complete WAV files. CHUNK: raw audio
// as it comes, then one FINAL with a single prompt of no audio (a FINAL without a prompt has left clients waiting).
import { MULAW_8K } from '../audio/audio-format.ts';
import { writeWav } from '../audio/wav.ts';
import type { AgentResponse, InputExpectation, OutputEvent, ResponsePrompt } from '../wire/response.ts';
import { createChunker } from './chunker.ts';

/** How the audio of a whole call travels; fixed when the call starts. */
export type AudioMode = 'wav' | 'chunk';

const EMPTY = new Uint8Array(0);

/** How a reply ends: what is expected next, or a terminal event. */
export interface ReplyEnding {
  /** What the platform takes next. Absent on a terminal reply: it must not start another collection. */
  readonly expectation?: InputExpectation | undefined;
  readonly event?: OutputEvent | undefined;
  readonly transcript?: string | undefined;
  readonly summary?: string | undefined;
}

/** What a reply writer needs of its turn. */
export interface ReplyWriterOptions<Token> {
  readonly mode: AudioMode;
  /** Where responses go. */
  readonly send: (response: AgentResponse) => void;
  /** Told each time that audio of a prompt goes to the caller: mu-law at 8 kHz, valid during the call. */
  readonly onAudioSent: (token: Token, audio: Uint8Array) => void;
  /** Whether a prompt that is held for the FINAL is still wanted when it is sent. */
  readonly isWanted: (token: Token) => boolean;
}

/** Writes one reply; a `Token` stands for a prompt. */
export interface ReplyWriter<Token> {
  /** A prompt begins. */
  begin(token: Token, bargeIn: boolean): void;
  /** More audio of the prompt that began last: mu-law, 8 kHz. The bytes may be kept, so they must not be reused. */
  write(bytes: Uint8Array): void;
  /** Bytes that wait for the end of the reply (WAV mode). */
  readonly heldBytes: number;
  /** Audio that the platform plays while this reply is still being made. Only where the caller allows it. */
  partial(token: Token, audio: Uint8Array, options: { bargeIn: boolean; uninterruptible: boolean }): void;
  /** Sends the FINAL. Nothing may be written after it. */
  finish(ending: ReplyEnding): void;
}

interface OpenPrompt<Token> {
  readonly token: Token;
  readonly bargeIn: boolean;
  readonly pieces: Uint8Array[];
  bytes: number;
}

function concat(pieces: readonly Uint8Array[], bytes: number): Uint8Array {
  const [only] = pieces;
  if (pieces.length === 1 && only !== undefined) return only;
  const whole = new Uint8Array(bytes);
  let offset = 0;
  for (const piece of pieces) {
    whole.set(piece, offset);
    offset += piece.length;
  }
  return whole;
}

/** One FINAL, every prompt a WAV file of its own. */
function createWavWriter<Token>(options: ReplyWriterOptions<Token>): ReplyWriter<Token> {
  const prompts: OpenPrompt<Token>[] = [];
  let heldBytes = 0;
  return {
    begin(token, bargeIn) {
      prompts.push({ token, bargeIn, pieces: [], bytes: 0 });
    },
    write(bytes) {
      const open = prompts.at(-1);
      if (open === undefined || bytes.length === 0) return;
      open.pieces.push(bytes);
      open.bytes += bytes.length;
      heldBytes += bytes.length;
    },
    get heldBytes() {
      return heldBytes;
    },
    partial(token, audio, { bargeIn, uninterruptible }) {
      options.send({ type: 'partial', prompts: [{ audio: writeWav(audio, MULAW_8K), bargeIn }], uninterruptible });
      options.onAudioSent(token, audio);
    },
    finish(ending) {
      const audible = prompts
        .filter((prompt) => prompt.bytes > 0 && options.isWanted(prompt.token))
        .map(({ token, bargeIn, pieces, bytes }) => ({ token, bargeIn, audio: concat(pieces, bytes) }));
      const written: ResponsePrompt[] = audible.map(({ audio, bargeIn }) => ({
        audio: writeWav(audio, MULAW_8K),
        bargeIn,
      }));
      const terminal = ending.expectation === undefined;
      if (written.length === 0 && !terminal) written.push({ audio: EMPTY, bargeIn: false });
      options.send({ type: 'final', prompts: written, ...ending });
      for (const { token, audio } of audible) options.onAudioSent(token, audio);
    },
  };
}

/** Chunks as they come, then an empty FINAL. */
function createChunkWriter<Token>(options: ReplyWriterOptions<Token>): ReplyWriter<Token> {
  let current: { token: Token; bargeIn: boolean } | undefined;
  let sent = false;
  // Bytes of an earlier prompt's tail that travel in the first chunk of the next prompt.
  let carriedBytes = 0;
  const chunker = createChunker((chunk, audible) => {
    if (current === undefined) return;
    sent = true;
    options.send({ type: 'chunk', prompts: [{ audio: chunk, bargeIn: current.bargeIn }] });
    options.onAudioSent(current.token, chunk.subarray(carriedBytes, audible));
    carriedBytes = 0;
  });
  return {
    begin(token, bargeIn) {
      // A short tail joins the next prompt, unless one of the two may be interrupted and the other may not.
      if (current !== undefined && current.bargeIn !== bargeIn) chunker.flush();
      const tail = chunker.pending.subarray(carriedBytes);
      if (current !== undefined && tail.length > 0) {
        options.onAudioSent(current.token, tail);
        carriedBytes += tail.length;
      }
      current = { token, bargeIn };
    },
    write(bytes) {
      chunker.write(bytes);
    },
    heldBytes: 0,
    partial(token, audio, { bargeIn, uninterruptible }) {
      options.send({ type: 'partial', prompts: [{ audio: writeWav(audio, MULAW_8K), bargeIn }], uninterruptible });
      options.onAudioSent(token, audio);
    },
    finish(ending) {
      chunker.flush();
      const terminal = ending.expectation === undefined;
      const closes = sent || !terminal;
      const prompts = closes ? [{ audio: EMPTY, bargeIn: current?.bargeIn ?? false }] : [];
      options.send({ type: 'final', prompts, ...ending });
    },
  };
}

/** Makes the writer of one reply. */
export function createReplyWriter<Token>(options: ReplyWriterOptions<Token>): ReplyWriter<Token> {
  return options.mode === 'wav' ? createWavWriter(options) : createChunkWriter(options);
}
