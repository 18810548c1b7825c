// What a plugin is: hooks, all optional. The recorder, telemetry and the rate limiter are made of these alone.
import type { AudioEncoding } from '../audio/audio-format.ts';
import type { MediaObservation, ObservedCall } from './observation.ts';

/** A new call that asks to be taken. */
export interface CallRequest {
  readonly id: string;
  readonly organization: string;
  readonly agentId: string;
}

/** Why a plugin takes no new call. */
export interface CallRejection {
  /** A short name of the reason, of a small set: it becomes a metric label. */
  readonly reason: string;
  /** What the platform is told. Default `'resource_exhausted'`. */
  readonly status?: 'resource_exhausted' | 'unavailable' | 'permission_denied';
}

/** A handler that is about to run. */
export interface HandlerInvocation {
  readonly call: ObservedCall;
  /** The name of the event. */
  readonly handler: string;
  /** The number of the RPC, where there is one. */
  readonly turn: number | undefined;
}

/**
 * Hooks into a server, added by `server.use()`. All of them are called synchronously; one that throws is logged and costs
 * nothing else. Nothing that a hook is given tells what the caller said or pressed, but for the audio hooks, which are
 * skipped while the input is `sensitive`.
 *
 * @example
 * ```ts
 * import { type MediaPlugin, MediaServer } from '@byova/media';
 *
 * let bargeIns = 0;
 * const counter: MediaPlugin = {
 *   name: 'barge-in-counter',
 *   observe(observation) {
 *     if (observation.type === 'barge_in') bargeIns += 1;
 *   },
 * };
 * const server = new MediaServer({ agents: [{ id: 'reception', name: 'Reception' }] });
 * server.use(counter);
 * console.log(bargeIns); // 0
 * ```
 */
export interface MediaPlugin {
  /** For logs. */
  readonly name: string;
  /** Told of everything that happens, in order. */
  observe?(observation: MediaObservation): void;
  /** Asked for each new call; the first plugin that gives a rejection decides. */
  admit?(request: CallRequest): CallRejection | undefined;
  /**
   * Runs around each handler, for a context that follows it through its promises. Must call `next` once and give what it
   * gives.
   */
  around?<Result>(invocation: HandlerInvocation, next: () => Result): Result;
  /** A frame of the caller, as it came. The bytes are valid during the hook. 50 times a second and call. */
  callerAudio?(call: ObservedCall, audio: Uint8Array, encoding: AudioEncoding, sampleRateHz: number): void;
  /**
   * Audio was sent to the caller, who hears it from `heardAtMs` on the server's clock. Mu-law at 8 kHz; the bytes are valid
   * during the hook.
   */
  agentAudio?(call: ObservedCall, audio: Uint8Array, heardAtMs: number): void;
  /** Of the audio that was sent, the caller hears nothing from `atMs` on: it was cut. */
  agentAudioCut?(call: ObservedCall, atMs: number): void;
  /** The server is closed; waited for, at most as long as `limits.endGraceMs`. */
  close?(): void | Promise<void>;
}
