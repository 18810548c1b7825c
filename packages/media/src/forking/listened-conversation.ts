// One call that is listened to: takes its frames, and hands them to those who listen and to those who read.
import type { Logger } from '../session/logger.ts';
import type { ForkFrame, ForkHeader, LegRole } from '../wire/fork-port.ts';
import type { CallIdentity } from '../wire/gate.ts';
import { checkLeg, checkListener } from './check-conversation.ts';
import type {
  Conversation,
  ConversationEndReason,
  ConversationFrame,
  ConversationLeg,
  LegAudio,
  LegAudioOptions,
} from './conversation.ts';
import { createLeg, type Leg } from './leg.ts';
import { createLegReader, type LegReader } from './leg-audio.ts';

/** More people than ever take part in a call. */
const MAX_LEGS = 32;
const PIECE_MS = 100;

/** What became of a frame. */
export type Taken = 'ok' | 'invalid_audio' | 'too_many_legs';

/** What {@link createListenedConversation} needs. */
export interface ListenedConversationOptions {
  readonly header: ForkHeader;
  readonly identity: CallIdentity | undefined;
  readonly resumed: boolean;
  readonly maxQueueMs: number;
  readonly log: Logger;
  /** Asked before a leg is made: another RPC may have it. */
  readonly onLeg: (role: LegRole, roleId: string) => void;
}

/** The side of a {@link Conversation} that frames come by. */
export interface ListenedConversation extends Conversation {
  /** Whether a listener or the handler threw: not all of the audio was taken. */
  troubled: boolean;
  hasLeg(role: LegRole, roleId: string): boolean;
  take(frame: ForkFrame, arrivedMs: number): Taken;
  /** Nothing more comes. The first reason stays. */
  end(reason: ConversationEndReason): void;
}

type Listener = (frame: ConversationFrame) => unknown;

class Listened implements ListenedConversation {
  readonly id: string;
  readonly organization: string;
  readonly identity: CallIdentity | undefined;
  readonly additionalInfo: Readonly<Record<string, string>>;
  readonly resumed: boolean;
  readonly ended: Promise<ConversationEndReason>;
  troubled = false;
  readonly #options: ListenedConversationOptions;
  readonly #settle: (reason: ConversationEndReason) => void;
  readonly #legs: Leg[] = [];
  /** Replaced as a whole, so that who leaves while a frame is handed on does not move the others. */
  #listeners: readonly Listener[] = [];
  readonly #readers = new Set<LegReader>();
  #over = false;

  constructor(options: ListenedConversationOptions) {
    const { header, identity, resumed } = options;
    this.id = header.conversationId;
    this.organization = header.organization;
    this.additionalInfo = header.additionalInfo;
    this.identity = identity;
    this.resumed = resumed;
    this.#options = options;
    const { promise, resolve } = Promise.withResolvers<ConversationEndReason>();
    this.ended = promise;
    this.#settle = resolve;
  }

  get legs(): readonly ConversationLeg[] {
    return this.#legs.map(({ role, roleId, encoding, sampleRateHz, audioMs }) => ({
      role,
      roleId,
      encoding,
      sampleRateHz,
      audioMs,
    }));
  }

  onAudio(listener: Listener): () => void {
    checkListener(listener);
    // Anew for each registration, so that one function can be registered twice.
    const added: Listener = (frame) => listener(frame);
    this.#listeners = [...this.#listeners, added];
    return () => {
      this.#listeners = this.#listeners.filter((one) => one !== added);
    };
  }

  leg(role: LegRole, options: LegAudioOptions = {}): LegAudio {
    const { pieceMs = PIECE_MS } = checkLeg(role, options);
    const { maxQueueMs } = this.#options;
    const reader = createLegReader({ role, pieceMs, maxQueueMs, onClosed: (closed) => this.#readers.delete(closed) });
    if (this.#over) reader.end();
    else this.#readers.add(reader);
    return reader;
  }

  hasLeg(role: LegRole, roleId: string): boolean {
    return this.#find(role, roleId) !== undefined;
  }

  #find(role: LegRole, roleId: string): Leg | undefined {
    for (const leg of this.#legs) if (leg.role === role && leg.roleId === roleId) return leg;
    return undefined;
  }

  #newLeg(role: LegRole, roleId: string): Leg | undefined {
    if (this.#legs.length >= MAX_LEGS) return undefined;
    this.#options.onLeg(role, roleId);
    const leg = createLeg(role, roleId);
    this.#legs.push(leg);
    return leg;
  }

  take(frame: ForkFrame, arrivedMs: number): Taken {
    const { role, roleId } = frame;
    const leg = this.#find(role, roleId) ?? this.#newLeg(role, roleId);
    if (leg === undefined) return 'too_many_legs';
    if (!leg.take(frame, arrivedMs)) return 'invalid_audio';
    // A message that has a format alone.
    if (leg.audio.length === 0) return 'ok';
    for (const listener of this.#listeners) this.#tell(listener, leg);
    for (const reader of this.#readers) if (reader.role === role) reader.push(leg);
    leg.release();
    return 'ok';
  }

  #tell(listener: Listener, leg: Leg): void {
    try {
      const told: unknown = listener(leg);
      if (told instanceof Promise) void this.#follow(told);
    } catch (error) {
      this.#failed(error);
    }
  }

  async #follow(told: Promise<unknown>): Promise<void> {
    try {
      await told;
    } catch (error) {
      this.#failed(error);
    }
  }

  /** Told once: a listener that fails, fails with each frame. */
  #failed(error: unknown): void {
    if (!this.troubled) this.#options.log.error({ err: error }, 'a listener of forked audio threw');
    this.troubled = true;
  }

  end(reason: ConversationEndReason): void {
    if (this.#over) return;
    this.#over = true;
    this.#listeners = [];
    for (const reader of this.#readers) {
      if (reader.droppedMs > 0) {
        const { role, droppedMs } = reader;
        this.#options.log.warn({ role, droppedMs }, 'forked audio was dropped, since it was not read in time');
      }
      reader.end();
    }
    this.#settle(reason);
  }
}

/** Makes a conversation. */
export function createListenedConversation(options: ListenedConversationOptions): ListenedConversation {
  return new Listened(options);
}
