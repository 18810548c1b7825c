// One ProcessCallerInput RPC on its HTTP/2 stream: what arrives is pushed into the core as it arrives, frame by frame,
// with no promise and no object between. Ends as the path through Connect does, see ../voice-service.ts.
import type { ServerHttp2Stream } from 'node:http2';
import type { DataSink } from '../../http2/frame-splitter.ts';
import { connectionOf, type TappedConnection } from '../../http2/tapped-connection.ts';
import type { RpcFailure, RpcInput, RpcOutput } from '../../wire/port.ts';
import type { RequestHeader } from '../../wire/request.ts';
import type { AgentResponse } from '../../wire/response.ts';
import { decodeDigits, decodeEncoding, decodeEvent } from '../decode-request.ts';
import type { StatusName } from '../status.ts';
import { HALF_CLOSE_WAIT_MS, isTerminal } from '../voice-service.ts';
import type { RequestDecoder } from './decode-request.ts';
import type { ResponseEncoder } from './encode-response.ts';
import { createFrameReader, type FrameReader, type FrameSink } from './frame-reader.ts';
import { LaneError } from './lane-error.ts';
import { createLaneOutput, type LaneOutput } from './lane-output.ts';
import type { LaneRequest } from './request-headers.ts';
import type { RequestLead } from './request-lead.ts';
import { listenTo, type StreamListener } from './stream-listener.ts';
import { MalformedMessageError } from './wire-reader.ts';

/** Of a message without any: one for all. */
const NO_INFO: RequestHeader['additionalInfo'] = Object.freeze({});

/** What all RPCs of a lane share. */
export interface VoiceRpcParts {
  readonly decoder: RequestDecoder;
  readonly encoder: ResponseEncoder;
  readonly maxMessageBytes: number;
  /** Told when the RPC is over. */
  readonly onOver: (rpc: VoiceRpc) => void;
}

/** An RPC that is open. */
export interface VoiceRpc {
  /** Where the core sends. */
  readonly output: RpcOutput;
  /** Begins to read. */
  start(input: RpcInput, request: LaneRequest): void;
  /** Ends it from outside: the core is told as when the client leaves, the client is told the status. */
  breakOff(status: StatusName, message: string): void;
}

class Rpc implements VoiceRpc, RpcOutput, FrameSink, StreamListener, DataSink {
  readonly #stream: ServerHttp2Stream;
  readonly #parts: VoiceRpcParts;
  /** Made when there is something to send: a call waits for most of its time. */
  #out: LaneOutput | undefined;
  readonly #lead: RequestLead;
  readonly #frames: FrameReader;
  #input: RpcInput | undefined;
  /** The core takes more. */
  #reading = false;
  #begun = false;
  #halfClosed = false;
  /** The core has said its last word. */
  #completed = false;
  #terminal = false;
  /** The stream was ended, or is gone. */
  #over = false;
  /** By which the stream can be tapped. */
  #connection: TappedConnection | undefined;
  /** The id of the stream when it was; kept, since a stream that is gone has none. */
  #tapped: number | undefined;
  owedBytes = 0;
  #waitTimer: NodeJS.Timeout | undefined;
  #deadlineTimer: NodeJS.Timeout | undefined;

  constructor(stream: ServerHttp2Stream, parts: VoiceRpcParts) {
    this.#stream = stream;
    this.#parts = parts;
    this.#lead = parts.decoder.newLead();
    this.#frames = createFrameReader(this, parts.maxMessageBytes);
  }

