// One leg of a call that is listened to: how it is coded, and where its frames lie in time.
import type { AudioEncoding } from '../audio/audio-format.ts';
import { sampleBytes } from '../audio/wav.ts';
import type { ForkFrame, LegRole } from '../wire/fork-port.ts';
import type { ConversationFrame, ConversationLeg } from './conversation.ts';

/** A leg; as a {@link ConversationFrame} it is the frame that came last. */
export interface Leg extends ConversationLeg, ConversationFrame {
  readonly durationMs: number;
  /** Takes a frame. False when it cannot be read. */
  take(frame: ForkFrame, arrivedMs: number): boolean;
  /** The frame was handed on: its bytes are let go. */
  release(): void;
}

const EMPTY = new Uint8Array(0);

class ForkedLeg implements Leg {
  readonly role: LegRole;
  readonly roleId: string;
  /** What the platform means when it does not say (wire/details.md 2.1). */
  encoding: AudioEncoding = 'mulaw';
  sampleRateHz: 8000 | 16000 = 8000;
  audio: Uint8Array = EMPTY;
  atMs = 0;
  durationMs = 0;
  audioMs = 0;
  #nextAtMs: number | undefined;

  constructor(role: LegRole, roleId: string) {
    this.role = role;
    this.roleId = roleId;
  }

  take({ audio, encoding, sampleRateHz, atMs }: ForkFrame, arrivedMs: number): boolean {
    if (encoding === 'unknown') return false;
    if (sampleRateHz === 8000 || sampleRateHz === 16_000) this.sampleRateHz = sampleRateHz;
    else if (sampleRateHz !== 0) return false;
    if (encoding !== undefined) this.encoding = encoding;
    const bytes = sampleBytes(this.encoding);
    if (audio.length % bytes !== 0) return false;
    this.audio = audio;
    this.durationMs = (audio.length / bytes / this.sampleRateHz) * 1000;
    this.audioMs += this.durationMs;
    this.atMs = atMs ?? this.#nextAtMs ?? arrivedMs;
    if (audio.length > 0) this.#nextAtMs = this.atMs + this.durationMs;
    return true;
  }

  release(): void {
    this.audio = EMPTY;
  }
}

/** Makes a leg of which nothing came yet. */
export function createLeg(role: LegRole, roleId: string): Leg {
  return new ForkedLeg(role, roleId);
}
