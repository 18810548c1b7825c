// Metrics for Prometheus: a plugin that counts, and what answers the scraper.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { checkMembers } from '../checks/check-members.ts';
import { MediaError } from '../errors/media-errors.ts';
import type { MediaPlugin } from '../observability/plugin.ts';
import { createLabelBounds } from '../telemetry/label-bounds.ts';
import { MEASURES } from '../telemetry/measures.ts';
import { createMeasuring } from '../telemetry/measuring.ts';
import { CONTENT_TYPES, formatFor, type PrometheusFormat, writeExposition } from './exposition.ts';
import { createFamilies } from './families.ts';

/** Of one histogram: each is a line for each set of labels. */
const MAX_BUCKETS = 200;

/** Options of {@link createPrometheusMetrics}. */
export interface PrometheusMetricsOptions {
  /**
   * How many different values a label with open values takes: agents, reasons, codes of errors. Further ones are counted
   * under `other`. 1 to 10 000. Default 100.
   */
  readonly maxLabelValues?: number;
  /**
   * The upper bounds of histograms in place of the defaults, in s, ascending, by the name of the metric:
   * `{ byova_turn_response_seconds: [0.2, 0.5, 1, 2] }`.
   */
  readonly buckets?: Readonly<Record<string, readonly number[]>>;
}

/** What {@link createPrometheusMetrics} makes. */
export interface PrometheusMetrics {
  /** For `server.use()`. One server: its gauges are of the last that told. */
  readonly plugin: MediaPlugin;
  /** All metrics as text. Default format `'prometheus'`, which can be put together with the text of another library. */
  text(format?: PrometheusFormat): string;
  /** Answers a scraper, for `http.createServer` and routers of Node. Answers on every path that it is given. */
  readonly handler: (request: IncomingMessage, response: ServerResponse) => void;
  /** Answers a scraper, fetch-style. */
  readonly fetch: (request: Request) => Response;
}

function isAscending(bounds: readonly unknown[]): boolean {
  if (bounds.length === 0 || bounds.length > MAX_BUCKETS) return false;
  return bounds.every((bound, index) => {
    if (typeof bound !== 'number' || !Number.isFinite(bound)) return false;
    return index === 0 || bound > Number(bounds[index - 1]);
  });
}

function invalid(message: string, cause?: unknown): MediaError {
  return new MediaError({ code: 'OPTIONS_INVALID', message, cause });
}

/** Checks the bounds of histograms, and gives them as they were read. */
function checkBuckets(
  given: Readonly<Record<string, readonly number[]>> | undefined,
): Readonly<Record<string, readonly number[]>> | undefined {
  if (given === undefined) return undefined;
  let buckets: Readonly<Record<string, readonly number[]>>;
  try {
    buckets = Object.fromEntries(
      Object.entries(given).map(([name, bounds]) => [name, [...bounds.slice(0, MAX_BUCKETS + 1)]]),
    );
  } catch (cause) {
    throw invalid('buckets cannot be read; see cause. Give an object of arrays of numbers.', cause);
  }
  for (const [name, bounds] of Object.entries(buckets)) {
    const measure = Object.values(MEASURES).find((one) => one.name === name);
    if (measure?.kind === 'histogram' && isAscending(bounds)) continue;
    throw invalid(
      `buckets.${name.slice(0, 100)} is not usable: the name of a histogram, and an array of 1 to ${MAX_BUCKETS} finite ` +
        'bounds, ascending.',
    );
  }
  return buckets;
}

/**
 * Makes metrics for Prometheus, of a media server that is given the plugin. What they measure and what the labels mean is
 * in the guide to observability.
 *
 * @throws MediaError `OPTIONS_INVALID`
 *
 * @example
 * ```ts
 * import { createServer } from 'node:http';
 * import { MediaServer } from '@byova/media';
 * import { createPrometheusMetrics } from '@byova/media/prometheus';
 *
 * const metrics = createPrometheusMetrics();
 * const server = new MediaServer({ agents: [{ id: 'reception', name: 'Reception' }] });
 * server.use(metrics.plugin);
 * // A port of its own: that of the calls can be reached from outside.
 * const scraped = createServer(metrics.handler).listen(0, '127.0.0.1');
 * console.log(metrics.text().includes('byova_sessions_capacity')); // true
 * scraped.close();
 * ```
 */
export function createPrometheusMetrics(given: PrometheusMetricsOptions = {}): PrometheusMetrics {
  const options = checkMembers('createPrometheusMetrics', given, ['maxLabelValues', 'buckets']);
  const families = createFamilies(checkBuckets(options.buckets));
  const measuring = createMeasuring(families.take, createLabelBounds(options.maxLabelValues));

  const answer = (method: string, accept: string | null | undefined) => {
    if (method !== 'GET' && method !== 'HEAD') return { status: 405, headers: { allow: 'GET, HEAD' }, body: '' };
    const format = formatFor(accept);
    const headers = { 'content-type': CONTENT_TYPES[format], 'cache-control': 'no-store' };
    return { status: 200, headers, body: method === 'HEAD' ? '' : writeExposition(families, format) };
  };

  return {
    plugin: { name: 'prometheus', observe: measuring.observe, close: measuring.close },
    text: (format = 'prometheus') => writeExposition(families, format),
    handler(request, response) {
      const { status, headers, body } = answer(request.method ?? 'GET', request.headers.accept);
      request.resume();
      response.writeHead(status, headers).end(body);
    },
    fetch(request) {
      const { status, headers, body } = answer(request.method, request.headers.get('accept'));
      return new Response(body, { status, headers });
    },
  };
}
