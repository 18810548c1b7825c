// Which services serve: one registry behind both health services and the HTTP endpoints.

/** Whether a service serves. */
export type ServingStatus = 'serving' | 'not_serving';

/** The names that probes in the field ask for, besides the empty one for the server as a whole. */
export const HEALTH_SERVICES: readonly string[] = [
  '',
  'com.cisco.wcc.ccai.media.v1.VoiceVirtualAgent',
  'grpc.health.v1.Health',
  'com.cisco.wcc.ccai.v1.Health',
  'byova.gateway',
  'byova.VoiceVirtualAgentService',
];

/** Which services serve. */
export interface HealthRegistry {
  /** `undefined` for a name that is not known. */
  status(service: string): ServingStatus | undefined;
  all(): ReadonlyMap<string, ServingStatus>;
  /** Changes every service. */
  setAll(status: ServingStatus): void;
  /** Calls back at each change until the returned function is called. */
  watch(onChange: () => void): () => void;
}

/** Makes a registry in which nothing serves yet. */
export function createHealthRegistry(): HealthRegistry {
  let current: ServingStatus = 'not_serving';
  const watchers = new Set<() => void>();
  return {
    status: (service) => (HEALTH_SERVICES.includes(service) ? current : undefined),
    all: () => new Map(HEALTH_SERVICES.map((name) => [name, current])),
    setAll(status) {
      if (status === current) return;
      current = status;
      for (const watcher of watchers) watcher();
    },
    watch(onChange) {
      watchers.add(onChange);
      return () => watchers.delete(onChange);
    },
  };
}
