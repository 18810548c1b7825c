// Writes VoiceVAResponse as a gRPC frame, straight from the core's words: small fields together, large audio as it is,
// so that a reply of minutes is not copied on its way to the socket. Byte for byte what the runtime would write.
import { create, toBinary } from '@bufbuild/protobuf';
import type { AgentResponse, InputExpectation, OutputEvent, ResponsePrompt } from '../../wire/response.ts';
import { digitNumber, encodeEvent, eventNumber, inputModeNumber, responseTypeNumber } from '../encode-response.ts';
import { OutputEventSchema } from '../gen/com/cisco/wcc/ccai/media/v1/byova_common_pb.ts';

/** Flags and length before each message. */
export const FRAME_HEAD_BYTES = 5;

/** Audio from here on travels as a piece of its own; what is smaller is cheaper to copy. */
const SEPARATE_BYTES = 4096;

/** What is written goes into memory of this size, from which pieces are cut: a frame of HTTP/2. */
const SLAB_BYTES = 16_384;

/** More than what is expected of the caller takes, so that its lengths stay where they are. */
const CONFIG_BYTES = 64;

/** The fields that are written here, by message, with the numbers that the contract gives them. */
export const FIELDS = {
  response: {
    prompts: 1,
    outputEvents: 2,
    inputSensitive: 3,
    inputMode: 4,
    inputHandlingConfig: 5,
    sessionTranscript: 6,
    sessionSummary: 7,
    responseType: 8,
    disablePromptCancellation: 9,
  },
  prompt: { audioContent: 3, isBargeInEnabled: 4 },
  event: { eventType: 1, name: 2 },
  config: { dtmfConfig: 1, speechTimers: 2 },
  dtmf: { interDigitTimeoutMsec: 1, termchar: 2, dtmfInputLength: 3 },
  timers: { maxSpeechTimeoutMsec: 1, completeTimeoutMsec: 2, incompleteTimeoutMsec: 3, noInputTimeoutMsec: 4 },
  text: { text: 1 },
} as const;

const EMPTY = new Uint8Array(0);
const NO_PIECES: readonly Uint8Array[] = [];

const MAX_INT32 = 2 ** 31 - 1;

const VARINT = 0;
const BYTES = 2;

/** Writes responses; one may serve all RPCs. */
export interface ResponseEncoder {
  /** The frame of a response, in pieces to be written one after the other. Audio in it is not copied. */
  encode(response: AgentResponse): readonly Uint8Array[];
}

function varintBytes(value: number): number {
  if (value < 0x80) return 1;
  if (value < 0x4000) return 2;
  if (value < 0x20_0000) return 3;
  return value < 0x1000_0000 ? 4 : 5;
}

class Encoder implements ResponseEncoder {
  /** Never written twice: a piece of it may wait for its socket. */
  #slab: Buffer = Buffer.allocUnsafeSlow(SLAB_BYTES);
  /** Where the piece that is being written begins, and where it ends until now. */
  #start = 0;
  #end = 0;
  #pieces: Uint8Array[] = [];

  encode(response: AgentResponse): readonly Uint8Array[] {
    this.#pieces = [];
    this.#start = this.#end;
    this.#reserve(FRAME_HEAD_BYTES);
    this.#end += FRAME_HEAD_BYTES;
    const { event, expectation } = response;
    for (const prompt of response.prompts) this.#prompt(prompt);
    if (event !== undefined) this.#event(event);
    if (expectation !== undefined) {
      if (expectation.sensitive) this.#number(FIELDS.response.inputSensitive, 1);
      this.#number(FIELDS.response.inputMode, inputModeNumber(expectation.mode));
      this.#config(expectation);
    }
    if (response.transcript !== undefined) this.#text(FIELDS.response.sessionTranscript, response.transcript);
    if (response.summary !== undefined) this.#text(FIELDS.response.sessionSummary, response.summary);
    this.#number(FIELDS.response.responseType, responseTypeNumber(response.type));
    if (response.uninterruptible === true) this.#number(FIELDS.response.disablePromptCancellation, 1);
    return this.#finish();
  }

