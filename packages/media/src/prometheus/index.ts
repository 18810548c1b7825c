// Every export of @byova/media/prometheus, by name. Needs no library.
/**
 * Metrics of a media server for Prometheus.
 *
 * @module @byova/media/prometheus
 */
export type { PrometheusMetrics, PrometheusMetricsOptions } from './create-prometheus-metrics.ts';
export { createPrometheusMetrics } from './create-prometheus-metrics.ts';
export type { PrometheusFormat } from './exposition.ts';
