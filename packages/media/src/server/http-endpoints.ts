// What a load balancer or a person asks over plain HTTP: GET /health, and Webex's GET /<anything>/v1/ping.
import type { HealthRegistry } from '../wire/health-registry.ts';

/** An answer to an HTTP request. */
export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
}

const PING_PATH = /^\/(?:[^/?]+\/)+v1\/ping$|^\/v1\/ping$/;

/** Answers a request by method and path; anything unknown is 404. */
export function answerHttp(method: string, url: string, health: HealthRegistry, serviceName: string): HttpAnswer {
  const [path = '/'] = url.split('?', 1);
  const get = method === 'GET' || method === 'HEAD';
  const serving = health.status('') === 'serving';
  if (get && path === '/health') {
    const body = {
      status: serving ? 'healthy' : 'unavailable',
      service: serviceName,
      timestamp: new Date().toISOString(),
    };
    return { status: serving ? 200 : 503, body: JSON.stringify(body) };
  }
  if (get && PING_PATH.test(path)) {
    const state = serving ? 'online' : 'offline';
    const body = {
      serviceName,
      serviceType: 'REQUIRED',
      serviceState: state,
      message: `${serviceName} is ${state.toUpperCase()}`,
      lastUpdated: new Date().toISOString(),
    };
    return { status: serving ? 200 : 503, body: JSON.stringify(body) };
  }
  return { status: 404, body: JSON.stringify({ error: 'not found' }) };
}
