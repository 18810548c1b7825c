// Both health services over one registry: gRPC's own and Webex's. Unknown names: NOT_FOUND from Check, SERVICE_UNKNOWN
// from Watch, whose stream stays open.
import { Code, ConnectError, type HandlerContext, type ServiceImpl } from '@connectrpc/connect';
import type { HealthRegistry, ServingStatus } from '../wire/health-registry.ts';
import {
  type Health as CiscoHealth,
  HealthCheckResponse_ServingStatus as CiscoStatus,
} from './gen/com/cisco/wcc/ccai/v1/health_pb.ts';
import {
  type Health as GrpcHealth,
  HealthCheckResponse_ServingStatus as GrpcStatus,
} from './gen/grpc/health/v1/health_pb.ts';

function grpcStatus(status: ServingStatus): GrpcStatus {
  return status === 'serving' ? GrpcStatus.SERVING : GrpcStatus.NOT_SERVING;
}

function ciscoStatus(status: ServingStatus | undefined): CiscoStatus {
  if (status === undefined) return CiscoStatus.UNKNOWN;
  return status === 'serving' ? CiscoStatus.SERVING : CiscoStatus.NOT_SERVING;
}

/** Gives the status now and at each change, until the client leaves or the server closes. */
async function* changes(
  health: HealthRegistry,
  service: string,
  signal: AbortSignal,
): AsyncGenerator<ServingStatus | undefined> {
  let wake: (() => void) | undefined;
  const stop = health.watch(() => wake?.());
  const onAbort = (): void => wake?.();
  signal.addEventListener('abort', onAbort, { once: true });
  let told: ServingStatus | 'unknown' | undefined;
  try {
    while (!signal.aborted) {
      const status = health.status(service);
      if ((status ?? 'unknown') !== told) {
        told = status ?? 'unknown';
        yield status;
        continue;
      }
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  } finally {
    signal.removeEventListener('abort', onAbort);
    stop();
  }
}

/** grpc.health.v1.Health. */
export function createGrpcHealth(health: HealthRegistry): ServiceImpl<typeof GrpcHealth> {
  return {
    check({ service }) {
      const status = health.status(service);
      if (status === undefined) throw new ConnectError('The service is not known.', Code.NotFound);
      return { status: grpcStatus(status) };
    },
    list() {
      const statuses = [...health.all()].map(([name, status]) => [name, { status: grpcStatus(status) }] as const);
      return { statuses: Object.fromEntries(statuses) };
    },
    async *watch({ service }, context: HandlerContext) {
      for await (const status of changes(health, service, context.signal)) {
        yield { status: status === undefined ? GrpcStatus.SERVICE_UNKNOWN : grpcStatus(status) };
      }
    },
  };
}

/** com.cisco.wcc.ccai.v1.Health. */
export function createCiscoHealth(health: HealthRegistry): ServiceImpl<typeof CiscoHealth> {
  return {
    check({ service }) {
      return { status: ciscoStatus(health.status(service)) };
    },
    async *watch({ service }, context: HandlerContext) {
      for await (const status of changes(health, service, context.signal)) {
        yield { status: ciscoStatus(status) };
      }
    },
  };
}
