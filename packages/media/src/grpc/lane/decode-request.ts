// Reads VoiceVARequest from the bytes of a frame, field by field, into one object: what a call sends fifty times a second.
// The ids of an RPC are kept from message to message, the audio is a view. What comes once per RPC, an event, is left to the
// runtime that decodes everything else.
import { fromBinary } from '@bufbuild/protobuf';
import type { EventInput } from '../gen/com/cisco/wcc/ccai/media/v1/byova_common_pb.ts';
import {
  type VoiceVARequest,
  VoiceVARequestSchema,
} from '../gen/com/cisco/wcc/ccai/media/v1/voice_virtual_agent_pb.ts';
import { readMapEntry } from './read-map-entry.ts';
import { createLeads, type RequestLead } from './request-lead.ts';
import { MalformedMessageError, WIRE_TYPE, type WireReader } from './wire-reader.ts';

/** What a message holds. */
export type RequestContent = 'none' | 'audio' | 'digits' | 'event';

/** The message that was read last; the next one is read over it. */
export interface RequestMessage {
  /** The ids and settings are those of the message before it of the same RPC. */
  readonly asBefore: boolean;
  readonly conversationId: string;
  readonly organization: string;
  readonly agentId: string;
  readonly allowPartialResponses: boolean;
  readonly vendorConfig: string;
  /** Undefined when there is none. */
  readonly additionalInfo: Readonly<Record<string, string>> | undefined;
  readonly content: RequestContent;
  /** To be copied by who keeps it: the audio of the next message lies in the same place. */
  readonly audio: Uint8Array;
  /** VoiceInput.VoiceEncoding, of audio. */
  readonly encoding: number;
  readonly sampleRateHz: number;
  /** DTMFDigits, of digits. */
  readonly digits: readonly number[];
  readonly event: EventInput | undefined;
}

/** Reads messages, one after another. */
export interface RequestDecoder {
  readonly message: RequestMessage;
  /** For an RPC of which nothing was read. */
  newLead(): RequestLead;
  /**
   * Reads one message, from `start` to before `end`.
   *
   * @param lead - that of its RPC
   * @throws MalformedMessageError when the bytes are none; `message` is then of no use
   */
  decode(lead: RequestLead, bytes: Uint8Array, start: number, end: number): void;
}

/** The fields that are read here, by message, with the numbers that the contract gives them. */
export const FIELDS = {
  request: {
    conversationId: 1,
    customerOrgId: 2,
    virtualAgentId: 3,
    allowPartialResponses: 4,
    vendorSpecificConfig: 5,
    audioInput: 6,
    dtmfInput: 7,
    eventInput: 8,
    additionalInfo: 9,
  },
  audio: {
    callerAudio: 1,
    encoding: 2,
    sampleRateHertz: 3,
    audioTimestamp: 4,
    languageCode: 5,
    isSingleUtterance: 6,
  },
  timestamp: { seconds: 1, nanos: 2 },
  digits: { dtmfEvents: 1 },
} as const;

/** Groups may be nested as deep as the runtime has it: a hundred levels, of which the messages around count. */
const GROUP_DEPTH = { request: 99, part: 98, timestamp: 97 } as const;

/** 20 ms of samples at 16 kHz. */
const MAX_BLOCK_BYTES = 640;

const EMPTY = new Uint8Array(0);
const NO_DIGITS: readonly number[] = [];

class Decoder implements RequestDecoder, RequestMessage {
  asBefore = false;
  conversationId = '';
  organization = '';
  agentId = '';
  allowPartialResponses = false;
  vendorConfig = '';
  additionalInfo: Record<string, string> | undefined = undefined;
  content: RequestContent = 'none';
  audio: Uint8Array = EMPTY;
  encoding = 0;
  sampleRateHz = 0;
  digits: readonly number[] = NO_DIGITS;
  #digits: number[] = [];
  event: EventInput | undefined = undefined;
  readonly #reader: WireReader;
  readonly #createLead = createLeads();
  #lead: RequestLead = this.#createLead(undefined);
  #knownLanguage = '';
  /** Where audio is copied to, by its length. */
  readonly #blocks: (Uint8Array | undefined)[] = Array.from({ length: MAX_BLOCK_BYTES + 1 }, () => undefined);

