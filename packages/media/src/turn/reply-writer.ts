// Writes one reply in the audio mode of the call. WAV: one FINAL whose prompts are complete WAV files. CHUNK: raw audio
// as it comes, then one FINAL with a single prompt of no audio (a FINAL without a prompt has left clients waiting).
import type { AgentResponse, InputExpectation, OutputEvent, ResponsePrompt } from '../wire/response.ts';
import { type Chunker, createChunker } from './chunker.ts';
import { createWavPrompt } from './wav-prompt.ts';

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

/** What a reply writer needs of its reply. */
export interface ReplyWriterHost<Token> {
  /** Where responses go. */
  send(response: AgentResponse): void;
  /** Told each time that audio of a prompt goes to the caller: mu-law at 8 kHz, valid during the call. */
  onAudioSent(token: Token, audio: Uint8Array): void;
  /** Whether a prompt that is held for the FINAL is still wanted when it is sent. */
  isWanted(token: Token): boolean;
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

function sendPartial<Token>(
  host: ReplyWriterHost<Token>,
  token: Token,
  audio: Uint8Array,
  { bargeIn, uninterruptible }: { bargeIn: boolean; uninterruptible: boolean },
): void {
  host.send({ type: 'partial', prompts: [createWavPrompt([audio], audio.length, bargeIn)], uninterruptible });
  host.onAudioSent(token, audio);
}

/** One FINAL, every prompt a WAV file of its own. */
class WavWriter<Token> implements ReplyWriter<Token> {
  readonly #host: ReplyWriterHost<Token>;
  readonly #prompts: OpenPrompt<Token>[] = [];
  heldBytes = 0;

  constructor(host: ReplyWriterHost<Token>) {
    this.#host = host;
  }

  begin(token: Token, bargeIn: boolean): void {
    this.#prompts.push({ token, bargeIn, pieces: [], bytes: 0 });
  }

  write(bytes: Uint8Array): void {
    const open = this.#prompts.at(-1);
    if (open === undefined || bytes.length === 0) return;
    open.pieces.push(bytes);
    open.bytes += bytes.length;
    this.heldBytes += bytes.length;
  }

  partial(token: Token, audio: Uint8Array, options: { bargeIn: boolean; uninterruptible: boolean }): void {
    sendPartial(this.#host, token, audio, options);
  }

  finish(ending: ReplyEnding): void {
    const audible = this.#prompts.filter((prompt) => prompt.bytes > 0 && this.#host.isWanted(prompt.token));
    const written: ResponsePrompt[] = audible.map(({ pieces, bytes, bargeIn }) =>
      createWavPrompt(pieces, bytes, bargeIn),
    );
    const terminal = ending.expectation === undefined;
    if (written.length === 0 && !terminal) written.push({ audio: EMPTY, bargeIn: false });
    this.#host.send({ type: 'final', prompts: written, ...ending });
    for (const { token, pieces } of audible) {
      for (const piece of pieces) this.#host.onAudioSent(token, piece);
    }
  }
}

/** Chunks as they come, then an empty FINAL. */
class ChunkWriter<Token> implements ReplyWriter<Token> {
  readonly #host: ReplyWriterHost<Token>;
  readonly heldBytes = 0;
  /** Made with the first prompt. */
  #chunker: Chunker | undefined;
  #current: { token: Token; bargeIn: boolean } | undefined;
  #sent = false;
  // Bytes of an earlier prompt's tail that travel in the first chunk of the next prompt.
  #carriedBytes = 0;

  constructor(host: ReplyWriterHost<Token>) {
    this.#host = host;
  }

  #send(chunk: Uint8Array, audible: number): void {
    const current = this.#current;
    if (current === undefined) return;
    this.#sent = true;
    this.#host.send({ type: 'chunk', prompts: [{ audio: chunk, bargeIn: current.bargeIn }] });
    const own =
      this.#carriedBytes === 0 && audible === chunk.length ? chunk : chunk.subarray(this.#carriedBytes, audible);
    this.#host.onAudioSent(current.token, own);
    this.#carriedBytes = 0;
  }

  begin(token: Token, bargeIn: boolean): void {
    this.#chunker ??= createChunker((chunk, audible) => this.#send(chunk, audible));
    // A short tail joins the next prompt, unless one of the two may be interrupted and the other may not.
    if (this.#current !== undefined && this.#current.bargeIn !== bargeIn) this.#chunker.flush();
    const tail = this.#chunker.pending.subarray(this.#carriedBytes);
    if (this.#current !== undefined && tail.length > 0) {
      this.#host.onAudioSent(this.#current.token, tail);
      this.#carriedBytes += tail.length;
    }
    this.#current = { token, bargeIn };
  }

  write(bytes: Uint8Array): void {
    this.#chunker?.write(bytes);
  }

  partial(token: Token, audio: Uint8Array, options: { bargeIn: boolean; uninterruptible: boolean }): void {
    sendPartial(this.#host, token, audio, options);
  }

  finish(ending: ReplyEnding): void {
    this.#chunker?.flush();
    const terminal = ending.expectation === undefined;
    const closes = this.#sent || !terminal;
    const prompts = closes ? [{ audio: EMPTY, bargeIn: this.#current?.bargeIn ?? false }] : [];
    this.#host.send({ type: 'final', prompts, ...ending });
  }
}

/** Makes the writer of one reply. */
export function createReplyWriter<Token>(mode: AudioMode, host: ReplyWriterHost<Token>): ReplyWriter<Token> {
  return mode === 'wav' ? new WavWriter(host) : new ChunkWriter(host);
}
