// StreamConversationAudio on the lane: between the bytes of its messages and the core's port.
import type { AudioEncoding } from '../../audio/audio-format.ts';
import type { ForkAnswer, ForkFrame, ForkInput, ForkOutput, ForkService, LegRole } from '../../wire/fork-port.ts';
import type { Admission } from '../../wire/gate.ts';
import type { RpcFailure } from '../../wire/port.ts';
import { decodeForkEncoding, decodeRole, decodeTimestamp } from '../decode-fork-frame.ts';
import { frameForkAnswer } from '../encode-fork-answer.ts';
import { createForkRequestDecoder, type ForkRequestDecoder, type ForkRequestMessage } from './decode-fork-request.ts';
import type { LaneMethod, LaneRpc } from './lane-rpc.ts';
import type { WireReader } from './wire-reader.ts';

const EMPTY = new Uint8Array(0);

/** The frame that was read last: one for each RPC, written over. */
class Frame implements ForkFrame {
  audio: Uint8Array = EMPTY;
  encoding: AudioEncoding | 'unknown' | undefined = undefined;
  sampleRateHz = 0;
  atMs: number | undefined = undefined;
  role: LegRole = 'unknown';
  roleId = '';

  read(message: ForkRequestMessage): this {
    this.audio = message.audio;
    this.encoding = decodeForkEncoding(message.encoding);
    this.sampleRateHz = message.sampleRateHz;
    this.atMs = message.hasTimestamp ? decodeTimestamp(message.seconds, message.nanos) : undefined;
    this.role = decodeRole(message.role);
    this.roleId = message.roleId;
    return this;
  }
}

class ForkMethod implements LaneMethod, ForkOutput {
  readonly #rpc: LaneRpc;
  readonly #decoder: ForkRequestDecoder;
  readonly #frame = new Frame();
  #input: ForkInput | undefined;
  #begun = false;

  constructor(rpc: LaneRpc, wire: WireReader) {
    this.#rpc = rpc;
    this.#decoder = createForkRequestDecoder(wire);
  }

  /** False when the method is not offered. */
  open(service: ForkService, admission: Admission): boolean {
    this.#input = service.openFork(this, admission);
    return this.#input !== undefined;
  }

  message(bytes: Uint8Array, start: number, end: number): boolean {
    const input = this.#input;
    if (input === undefined) return false;
    this.#decoder.decode(bytes, start, end);
    const { message } = this.#decoder;
    const goesOn = this.#begun
      ? input.continues(message.conversationId, message.organization)
      : this.#begin(input, message);
    if (!goesOn) return false;
    if (message.hasAudio) input.frame(this.#frame.read(message));
    return true;
  }

  #begin(input: ForkInput, { conversationId, organization, additionalInfo }: ForkRequestMessage): boolean {
    this.#begun = true;
    return input.begin({ conversationId, organization, additionalInfo: { ...additionalInfo } });
  }

  release(): void {
    this.#input = undefined;
  }

  halfClose(): void {
    this.#input?.halfClose();
  }

  cancel(): void {
    this.#input?.cancel();
  }

  answer(answer: ForkAnswer): void {
    this.#rpc.send([frameForkAnswer(answer)], false);
    this.#rpc.complete();
  }

  fail(failure: RpcFailure, message: string): void {
    this.#rpc.fail(failure, message);
  }
}

/** Makes the method's side of one RPC; undefined when the method is not offered. */
export function createForkMethod(
  rpc: LaneRpc,
  admission: Admission,
  { forks, wire }: { readonly forks: ForkService; readonly wire: WireReader },
): LaneMethod | undefined {
  const method = new ForkMethod(rpc, wire);
  return method.open(forks, admission) ? method : undefined;
}