  get #outgoing(): LaneOutput {
    this.#out ??= createLaneOutput(this.#stream, this.#parts.encoder);
    return this.#out;
  }

  get output(): RpcOutput {
    return this;
  }

  start(input: RpcInput, { encoding, timeoutMs, declaresLength }: LaneRequest): void {
    this.#input = input;
    this.#reading = true;
    this.#frames.encoding = encoding;
    if (timeoutMs !== undefined) {
      this.#deadlineTimer = setTimeout(() => this.breakOff('deadline_exceeded', 'The deadline has passed.'), timeoutMs);
      this.#deadlineTimer.unref();
    }
    const { session } = this.#stream;
    if (!declaresLength) this.#connection = connectionOf(session);
    listenTo(this.#stream, this);
  }

  onPushed(piece: Uint8Array): void {
    this.onData(piece, 0, piece.length);
    // From here on what follows comes by the tap. Not earlier: what waits in the stream's queue was sent before it.
    const { id, closed } = this.#stream;
    if (this.#tapped !== undefined || this.#connection === undefined || id === undefined || closed) return;
    this.#tapped = id;
    this.#connection.tap(id, this);
  }

  onQueued(piece: Uint8Array): void {
    this.onData(piece, 0, piece.length);
  }

  onData(piece: Uint8Array, start: number, end: number): void {
    // What nobody reads is let go, so that it does not use up the connection's flow control.
    if (!this.#reading) return;
    try {
      this.#frames.push(piece, start, end);
    } catch (error) {
      this.#refuse(error);
    }
  }

  onMessage(bytes: Uint8Array, start: number, end: number): void {
    const input = this.#input;
    if (input === undefined || !this.#reading) return;
    const { decoder } = this.#parts;
    decoder.decode(this.#lead, bytes, start, end);
    const { message } = decoder;
    const goesOn = this.#begun
      ? input.continues(message.conversationId, message.organization, message.agentId)
      : this.#begin(input);
    if (!goesOn) {
      this.#stopReading();
      return;
    }
    switch (message.content) {
      case 'audio':
        input.audio(message.audio, decodeEncoding(message.encoding), message.sampleRateHz);
        break;
      case 'digits':
        input.digits(decodeDigits({ dtmfEvents: message.digits }));
        break;
      case 'event':
        if (message.event !== undefined) input.event(decodeEvent(message.event));
        break;
      default:
        input.empty();
    }
  }

  #begin(input: RpcInput): boolean {
    this.#begun = true;
    const { message } = this.#parts.decoder;
    return input.begin({
      conversationId: message.conversationId,
      organization: message.organization,
      agentId: message.agentId,
      allowPartialResponses: message.allowPartialResponses,
      vendorConfig: message.vendorConfig,
      additionalInfo: message.additionalInfo ?? NO_INFO,
    });
  }

  /** The core wants no more of this RPC. Its answer need not wait for the client to finish. */
  #stopReading(): void {
    this.#reading = false;
    if (this.#completed) this.#end('ok', '');
  }

  onEnd(): void {
    this.#halfClosed = true;
    if (this.#over || !this.#reading) return;
    if (this.#frames.cut) {
      this.breakOff('invalid_argument', 'A message is cut short.');
      return;
    }
    this.#input?.halfClose();
    if (this.#completed) this.#end('ok', '');
  }

  onGone(): void {
    if (this.#tapped !== undefined) this.#connection?.release(this.#tapped);
    if (this.#over) return;
    this.#input?.cancel();
    this.#close();
    this.#out?.release();
  }

  #refuse(error: unknown): void {
    if (error instanceof LaneError) this.breakOff(error.code, error.message);
    else if (error instanceof MalformedMessageError) this.breakOff('internal', error.message);
    else this.breakOff('internal', 'The message could not be taken.');
  }

  breakOff(status: StatusName, message: string): void {
    if (this.#over) return;
    this.#input?.cancel();
    this.#end(status, message);
  }

  get queuedBytes(): number {
    return this.#over ? 0 : (this.#out?.queuedBytes ?? 0);
  }

  send(response: AgentResponse): void {
    if (this.#completed || this.#over) return;
    this.#terminal = isTerminal(response);
    this.#outgoing.send(response);
  }

  drained(): Promise<void> | undefined {
    return this.#outgoing.drained();
  }

  complete(): void {
    if (this.#completed || this.#over) return;
    this.#completed = true;
    this.#out?.release();
    if (this.#halfClosed || !this.#reading || this.#out?.answered !== true || this.#terminal) {
      this.#end('ok', '');
      return;
    }
    this.#waitTimer = setTimeout(() => this.#end('ok', ''), HALF_CLOSE_WAIT_MS);
    this.#waitTimer.unref();
  }

  fail(failure: RpcFailure, message: string): void {
    if (!this.#completed) this.#end(failure, message);
  }

  #end(status: 'ok' | StatusName, message: string): void {
    if (this.#over) return;
    this.#close();
    this.#outgoing.end(status, message);
  }

  #close(): void {
    this.#over = true;
    this.#reading = false;
    clearTimeout(this.#waitTimer);
    clearTimeout(this.#deadlineTimer);
    this.#lead.release();
    this.#parts.onOver(this);
  }
}

/** Makes an RPC on a stream whose headers were read. */
export function createVoiceRpc(stream: ServerHttp2Stream, parts: VoiceRpcParts): VoiceRpc {
  return new Rpc(stream, parts);
}
