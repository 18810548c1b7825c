// Reads ConversationAudioForkingRequest from the bytes of a frame into one object per RPC: what a call that is listened to
// sends a hundred times a second. The ids are kept from message to message, the audio is a view.
import { readMapEntry } from './read-map-entry.ts';
import type { WireReader } from './wire-reader.ts';

/** The message that was read last; the next one is read over it. Numbers are those of the contract. */
export interface ForkRequestMessage {
  readonly conversationId: string;
  readonly organization: string;
  /** Undefined when there is none. */
  readonly additionalInfo: Readonly<Record<string, string>> | undefined;
  readonly hasAudio: boolean;
  /** A view of the bytes that were read. */
  readonly audio: Uint8Array;
  readonly encoding: number;
  readonly sampleRateHz: number;
  readonly hasTimestamp: boolean;
  /** As near as a number comes to 64 bits. */
  readonly seconds: number;
  readonly nanos: number;
  readonly role: number;
  readonly roleId: string;
}

/** Reads the messages of one RPC. */
export interface ForkRequestDecoder {
  readonly message: ForkRequestMessage;
  /**
   * Reads one message, from `start` to before `end`.
   *
   * @throws MalformedMessageError when the bytes are none; `message` is then of no use
   */
  decode(bytes: Uint8Array, start: number, end: number): void;
}

/** The fields, by message, with the numbers that the contract gives them. */
export const FORK_FIELDS = {
  request: { conversationId: 1, customerOrgId: 2, audio: 3, additionalInfo: 4 },
  audio: { audioData: 1, encoding: 2, sampleRateHertz: 3, audioTimestamp: 4, role: 5, roleId: 6 },
  timestamp: { seconds: 1, nanos: 2 },
} as const;

/** Groups may be nested as deep as the runtime has it: a hundred levels, of which the messages around count. */
const GROUP_DEPTH = { request: 99, audio: 98, timestamp: 97 } as const;

/** A caller, an agent, and who is neither: their ids alternate from message to message. */
const KNOWN_ROLES = 3;

const EMPTY = new Uint8Array(0);

class Decoder implements ForkRequestDecoder, ForkRequestMessage {
  conversationId = '';
  organization = '';
  additionalInfo: Record<string, string> | undefined = undefined;
  hasAudio = false;
  audio: Uint8Array = EMPTY;
  encoding = 0;
  sampleRateHz = 0;
  hasTimestamp = false;
  seconds = 0;
  nanos = 0;
  role = 0;
  roleId = '';
  readonly #reader: WireReader;
  // What the messages before had: they have the same, as a rule.
  #knownConversation = '';
  #knownOrganization = '';
  readonly #knownRoleIds: string[] = Array.from({ length: KNOWN_ROLES }, () => '');

  constructor(reader: WireReader) {
    this.#reader = reader;
  }

  get message(): ForkRequestMessage {
    return this;
  }

  #clear(): void {
    this.conversationId = '';
    this.organization = '';
    this.additionalInfo = undefined;
    this.hasAudio = false;
    this.audio = EMPTY;
    this.encoding = 0;
    this.sampleRateHz = 0;
    this.hasTimestamp = false;
    this.seconds = 0;
    this.nanos = 0;
    this.role = 0;
    this.roleId = '';
  }

  decode(bytes: Uint8Array, start: number, end: number): void {
    const reader = this.#reader;
    this.#clear();
    reader.open(bytes, start, end);
    while (reader.position < end) {
      const tag = reader.tag();
      switch (tag >>> 3) {
        case FORK_FIELDS.request.conversationId:
          this.conversationId = this.#knownConversation = reader.text(this.#knownConversation);
          break;
        case FORK_FIELDS.request.customerOrgId:
          this.organization = this.#knownOrganization = reader.text(this.#knownOrganization);
          break;
        case FORK_FIELDS.request.audio:
          this.#readAudio();
          break;
        case FORK_FIELDS.request.additionalInfo:
          this.additionalInfo ??= {};
          readMapEntry(reader, this.additionalInfo, GROUP_DEPTH.request);
          break;
        default:
          reader.skip(tag, GROUP_DEPTH.request);
      }
    }
  }

  /** Audio that comes twice in one message is merged. */
  #readAudio(): void {
    const reader = this.#reader;
    this.hasAudio = true;
    const end = reader.messageEnd();
    while (reader.position < end) {
      const tag = reader.tag();
      switch (tag >>> 3) {
        case FORK_FIELDS.audio.audioData:
          reader.passBytes();
          this.audio = reader.viewPassed();
          break;
        case FORK_FIELDS.audio.encoding:
          this.encoding = reader.int32();
          break;
        case FORK_FIELDS.audio.sampleRateHertz:
          this.sampleRateHz = reader.int32();
          break;
        case FORK_FIELDS.audio.audioTimestamp:
          this.#readTimestamp();
          break;
        case FORK_FIELDS.audio.role:
          this.role = reader.int32();
          break;
        case FORK_FIELDS.audio.roleId:
          this.#readRoleId();
          break;
        default:
          reader.skip(tag, GROUP_DEPTH.audio);
      }
    }
  }

  #readTimestamp(): void {
    const reader = this.#reader;
    this.hasTimestamp = true;
    const end = reader.messageEnd();
    while (reader.position < end) {
      const tag = reader.tag();
      switch (tag >>> 3) {
        case FORK_FIELDS.timestamp.seconds:
          this.seconds = reader.int64();
          break;
        case FORK_FIELDS.timestamp.nanos:
          this.nanos = reader.int32();
          break;
        default:
          reader.skip(tag, GROUP_DEPTH.timestamp);
      }
    }
  }

  #readRoleId(): void {
    const known = this.#knownRoleIds;
    const role = this.role >= 0 && this.role < KNOWN_ROLES ? this.role : 0;
    this.roleId = known[role] = this.#reader.text(known[role] ?? '');
  }
}

/** Makes the decoder of one RPC. The reader may serve all of them: a message is read in one go. */
export function createForkRequestDecoder(reader: WireReader): ForkRequestDecoder {
  return new Decoder(reader);
}
