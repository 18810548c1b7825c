// ProcessCallerInput on the lane: between the bytes of its messages and the core's port.
import type { OutputShare } from '../../output/output-share.ts';
import type { Admission } from '../../wire/gate.ts';
import type { CallService, RpcFailure, RpcInput, RpcOutput } from '../../wire/port.ts';
import type { RequestHeader } from '../../wire/request.ts';
import type { AgentResponse } from '../../wire/response.ts';
import { decodeDigits, decodeEncoding, decodeEvent } from '../decode-request.ts';
import { isTerminal } from '../voice-service.ts';
import type { RequestDecoder } from './decode-request.ts';
import type { ResponseEncoder } from './encode-response.ts';
import type { LaneMethod, LaneRpc } from './lane-rpc.ts';
import type { RequestLead } from './request-lead.ts';

/** Of a message without any: one for all. */
const NO_INFO: RequestHeader['additionalInfo'] = Object.freeze({});

/** What all RPCs of the method share. */
export interface VoiceMethodParts {
  readonly service: CallService;
  readonly decoder: RequestDecoder;
  readonly encoder: ResponseEncoder;
}

class VoiceMethod implements LaneMethod, RpcOutput {
  readonly #rpc: LaneRpc;
  readonly #parts: VoiceMethodParts;
  readonly #lead: RequestLead;
  readonly #input: RpcInput;
  #begun = false;

  constructor(rpc: LaneRpc, admission: Admission, parts: VoiceMethodParts) {
    this.#rpc = rpc;
    this.#parts = parts;
    this.#lead = parts.decoder.newLead();
    this.#input = parts.service.openRpc(this, admission);
  }

  message(bytes: Uint8Array, start: number, end: number): boolean {
    const input = this.#input;
    const { decoder } = this.#parts;
    decoder.decode(this.#lead, bytes, start, end);
    const { message } = decoder;
    // Of a message like the one before it nothing has to be compared.
    if (!message.asBefore) {
      const goesOn = this.#begun
        ? input.continues(message.conversationId, message.organization, message.agentId)
        : this.#begin(input);
      if (!goesOn) return false;
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
    return true;
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

  halfClose(): void {
    this.#input.halfClose();
  }

  cancel(): void {
    this.#input.cancel();
  }

  release(): void {
    this.#lead.release();
  }

  get share(): OutputShare {
    return this.#rpc.share;
  }

  send(response: AgentResponse): void {
    this.#rpc.send(this.#parts.encoder.encode(response), isTerminal(response));
  }

  expectNext(): void {
    this.#rpc.expectNext();
  }

  complete(): void {
    this.#rpc.complete();
  }

  fail(failure: RpcFailure, message: string): void {
    this.#rpc.fail(failure, message);
  }
}

/** Makes the method's side of one RPC. */
export function createVoiceMethod(rpc: LaneRpc, admission: Admission, parts: VoiceMethodParts): LaneMethod {
  return new VoiceMethod(rpc, admission, parts);
}