  constructor(reader: WireReader) {
    this.#reader = reader;
  }

  get message(): RequestMessage {
    return this;
  }

  #clear(): void {
    this.asBefore = false;
    this.conversationId = '';
    this.organization = '';
    this.agentId = '';
    this.allowPartialResponses = false;
    this.vendorConfig = '';
    this.#lead.forget();
    this.#clearContent();
  }

  #clearContent(): void {
    this.additionalInfo = undefined;
    this.content = 'none';
    this.#clearAudio();
    this.digits = NO_DIGITS;
    this.event = undefined;
  }

  #clearAudio(): void {
    this.audio = EMPTY;
    this.encoding = 0;
    this.sampleRateHz = 0;
  }

  newLead(): RequestLead {
    return this.#createLead(this.#lead);
  }

  decode(lead: RequestLead, bytes: Uint8Array, start: number, end: number): void {
    const reader = this.#reader;
    this.#lead = lead;
    if (lead.length > 0 && end - start >= lead.length && lead.leads(bytes, start)) {
      this.asBefore = true;
      this.conversationId = lead.conversationId;
      this.organization = lead.organization;
      this.agentId = lead.agentId;
      this.allowPartialResponses = lead.allowPartialResponses;
      this.vendorConfig = lead.vendorConfig;
      this.#clearContent();
      reader.open(bytes, start + lead.length, end);
      this.#readFields(bytes, start, end);
      return;
    }
    this.#clear();
    reader.open(bytes, start, end);
    while (reader.position < end) {
      const at = reader.position;
      const tag = reader.tag();
      if (this.#readSetting(tag)) continue;
      reader.open(bytes, at, end);
      break;
    }
    lead.keep(this, bytes, start, reader.position);
    this.#readFields(bytes, start, end);
  }

  /** Reads an id or a setting; false when the field is something else. */
  #readSetting(tag: number): boolean {
    const reader = this.#reader;
    switch (tag >>> 3) {
      case FIELDS.request.conversationId:
        this.conversationId = reader.text(this.#lead.conversationId);
        return true;
      case FIELDS.request.customerOrgId:
        this.organization = reader.text(this.#lead.organization);
        return true;
      case FIELDS.request.virtualAgentId:
        this.agentId = reader.text(this.#lead.agentId);
        return true;
      case FIELDS.request.allowPartialResponses:
        this.allowPartialResponses = reader.bool();
        return true;
      case FIELDS.request.vendorSpecificConfig:
        this.vendorConfig = reader.text(this.#lead.vendorConfig);
        return true;
      default:
        return false;
    }
  }

  #readFields(bytes: Uint8Array, start: number, end: number): void {
    const reader = this.#reader;
    while (reader.position < end) {
      const tag = reader.tag();
      switch (tag >>> 3) {
        case FIELDS.request.audioInput:
          this.#readAudio();
          break;
        case FIELDS.request.dtmfInput:
          this.#readDigits();
          break;
        case FIELDS.request.eventInput:
          this.#readWhole(bytes.subarray(start, end));
          return;
        case FIELDS.request.additionalInfo:
          this.additionalInfo ??= {};
          readMapEntry(reader, this.additionalInfo, GROUP_DEPTH.request);
          break;
        default:
          if (this.#readSetting(tag)) {
            this.asBefore = false;
            this.#lead.forget();
          } else reader.skip(tag, GROUP_DEPTH.request);
      }
    }
  }

  /** Audio that comes twice in one message is merged, digits after audio are in its place, and the other way round. */
  #readAudio(): void {
    const reader = this.#reader;
    if (this.content !== 'audio') this.#clearAudio();
    this.content = 'audio';
    const end = reader.messageEnd();
    while (reader.position < end) {
      const tag = reader.tag();
      switch (tag >>> 3) {
        case FIELDS.audio.callerAudio:
          this.audio = this.#readBlock();
          break;
        case FIELDS.audio.encoding:
          this.encoding = reader.int32();
          break;
        case FIELDS.audio.sampleRateHertz:
          this.sampleRateHz = reader.int32();
          break;
        case FIELDS.audio.audioTimestamp:
          this.#passTimestamp();
          break;
        case FIELDS.audio.languageCode:
          this.#knownLanguage = reader.text(this.#knownLanguage);
          break;
        case FIELDS.audio.isSingleUtterance:
          reader.bool();
          break;
        default:
          reader.skip(tag, GROUP_DEPTH.part);
      }
    }
  }

  /**
   * Audio of a usual length is copied, into the place that audio of that length has: a view would be an object for each frame,
   * and the greater part of all garbage.
   */
  #readBlock(): Uint8Array {
    const reader = this.#reader;
    const length = reader.passBytes();
    if (length > MAX_BLOCK_BYTES) return reader.viewPassed();
    this.#blocks[length] ??= new Uint8Array(length);
    const block = this.#blocks[length];
    reader.copyPassed(block);
    return block;
  }

  /** Nobody asks for the time, but a message in which it is broken is broken. */
  #passTimestamp(): void {
    const reader = this.#reader;
    const end = reader.messageEnd();
    while (reader.position < end) {
      const tag = reader.tag();
      switch (tag >>> 3) {
        case FIELDS.timestamp.seconds:
          reader.skipVarint64();
          break;
        case FIELDS.timestamp.nanos:
          reader.uint32();
          break;
        default:
          reader.skip(tag, GROUP_DEPTH.timestamp);
      }
    }
  }

  #readDigits(): void {
    const reader = this.#reader;
    if (this.content !== 'digits') this.#digits = [];
    const digits = this.#digits;
    const end = reader.messageEnd();
    while (reader.position < end) {
      const tag = reader.tag();
      if (tag >>> 3 !== FIELDS.digits.dtmfEvents) reader.skip(tag, GROUP_DEPTH.part);
      else if ((tag & 7) !== WIRE_TYPE.bytes) digits.push(reader.int32());
      else {
        const packedEnd = reader.messageEnd();
        while (reader.position < packedEnd) digits.push(reader.int32());
      }
    }
    this.content = 'digits';
    this.digits = digits;
  }

  #readWhole(bytes: Uint8Array): void {
    let message: VoiceVARequest;
    try {
      message = fromBinary(VoiceVARequestSchema, bytes, { readUnknownFields: false });
    } catch {
      throw new MalformedMessageError('The message has an event that cannot be read.');
    }
    this.#clear();
    this.conversationId = message.conversationId;
    this.organization = message.customerOrgId;
    this.agentId = message.virtualAgentId;
    this.allowPartialResponses = message.allowPartialResponses;
    this.vendorConfig = message.vendorSpecificConfig;
    this.additionalInfo = message.additionalInfo;
    const { voiceVaInputType: content } = message;
    switch (content.case) {
      case 'audioInput':
        this.content = 'audio';
        this.audio = content.value.callerAudio;
        this.encoding = content.value.encoding;
        this.sampleRateHz = content.value.sampleRateHertz;
        break;
      case 'dtmfInput':
        this.content = 'digits';
        this.digits = content.value.dtmfEvents;
        break;
      case 'eventInput':
        this.content = 'event';
        this.event = content.value;
        break;
    }
  }
}

/** Makes a decoder. It and its reader may serve all RPCs: a message is read in one go. */
export function createRequestDecoder(reader: WireReader): RequestDecoder {
  return new Decoder(reader);
}
