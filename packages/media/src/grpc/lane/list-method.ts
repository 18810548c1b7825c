// ListVirtualAgents on the lane.
import { fromBinary, toBinary } from '@bufbuild/protobuf';
import type { Admission } from '../../wire/gate.ts';
import type { CallService } from '../../wire/port.ts';
import type { ListedAgent } from '../../wire/response.ts';
import { encodeAgents } from '../encode-response.ts';
import { frameMessage } from '../frame-message.ts';
import { ListVARequestSchema, ListVAResponseSchema } from '../gen/com/cisco/wcc/ccai/media/v1/byova_common_pb.ts';
import type { LaneRpc } from './lane-rpc.ts';
import { UnaryMethod } from './unary-method.ts';
import { MalformedMessageError } from './wire-reader.ts';

/** One request for the agents of an organization. */
export class ListMethod extends UnaryMethod {
  readonly #admission: Admission;
  readonly #service: CallService;
  #organization = '';

  constructor(rpc: LaneRpc, admission: Admission, service: CallService) {
    super(rpc);
    this.#admission = admission;
    this.#service = service;
  }

  protected override read(bytes: Uint8Array, start: number, end: number): void {
    try {
      this.#organization = fromBinary(ListVARequestSchema, bytes.subarray(start, end)).customerOrgId;
    } catch {
      throw new MalformedMessageError('The message cannot be read.');
    }
  }

  protected override answer(): void {
    this.#service
      .listAgents({ organization: this.#organization, admission: this.#admission })
      .then((agents) => this.#send(agents))
      .catch(() => this.rpc.fail('internal', 'The virtual agents could not be listed.'));
  }

  #send(agents: readonly ListedAgent[] | undefined): void {
    if (agents === undefined) {
      this.rpc.fail('permission_denied', 'The virtual agents are those of another organization.');
      return;
    }
    this.rpc.send([frameMessage(toBinary(ListVAResponseSchema, encodeAgents(agents)))], false);
    this.rpc.complete();
  }
}
