// What a call is placed with.
import type { JsonObject } from '../json.ts';
import type { CallStep } from '../script/call-step.ts';
import type { SimulatorClock } from '../time/clock.ts';
import type { TimelineEntry } from './timeline.ts';

/** How the caller's audio travels to the agent. */
export interface VoiceFormat {
  /** Default `'mulaw'`, as Webex sends it. */
  readonly encoding?: 'mulaw' | 'alaw' | 'linear16';
  /** Default 8000. */
  readonly sampleRateHz?: 8000 | 16000;
}

/** TLS towards the agent, for a target of `https:`. Everything is PEM. */
export interface CallTls {
  /** Who is trusted to sign the agent's certificate. Default: the well-known authorities. */
  readonly ca?: string | Uint8Array;
  /** The caller's own certificate, for mutual TLS; needs `key`. Default none. */
  readonly cert?: string | Uint8Array;
  /** The key of `cert`. */
  readonly key?: string | Uint8Array;
}

/**
 * The names that a server made with `@byova/media` gives the event with which its policy finishes a call: after a handler
 * that threw or took too long, and after input that nothing handles.
 */
export const FAILURE_EVENTS: readonly string[] = Object.freeze(['agent_error', 'unhandled_input']);

/** Bounds of a call. At each of them the call fails with the error named. */
export interface CallLimits {
  /** The longest call, in ms of the call: `LIMIT_EXCEEDED`. Default 300 000, at most 3 600 000. */
  readonly callMs?: number;
  /**
   * How long the agent may take to answer what it owes a reply for, in ms, once the caller has heard all audio that the
   * agent sent: `REPLY_TIMEOUT`. Default 15 000.
   */
  readonly replyMs?: number;
  /** How long the agent may take to complete an RPC once that is due, in ms: a violation. Default 2000. */
  readonly completionMs?: number;
  /** Audio and text received in the whole call, in bytes: `LIMIT_EXCEEDED`. Default 32 MiB. */
  readonly receivedBytes?: number;
  /** Responses received in the whole call: `LIMIT_EXCEEDED`. Default 20 000. */
  readonly responses?: number;
  /** RPCs opened in the whole call: `LIMIT_EXCEEDED`. Default 500. */
  readonly rpcs?: number;
}

/**
 * What {@link placeCall} needs.
 *
 * @example
 * ```ts
 * import type { CallOptions } from '@byova/simulator';
 *
 * export const options: CallOptions = {
 *   target: 'https://va.example.com',
 *   organization: 'my-organization',
 *   agentId: 'reception',
 *   parameters: { language: 'en' },
 *   pace: 'fast',
 *   script: [{ say: 'hello.wav' }, { expect: 'prompt', withinMs: 3000 }],
 *   limits: { callMs: 60_000 },
 * };
 * ```
 */
export interface CallOptions {
  /** Where the agent listens: `http://host:port` (HTTP/2 without TLS) or `https://host:port`. */
  readonly target: string;
  /** The customer organization whose call this is (`customer_org_id`). */
  readonly organization: string;
  /** The agent that the flow chose (`virtual_agent_id`). Default: none, which means the default agent. */
  readonly agentId?: string;
  /** The call (`conversation_id`). Default: a random UUID. */
  readonly conversationId?: string;
  /** What the flow hands over with SESSION_START. Default none. */
  readonly parameters?: JsonObject;
  /** Text that the customer's administrator wrote for this agent (`vendor_specific_config`). Default none. */
  readonly vendorConfig?: string;
  /** Whether the agent may send PARTIAL responses. Default `false`. */
  readonly allowPartialResponses?: boolean;
  /** The token that goes as `authorization: Bearer …` on every RPC. Default: no such metadata. */
  readonly token?: string;
  /** Default: the system's authorities and no client certificate. Only for a target of `https:`. */
  readonly tls?: CallTls;
  /**
   * What happens in the call, in order. When it is done the caller hears the agent's pending answer to its end and
   * then hangs up. Default: no step.
   */
  readonly script?: readonly CallStep[];
  /**
   * `'real_time'`: as a telephone call. `'fast'`: audio and silence run ahead as fast as the agent takes them, and
   * real time is spent only on waiting for the agent. Timers that the agent runs on its own clock are not sped up.
   * Default `'real_time'`.
   */
  readonly pace?: 'real_time' | 'fast';
  /** How the caller's audio travels. Default mu-law at 8000 Hz. */
  readonly voice?: VoiceFormat;
  /** Whether the terminator is the last of the digits sent; Webex's documents do not say. Default `true`. */
  readonly sendTerminator?: boolean;
  /** How `report.recording` is coded. Default `'linear16'`. */
  readonly recording?: 'linear16' | 'mulaw';
  /**
   * Names of events of the agent (a transfer, an end or a custom event) that mean a failure of the agent: its handler
   * failed, and the server's policy answered the caller. The call then fails with `AGENT_FAILED`, unless a step expects an
   * event of this name. Default {@link FAILURE_EVENTS}, the names that `@byova/media` gives; `[]`: none.
   */
  readonly failureEvents?: readonly string[];
  /** Aborting it ends the call: RPCs are reset and `placeCall` rejects with `CALL_ABORTED`. */
  readonly signal?: AbortSignal;
  /** Told each entry of the timeline as it happens. An error that it throws rejects the call. */
  readonly onTimeline?: (entry: TimelineEntry) => void;
  /** Bounds of the call. Default: as {@link CallLimits} says for each of them. */
  readonly limits?: CallLimits;
  /** Real time; the call's own time is made from it. Default: the process's own. */
  readonly clock?: SimulatorClock;
  /** Numbers from 0 up to 1, from which ids are made. Default `Math.random`. */
  readonly random?: () => number;
}
