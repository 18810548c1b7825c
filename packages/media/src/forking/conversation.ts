// A call between a caller and a person that is listened to, as a handler sees it.
import type { AudioEncoding, AudioFormat } from '../audio/audio-format.ts';
import type { Logger } from '../session/logger.ts';
import type { LegRole } from '../wire/fork-port.ts';
import type { CallIdentity } from '../wire/gate.ts';

/**
 * How listening ended.
 *
 * - `completed`: the call is over, and all of its audio came.
 * - `cancelled`: the platform reset the stream, the connection broke, or a message could not be read. The platform may open
 *   another RPC for the same call.
 * - `replaced`: the platform has opened another, which goes on with the same leg.
 * - `idle_timeout`: nothing came for `limits.idleTimeoutMs`.
 * - `invalid_audio`: the audio cannot be read; the platform was told so.
 * - `drain`: the server was closed.
 * - `error`: the platform broke the rules of the protocol.
 */
export type ConversationEndReason =
  | 'completed'
  | 'cancelled'
  | 'replaced'
  | 'idle_timeout'
  | 'invalid_audio'
  | 'drain'
  | 'error';

/** One frame of one leg, as it came. */
export interface ConversationFrame {
  /** Who is heard. */
  readonly role: LegRole;
  /** The platform's id of the leg. Who takes over a call has another. */
  readonly roleId: string;
  /** Valid while the listener runs: copy what is to be kept. */
  readonly audio: Uint8Array;
  readonly encoding: AudioEncoding;
  readonly sampleRateHz: 8000 | 16000;
  /** When it was captured, in ms since 1970, by the platform's clock: how frames of the two legs lie to each other. */
  readonly atMs: number;
}

/** Some of the audio of a leg, without a gap in it. */
export interface ConversationPiece {
  readonly role: LegRole;
  /** The platform's id of the leg. */
  readonly roleId: string;
  /** How `audio` is coded. */
  readonly format: AudioFormat;
  /** The audio as it came; yours to keep. */
  readonly audio: Uint8Array;
  /** When its first sample was captured, in ms since 1970, by the platform's clock. */
  readonly atMs: number;
  /** Length of `audio`, in ms. */
  readonly durationMs: number;
  /** Ms of audio before this piece that were dropped, since it was not read in time. */
  readonly droppedMs: number;
  /** As 16-bit samples at its own rate. */
  toLinear16(): Int16Array;
}

/** What is known of a leg. */
export interface ConversationLeg {
  readonly role: LegRole;
  readonly roleId: string;
  readonly encoding: AudioEncoding;
  readonly sampleRateHz: 8000 | 16000;
  /** Ms of audio that came. */
  readonly audioMs: number;
}

/** The audio of everybody in one role, to be read with `for await`. Ends when what came has been read and listening is over. */
export interface LegAudio extends AsyncIterable<ConversationPiece> {
  /** Ms of audio that were dropped, since they were not read in time. */
  readonly droppedMs: number;
  /** Reads no more: whoever waits is done, and nothing is kept. Leaving the loop does the same. */
  close(): void;
}

/** How a leg is read. */
export interface LegAudioOptions {
  /** A piece is handed on when it is so long, in ms; shorter ones come before a gap and at the end. Default 100. */
  readonly pieceMs?: number;
}

/**
 * A call that is listened to: the two sides of it, for as long as one RPC of the platform lasts.
 *
 * @example
 * ```ts
 * import { MediaServer } from '@byova/media';
 *
 * const server = new MediaServer({ agents: [{ id: 'reception', name: 'Reception' }] });
 * server.on('conversation_audio', async ({ conversation, log }) => {
 *   conversation.onAudio(({ role, audio, atMs }) => log.debug({ role, bytes: audio.length, atMs }, 'a frame'));
 *   for await (const piece of conversation.leg('caller')) {
 *     const samples = piece.toLinear16(); // for a recognizer
 *     log.info({ samples: samples.length, rate: piece.format.sampleRateHz }, 'heard');
 *   }
 *   log.info({ reason: await conversation.ended }, 'the call is over');
 * });
 * ```
 */
export interface Conversation {
  /** The call's id at Webex. */
  readonly id: string;
  /** The customer organization's id: UUID in lower case, verified where `identity` is there. */
  readonly organization: string;
  /** Who calls, as the verified token says; undefined where tokens are not checked. */
  readonly identity: CallIdentity | undefined;
  /** Further text values of the platform. */
  readonly additionalInfo: Readonly<Record<string, string>>;
  /** Whether this goes on with a call whose RPC before broke off, or is replaced by this one. */
  readonly resumed: boolean;
  /** The legs that were heard so far. */
  readonly legs: readonly ConversationLeg[];
  /** How listening ended. Never rejects. */
  readonly ended: Promise<ConversationEndReason>;
  /**
   * Calls back for each frame of each leg, as it comes: 50 times a second and leg. Keep it short and synchronous; the frame is
   * valid during the call.
   *
   * @returns a function that stops it
   */
  onAudio(listener: (frame: ConversationFrame) => void): () => void;
  /**
   * Reads the audio of a role, from now on: call it before the handler's first `await`, so that nothing is missed. What is
   * not read within `limits.maxConversationQueueMs` is dropped, the oldest first.
   */
  leg(role: LegRole, options?: LegAudioOptions): LegAudio;
}

/** What the handler of `conversation_audio` is given. */
export interface ConversationAudioContext {
  readonly conversation: Conversation;
  /**
   * Aborted when listening ended in any way but `completed`, and when the server closes. At `completed` it is not: what came is
   * still to be worked on.
   */
  readonly signal: AbortSignal;
  /** The server's logger with the ids of the call. */
  readonly log: Logger;
}
