// The port between a transport and the core. A transport pushes what arrives into an RpcInput, at once and without a
// promise per message, and drains an RpcOutput; neither side sees the other's types.
import type { AudioEncoding } from '../audio/audio-format.ts';
import type { Admission } from './gate.ts';
import type { CallerEvent, DtmfDigit, ListAgentsRequest, RequestHeader } from './request.ts';
import type { AgentResponse, ListedAgent } from './response.ts';

/** By what the frames of calls travel: `'lane'` is our own gRPC, on the streams of HTTP/2. */
export type FramePath = 'lane' | 'connect';

/** Why an RPC is refused or broken off, in gRPC's words. */
export type RpcFailure =
  | 'invalid_argument'
  | 'not_found'
  | 'permission_denied'
  | 'resource_exhausted'
  | 'unavailable'
  | 'internal';

/** The transport's side of one RPC: where responses go. */
export interface RpcOutput {
  /** Queues a response. Does nothing once the RPC has completed, failed or gone. */
  send(response: AgentResponse): void;
  /** Audio bytes queued and not yet taken by the socket. */
  readonly queuedBytes: number;
  /** Resolves when less than the high-water mark is queued, or when the RPC is over; undefined where that is so now. */
  drained(): Promise<void> | undefined;
  /** The next message may have to be answered at once: a transport that puts off reading reads it as it comes. */
  expectNext?(): void;
  /** Ends the RPC with OK after what is queued. */
  complete(): void;
  /** Ends the RPC with an error; `message` is a fixed text that tells the peer nothing of the inside. */
  fail(failure: RpcFailure, message: string): void;
}

/** The core's side of one RPC: where messages go. All calls are synchronous and never throw. */
export interface RpcInput {
  /** The ids of the first message. False when the RPC was refused: the transport stops reading. */
  begin(header: RequestHeader): boolean;
  /** The ids of each later message, which must not change. False as for `begin`. */
  continues(conversationId: string, organization: string, agentId: string): boolean;
  /** Caller audio, to be copied by who keeps it; encoding undefined and rate 0 mean "as before". */
  audio(bytes: Uint8Array, encoding: AudioEncoding | undefined, sampleRateHz: number): void;
  digits(digits: readonly DtmfDigit[]): void;
  event(event: CallerEvent): void;
  /** A message that has ids and nothing else. */
  empty(): void;
  /** The platform will send nothing more on this RPC. */
  halfClose(): void;
  /** The platform reset the stream, or the connection broke. */
  cancel(): void;
}

/** What the core offers to every transport. */
export interface CallService {
  openRpc(output: RpcOutput, admission: Admission): RpcInput;
  /** Undefined when the caller asks for another organization than its own. */
  listAgents(request: ListAgentsRequest): Promise<readonly ListedAgent[] | undefined>;
}