  /** Sets the frame's head, now that the length is known. */
  #finish(): readonly Uint8Array[] {
    this.#cut();
    const pieces = this.#pieces;
    const [head] = pieces;
    if (head === undefined) return pieces;
    let bytes = -FRAME_HEAD_BYTES;
    for (const piece of pieces) bytes += piece.length;
    head[0] = 0;
    head[1] = bytes >>> 24;
    head[2] = bytes >>> 16;
    head[3] = bytes >>> 8;
    head[4] = bytes;
    return pieces;
  }

  /** What was written so far becomes a piece. */
  #cut(): void {
    if (this.#end === this.#start) return;
    this.#pieces.push(this.#slab.subarray(this.#start, this.#end));
    this.#start = this.#end;
  }

  /** Makes room for so many bytes in one place, next to what was written of the piece. */
  #reserve(bytes: number): void {
    if (this.#end + bytes <= this.#slab.length) return;
    const written = this.#end - this.#start;
    const slab = Buffer.allocUnsafeSlow(Math.max(SLAB_BYTES, written + bytes));
    slab.set(this.#slab.subarray(this.#start, this.#end));
    this.#slab = slab;
    this.#start = 0;
    this.#end = written;
  }

  #varint(value: number): void {
    this.#reserve(5);
    for (; value >= 0x80; value >>>= 7) this.#slab[this.#end++] = (value & 0x7f) | 0x80;
    this.#slab[this.#end++] = value;
  }

  /** A number of 32 bits that is not negative; 0 is what is not there. The runtime refuses what is no such number, too. */
  #number(field: number, value: number): void {
    if (value === 0) return;
    if (!(Number.isInteger(value) && value > 0 && value <= MAX_INT32)) {
      throw new RangeError(`Field ${field} cannot hold ${typeof value === 'number' ? value : typeof value}.`);
    }
    this.#varint((field << 3) | VARINT);
    this.#varint(value);
  }

  #head(field: number, bytes: number): void {
    this.#varint((field << 3) | BYTES);
    this.#varint(bytes);
  }

  #raw(bytes: Uint8Array): void {
    // What was written is copied for nobody.
    if (this.#end + bytes.length > this.#slab.length) this.#cut();
    this.#reserve(bytes.length);
    this.#slab.set(bytes, this.#end);
    this.#end += bytes.length;
  }

  #string(text: string, bytes: number): void {
    this.#reserve(bytes);
    this.#end += this.#slab.write(text, this.#end, 'utf8');
  }

  #prompt(prompt: ResponsePrompt): void {
    const { pieces, bargeIn } = prompt;
    // Where there are pieces, the audio as a whole would have to be put together.
    const whole = pieces === undefined ? prompt.audio : EMPTY;
    let bytes = whole.length;
    for (const piece of pieces ?? NO_PIECES) bytes += piece.length;
    this.#head(FIELDS.response.prompts, (bytes === 0 ? 0 : 1 + varintBytes(bytes) + bytes) + (bargeIn ? 2 : 0));
    if (bytes > 0) this.#head(FIELDS.prompt.audioContent, bytes);
    this.#audio(whole);
    for (const piece of pieces ?? NO_PIECES) this.#audio(piece);
    if (bargeIn) this.#number(FIELDS.prompt.isBargeInEnabled, 1);
  }

  #audio(bytes: Uint8Array): void {
    if (bytes.length < SEPARATE_BYTES) {
      this.#raw(bytes);
      return;
    }
    this.#cut();
    this.#pieces.push(bytes);
  }

  #event(event: OutputEvent): void {
    const { name = '' } = event;
    if (event.metadata !== undefined) {
      // A Struct comes once a call: the runtime knows how.
      const bytes = toBinary(OutputEventSchema, create(OutputEventSchema, encodeEvent(event)));
      this.#head(FIELDS.response.outputEvents, bytes.length);
      this.#raw(bytes);
      return;
    }
    const nameBytes = Buffer.byteLength(name);
    this.#head(FIELDS.response.outputEvents, 2 + (nameBytes === 0 ? 0 : 1 + varintBytes(nameBytes) + nameBytes));
    this.#number(FIELDS.event.eventType, eventNumber(event.type));
    if (nameBytes === 0) return;
    this.#head(FIELDS.event.name, nameBytes);
    this.#string(name, nameBytes);
  }

  #config({ dtmf, speech, noInputMs }: InputExpectation): void {
    this.#reserve(CONFIG_BYTES);
    const at = this.#open(FIELDS.response.inputHandlingConfig);
    const dtmfAt = this.#open(FIELDS.config.dtmfConfig);
    this.#number(FIELDS.dtmf.interDigitTimeoutMsec, dtmf.interDigitMs);
    this.#number(FIELDS.dtmf.termchar, digitNumber(dtmf.terminator));
    this.#number(FIELDS.dtmf.dtmfInputLength, dtmf.length);
    this.#close(dtmfAt);
    const timersAt = this.#open(FIELDS.config.speechTimers);
    this.#number(FIELDS.timers.maxSpeechTimeoutMsec, speech.maxSpeechMs);
    this.#number(FIELDS.timers.completeTimeoutMsec, speech.completeMs);
    this.#number(FIELDS.timers.incompleteTimeoutMsec, speech.incompleteMs);
    this.#number(FIELDS.timers.noInputTimeoutMsec, noInputMs);
    this.#close(timersAt);
    this.#close(at);
  }

  /** Begins a message of numbers, which is never longer than a length of one byte can say: seven of them are 46 bytes. */
  #open(field: number): number {
    this.#head(field, 0);
    return this.#end;
  }

  #close(at: number): void {
    this.#slab[at - 1] = this.#end - at;
  }

  #text(field: number, text: string): void {
    const bytes = Buffer.byteLength(text);
    this.#head(field, 1 + varintBytes(bytes) + bytes);
    // One of two kinds of text, so that it is there even when it is empty.
    this.#head(FIELDS.text.text, bytes);
    this.#string(text, bytes);
  }
}

/** Makes an encoder. */
export function createResponseEncoder(): ResponseEncoder {
  return new Encoder();
}
