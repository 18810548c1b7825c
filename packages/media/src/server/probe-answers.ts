// The answers to plain HTTP: GET /health for load balancers and people, GET /<anything>/v1/ping for Webex.
import type { HealthRegistry } from '../wire/health-registry.ts';
import type { Probe } from '../wire/route.ts';

/** An answer to an HTTP request. */
export interface HttpAnswer {
  readonly status: number;
  /** JSON. */
  readonly body: string;
}

/** Answers a probe by what the registry says of the server as a whole. */
export function answerProbe(probe: Probe, health: HealthRegistry, serviceName: string): HttpAnswer {
  const serving = health.status('') === 'serving';
  const status = serving ? 200 : 503;
  const timestamp = new Date().toISOString();
  if (probe === 'health') {
    const body = { status: serving ? 'healthy' : 'unavailable', service: serviceName, timestamp };
    return { status, body: JSON.stringify(body) };
  }
  const state = serving ? 'online' : 'offline';
  const body = {
    serviceName,
    serviceType: 'REQUIRED',
    serviceState: state,
    message: `${serviceName} is ${state.toUpperCase()}`,
    lastUpdated: timestamp,
  };
  return { status, body: JSON.stringify(body) };
}
