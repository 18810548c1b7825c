// Both health services over one registry: gRPC's own and Webex's. Unknown names: NOT_FOUND from gRPC's Check, SERVICE_UNKNOWN
// from its Watch, UNKNOWN from Webex's. Probes have no token, so a check costs as little as it can: answers are made once.
import { create, toBinary } from '@bufbuild/protobuf';
import type { HealthRegistry, ServingStatus } from '../../wire/health-registry.ts';
import type { HealthMethod } from '../../wire/route.ts';
import { frameMessage } from '../frame-message.ts';
import {
  HealthCheckResponseSchema as CiscoResponseSchema,
  HealthCheckResponse_ServingStatus as CiscoStatus,
} from '../gen/com/cisco/wcc/ccai/v1/health_pb.ts';
import {
  HealthCheckResponseSchema as GrpcResponseSchema,
  HealthCheckResponse_ServingStatus as GrpcStatus,
  HealthListResponseSchema,
} from '../gen/grpc/health/v1/health_pb.ts';
import type { LaneMethod, LaneRpc } from './lane-rpc.ts';
import { UnaryMethod } from './unary-method.ts';
import type { WireReader } from './wire-reader.ts';

/** The field of both requests that names a service. */
const SERVICE_FIELD = 1;

/** Groups that a request may nest in fields that are not known. */
const MAX_GROUP_DEPTH = 100;

/** The framed answers of one health service. */
type Answers = Readonly<Record<ServingStatus | 'unknown', Uint8Array>>;

const GRPC_NUMBERS = {
  serving: GrpcStatus.SERVING,
  not_serving: GrpcStatus.NOT_SERVING,
  unknown: GrpcStatus.SERVICE_UNKNOWN,
} as const;

const grpcAnswer = (status: keyof typeof GRPC_NUMBERS): Uint8Array =>
  frameMessage(toBinary(GrpcResponseSchema, create(GrpcResponseSchema, { status: GRPC_NUMBERS[status] })));

const ciscoAnswer = (status: CiscoStatus): Uint8Array =>
  frameMessage(toBinary(CiscoResponseSchema, create(CiscoResponseSchema, { status })));

const GRPC_ANSWERS: Answers = {
  serving: grpcAnswer('serving'),
  not_serving: grpcAnswer('not_serving'),
  unknown: grpcAnswer('unknown'),
};

const CISCO_ANSWERS: Answers = {
  serving: ciscoAnswer(CiscoStatus.SERVING),
  not_serving: ciscoAnswer(CiscoStatus.NOT_SERVING),
  unknown: ciscoAnswer(CiscoStatus.UNKNOWN),
};

/** Reads the name of the service out of a request; '' asks for the server as a whole. */
function readServiceName(reader: WireReader, bytes: Uint8Array, start: number, end: number): string {
  let service = '';
  reader.open(bytes, start, end);
  while (reader.position < end) {
    const tag = reader.tag();
    if (tag === ((SERVICE_FIELD << 3) | 2)) service = reader.text(service);
    else reader.skip(tag, MAX_GROUP_DEPTH);
  }
  return service;
}

/** Check: one status. */
class CheckMethod extends UnaryMethod {
  readonly #methods: HealthMethods;
  readonly #service: 'grpc' | 'cisco';
  #name = '';

  constructor(rpc: LaneRpc, methods: HealthMethods, service: 'grpc' | 'cisco') {
    super(rpc);
    this.#methods = methods;
    this.#service = service;
  }

  protected override read(bytes: Uint8Array, start: number, end: number): void {
    this.#name = readServiceName(this.#methods.reader, bytes, start, end);
  }

  protected override answer(): void {
    const status = this.#methods.registry.status(this.#name);
    if (status === undefined && this.#service === 'grpc') {
      this.rpc.fail('not_found', 'The service is not known.');
      return;
    }
    const answers = this.#service === 'grpc' ? GRPC_ANSWERS : CISCO_ANSWERS;
    this.rpc.send([answers[status ?? 'unknown']], false);
    this.rpc.complete();
  }
}

/** Watch: the status now and at each change, until the client leaves or the server closes. */
class WatchMethod extends UnaryMethod {
  readonly #methods: HealthMethods;
  readonly #answers: Answers;
  #name = '';
  #sent: ServingStatus | 'unknown' | undefined;
  #stop: (() => void) | undefined;

  constructor(rpc: LaneRpc, methods: HealthMethods, answers: Answers) {
    super(rpc);
    this.#methods = methods;
    this.#answers = answers;
    methods.watches += 1;
  }

  protected override read(bytes: Uint8Array, start: number, end: number): void {
    this.#name = readServiceName(this.#methods.reader, bytes, start, end);
  }

  protected override answer(): void {
    this.#stop = this.#methods.registry.watch(() => this.#send());
    this.#send();
  }

  #send(): void {
    const status = this.#methods.registry.status(this.#name) ?? 'unknown';
    if (status === this.#sent) return;
    this.#sent = status;
    this.rpc.send([this.#answers[status]], false);
  }

  override release(): void {
    this.#methods.watches -= 1;
    this.#stop?.();
    this.#stop = undefined;
  }
}

/** List: the statuses of all services. */
class HealthListMethod extends UnaryMethod {
  readonly #methods: HealthMethods;

  constructor(rpc: LaneRpc, methods: HealthMethods) {
    super(rpc);
    this.#methods = methods;
  }

  protected override read(): void {}

  protected override answer(): void {
    const statuses = Object.fromEntries(
      [...this.#methods.registry.all()].map(([name, status]) => [name, { status: GRPC_NUMBERS[status] }]),
    );
    this.rpc.send(
      [frameMessage(toBinary(HealthListResponseSchema, create(HealthListResponseSchema, { statuses })))],
      false,
    );
    this.rpc.complete();
  }
}

/** Opens the methods of both health services. */
export class HealthMethods {
  readonly registry: HealthRegistry;
  readonly reader: WireReader;
  readonly #maxWatches: number;
  /** Watches that are open. */
  watches = 0;

  constructor(registry: HealthRegistry, reader: WireReader, maxWatches: number) {
    this.registry = registry;
    this.reader = reader;
    this.#maxWatches = maxWatches;
  }

  /** Opens a method; undefined for one watch too many. */
  open(method: HealthMethod, rpc: LaneRpc): LaneMethod | undefined {
    switch (method) {
      case 'grpc_check':
        return new CheckMethod(rpc, this, 'grpc');
      case 'cisco_check':
        return new CheckMethod(rpc, this, 'cisco');
      case 'grpc_list':
        return new HealthListMethod(rpc, this);
      case 'grpc_watch':
        return this.#watch(rpc, GRPC_ANSWERS);
      case 'cisco_watch':
        return this.#watch(rpc, CISCO_ANSWERS);
    }
  }

  #watch(rpc: LaneRpc, answers: Answers): LaneMethod | undefined {
    return this.watches < this.#maxWatches ? new WatchMethod(rpc, this, answers) : undefined;
  }
}
