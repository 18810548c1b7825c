// What plugins and diagnostics channels are told, in one vocabulary. Never what the caller said or pressed, and no token.
import type { AbortReason, CallEndReason } from '../errors/media-errors.ts';

/** The call that an observation is about: the same object from its first observation to its last. */
export interface ObservedCall {
  /** The conversation id. Not for metric labels. */
  readonly id: string;
  /** The customer organization's id. Not for metric labels. */
  readonly organization: string;
  /** The id of the agent. */
  readonly agentId: string;
  /** True when this process did not see its start. */
  readonly implicit: boolean;
}

/** What the caller did that a reply answers; `agent` for a reply that nobody asked for. */
export type ReplyCause = 'start' | 'speech' | 'dtmf' | 'no_input' | 'event' | 'agent';

/** The observations of calls, by type; each also says `call` and `atMs`, ms on the server's clock. */
export interface CallObservations {
  /** The call reached this process. */
  session_started: object;
  /** It is over. Only handlers and RPCs may still settle. */
  session_ended: { readonly reason: CallEndReason; readonly durationMs: number };
  /** An RPC has opened. */
  turn_started: { readonly turn: number; readonly kind: 'start' | 'audio' | 'dtmf' | 'event' };
  /** An RPC is over. */
  turn_ended: {
    readonly turn: number;
    readonly kind: 'start' | 'audio' | 'dtmf' | 'event';
    readonly outcome: 'replied' | 'silent' | 'cancelled' | 'failed';
    readonly durationMs: number;
    /** The audio of the caller that was listened to, in ms. */
    readonly callerAudioMs: number;
    /** The audio that was sent, in ms, whether it was heard or not. */
    readonly agentAudioMs: number;
  };
  /** The detector found speech, which began `lagMs` before; `undefined` where the detector does not tell. */
  speech_started: { readonly turn: number; readonly lagMs: number | undefined };
  /** The utterance is complete; its last sound was `lagMs` before. */
  speech_ended: {
    readonly turn: number;
    readonly durationMs: number;
    readonly endedBy: 'silence' | 'max_utterance' | 'half_close' | 'agent';
    readonly lagMs: number | undefined;
  };
  /** Digits came: how many, never which. */
  dtmf_received: { readonly turn: number; readonly count: number; readonly sensitive: boolean };
  /** The caller did nothing; `count` times in a row. */
  no_input: { readonly turn: number; readonly count: number };
  /** The caller interrupted. */
  barge_in: { readonly turn: number; readonly by: 'speech' | 'dtmf'; readonly heardMs: number };
  /** What stopped a prompt was none of an interruption: it goes on. */
  false_start: { readonly turn: number; readonly speechMs: number };
  /** The first audio of a reply went out, `latencyMs` after the input that it answers. */
  reply_started: { readonly turn: number; readonly cause: ReplyCause; readonly latencyMs: number };
  /** A reply is complete, `latencyMs` after the input. `ending` says whether it ends the call. */
  reply_ended: {
    readonly turn: number;
    readonly cause: ReplyCause;
    readonly latencyMs: number;
    readonly audioMs: number;
    readonly ending: 'transfer' | 'end' | undefined;
  };
  /** A prompt is over: heard to its end, or cut after `heardMs`. */
  prompt_ended: {
    readonly status: 'completed' | 'interrupted' | 'failed';
    readonly heardMs: number;
    readonly reason: AbortReason | undefined;
  };
  /** A handler has settled. `code` is that of its error. */
  handler_ended: {
    readonly turn: number | undefined;
    readonly handler: string;
    readonly durationMs: number;
    readonly outcome: 'ok' | 'failed' | 'overdue';
    readonly code: string | undefined;
  };
}

/** The observations that belong to no call. */
export interface ServerObservations {
  /** The port is open. `capacity` is how many calls the server takes at a time. */
  listening: { readonly capacity: number };
  /**
   * A gRPC request is over, also one that was refused, but no health check. `method` is the full name, `_OTHER` for one that
   * the server does not have; `status` is gRPC's name of it, for example `OK`.
   */
  rpc_ended: { readonly method: string; readonly status: string; readonly durationMs: number };
  /** A request was refused by its token, or, where tokens are not enforced, would have been. */
  request_refused: { readonly reason: string; readonly enforced: boolean };
  /** A new call was not taken: too many of them, the server is closing, or a plugin's refusal. */
  call_rejected: { readonly reason: string; readonly agentId: string };
  /** A client went over a limit of the server: its connection, stream or RPC was ended. `limit` is the option's name. */
  limit_exceeded: { readonly limit: string };
  /** The server takes no new calls. */
  draining: { readonly graceMs: number };
}

type CallObservation = {
  [Type in keyof CallObservations]: {
    readonly type: Type;
    readonly call: ObservedCall;
    readonly atMs: number;
  } & CallObservations[Type];
}[keyof CallObservations];

type ServerObservation = {
  [Type in keyof ServerObservations]: { readonly type: Type; readonly atMs: number } & ServerObservations[Type];
}[keyof ServerObservations];

/**
 * Something that happened, as plugins and diagnostics channels are told it: `type` tells which. Times are ms on the
 * server's clock.
 */
export type MediaObservation = CallObservation | ServerObservation;

/** The `type` of an observation. */
export type MediaObservationType = MediaObservation['type'];
