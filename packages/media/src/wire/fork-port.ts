// The port between a transport and the core for forked audio: a call between a caller and a person that is listened to. As
// with ./port.ts, a transport pushes what arrives, at once and without a promise per frame.
import type { AudioEncoding } from '../audio/audio-format.ts';
import type { Admission } from './gate.ts';
import type { RpcFailure } from './port.ts';

/** Who is heard on a leg of a call; `unknown` where the platform does not say. */
export type LegRole = 'caller' | 'agent' | 'unknown';

/** The ids of the first message of an RPC. */
export interface ForkHeader {
  /** The call; the same on every RPC of it. */
  readonly conversationId: string;
  /** The customer organization's id. */
  readonly organization: string;
  /** Further text values of the platform. */
  readonly additionalInfo: Readonly<Record<string, string>>;
}

/** One piece of one leg, as it came. A transport may write the next one over it. */
export interface ForkFrame {
  /** Empty where a message has a format alone. */
  readonly audio: Uint8Array;
  /** Undefined means "as before"; `unknown` is one that this version has no name for. */
  readonly encoding: AudioEncoding | 'unknown' | undefined;
  /** 0 means "as before". */
  readonly sampleRateHz: number;
  /** When it was captured, in ms since 1970; undefined when it does not say. */
  readonly atMs: number | undefined;
  readonly role: LegRole;
  readonly roleId: string;
}

/** What the platform is told in the one response: all is well, the audio cannot be read, or something went wrong. */
export type ForkAnswer = 'success' | 'invalid_audio' | 'stream_failure';

/** The transport's side of one RPC. */
export interface ForkOutput {
  /** Sends the one response and ends the RPC with OK. Does nothing once the RPC is over. */
  answer(answer: ForkAnswer): void;
  /** Ends the RPC with an error; `message` is a fixed text that tells the peer nothing of the inside. */
  fail(failure: RpcFailure, message: string): void;
}

/** The core's side of one RPC: where messages go. All calls are synchronous and never throw. */
export interface ForkInput {
  /** The ids of the first message. False when the RPC was refused: the transport stops reading. */
  begin(header: ForkHeader): boolean;
  /** The ids of each later message, which must not change. False as for `begin`. */
  continues(conversationId: string, organization: string): boolean;
  frame(frame: ForkFrame): void;
  /** The platform will send nothing more on this RPC. */
  halfClose(): void;
  /** The platform reset the stream, or the connection broke. */
  cancel(): void;
}

/** What the core offers to every transport. */
export interface ForkService {
  /** Undefined without a handler of forked audio: then the method is not offered. */
  openFork(output: ForkOutput, admission: Admission): ForkInput | undefined;
}
