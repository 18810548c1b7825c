// The port between a transport and the core. A transport pushes what arrives into an RpcInput, at once and without a
// promise per message, and takes what the core sends to an RpcOutput; neither side sees the other's types.
import type { AudioEncoding } from '../audio/audio-format.ts';
import type { OutputShare } from '../output/output-share.ts';
import type { Admission } from './gate.ts';
import type { CallerEvent, DtmfDigit, ListAgentsRequest, RequestHeader } from './request.ts';
import type { AgentResponse, ListedAgent } from './response.ts';

/**
 * What reads and answers the frames of calls. `'streams'`: the lane, our own gRPC, on the streams of Node's HTTP/2. `'tap'`: the
 * lane, with DATA taken off the connection before Node's HTTP/2. `'connect'`: the Connect library.
 */
export type FramePath = 'streams' | 'tap' | 'connect';

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
  /** What the RPC takes of the budget of its connection: says whether the source of a reply may be pulled further. */
  readonly share: OutputShare;
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
